//! All that a plugin needs, for `use cofferdam_sdk::prelude::*`.

pub use crate::{
    Audio, Cache, Call, Config, Db, Http, Image, Level, NoArgs, Reply, Result, Text, ToolError, hours,
    minutes, plugin, seconds, tool,
};
pub use schemars::JsonSchema;
pub use serde::{Deserialize, Serialize};
pub use serde_json::json;

//! All that a plugin needs, for `use cofferdam_sdk::prelude::*`.

pub use crate::{Audio, Call, Config, Image, Level, NoArgs, Reply, Result, Text, ToolError, plugin, tool};
pub use schemars::JsonSchema;
pub use serde::{Deserialize, Serialize};
pub use serde_json::json;

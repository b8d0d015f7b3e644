//! Write tools for cofferdam: a Rust function becomes a tool of every MCP client, in a sandbox.
//!
//! ```
//! use cofferdam_sdk::prelude::*;
//!
//! #[derive(Deserialize, JsonSchema)]
//! struct Add {
//!     a: i64,
//!     b: i64,
//! }
//!
//! /// Add two numbers.
//! #[tool]
//! fn add(x: Add) -> Result<i64> {
//!     Ok(x.a + x.b)
//! }
//!
//! plugin!(add);
//! # fn main() {}
//! ```
//!
//! The plugin's `Cargo.toml` depends on `cofferdam-sdk`, `serde` and `schemars`, and has
//! `crate-type = ["cdylib", "rlib"]`. There is no WIT to write.
//!
//! - [`macro@tool`] makes a tool of a function, [`plugin!`] exports tools.
//! - [`Call`], [`Config`], [`Cache`], [`Db`] and [`Http`] are handles: parameters after the first, through which a tool
//!   reaches the host.
//! - [`ToolError`] says why there is no result, [`Reply`] is a result put together by hand.
//! - `mock::Host` runs tools natively, in `cargo test`.
//!
//! What this crate does not do: validate arguments against their schema or enforce limits. The host does both.

mod arguments;
mod cache;
mod call;
mod config;
pub mod db;
mod entry;
mod error;
#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod guest;
mod handle;
mod http;
#[cfg(not(target_arch = "wasm32"))]
pub mod mock;
pub mod prelude;
mod reply;
mod schema;
mod tool;

pub use arguments::{Arguments, NoArgs};
pub use cache::{Cache, hours, minutes, seconds};
pub use call::{Amount, Call, Client, Level, Principal, Total};
pub use cofferdam_macros::{plugin, tool};
pub use config::Config;
pub use db::Db;
pub use error::{Result, ToolError};
pub use handle::{Handle, Scope};
pub use http::{Body, Http, Request, Response};
pub use reply::{
    Annotations, Audio, Content, Icon, Image, IntoReply, Media, Reply, Resource, ResourceBody, ResourceLink,
    Role, Text,
};
pub use schemars;
pub use serde;
pub use serde_json;
pub use tool::{Definition, Hints, Tool, ToolInfo};

/// A JSON object: `_meta`, the capabilities of a client, the claims of a token.
pub type JsonObject = serde_json::Map<String, serde_json::Value>;

/// What the macros write. Not an interface for people: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::entry::{Entry, is_taken};
    pub use crate::error::{Fallible, convert};
}

/// The examples of the README compile and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;

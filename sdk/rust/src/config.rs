//! The handle `Config`: settings of the plugin from the operator's file. Not for secrets.

use serde::de::DeserializeOwned;

use crate::arguments::from_json;
use crate::handle::{Handle, Scope};
use crate::{Result, ToolError};

/// The plugin's settings: the table `[plugins.<id>.config]` of the operator's `cofferdam.toml`.
///
/// ```
/// use cofferdam_sdk::prelude::*;
///
/// /// The unit in which temperatures are given.
/// #[tool(read_only)]
/// fn unit(_: NoArgs, config: Config) -> Result<String> {
///     Ok(config.get("unit")?.unwrap_or_else(|| "celsius".to_owned()))
/// }
///
/// # fn main() {
/// let host = cofferdam_sdk::mock::Host::new().config("unit", json!("kelvin"));
/// assert_eq!(host.call::<unit>(json!({})), Ok("kelvin".to_owned()));
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Config {
    scope: Scope,
}

impl Config {
    /// The value of a key, none if it is not set. An error if it is set to something that isn't a `T`.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        let Some(text) = self.scope.config(key) else { return Ok(None) };
        from_json(&text).map(Some).map_err(|problem| {
            ToolError::failed(format!(
                "the setting `{key}` of this plugin is wrong: {problem}; the operator corrects it under `[plugins.<id>.config]` in cofferdam.toml"
            ))
        })
    }

    /// The value of a key that must be set. The error says which line to add.
    pub fn require<T: DeserializeOwned>(&self, key: &str) -> Result<T> {
        self.get(key)?.ok_or_else(|| {
            ToolError::failed(format!(
                "this plugin needs the setting `{key}`: the operator adds `{key} = ...` under `[plugins.<id>.config]` in cofferdam.toml"
            ))
        })
    }
}

impl Handle for Config {
    fn open(scope: &Scope) -> Self {
        Self { scope: scope.clone() }
    }
}

//! A plugin's settings from the operator's file. Not for secrets: a guest reads them as they are.

use serde_json::{Map, Value};

/// The `config` table of one plugin.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings(Map<String, Value>);

impl Settings {
    /// From the table as the operator wrote it.
    #[must_use]
    pub fn new(table: Map<String, Value>) -> Self {
        Self(table)
    }

    /// The value of `key` as JSON text.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<String> {
        self.0.get(key).map(Value::to_string)
    }
}

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

    /// The value of `key` as plain text: strings as they are, everything else as JSON.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<String> {
        self.0.get(key).map(plain)
    }

    /// All of them, as plain text.
    pub fn texts(&self) -> impl Iterator<Item = (&str, String)> {
        self.0.iter().map(|(key, value)| (key.as_str(), plain(value)))
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_string_is_plain_text_and_anything_else_is_json() {
        let Value::Object(table) = json!({ "a": "x \"y\"", "b": 1.5, "c": [true], "d": { "e": "f" } }) else {
            panic!("it is an object")
        };
        let settings = Settings::new(table);
        let texts: Vec<_> = settings.texts().collect();
        let plain = [("a", "x \"y\""), ("b", "1.5"), ("c", "[true]"), ("d", "{\"e\":\"f\"}")];
        assert_eq!(texts, plain.map(|(key, text)| (key, text.to_owned())));
        assert_eq!((settings.text("a"), settings.text("z")), (Some("x \"y\"".to_owned()), None));
    }
}

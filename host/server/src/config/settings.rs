//! A plugin's settings, from TOML to the JSON that the plugin reads.

use serde_json::{Map, Number, Value};

/// The table as JSON. A date or a time becomes its text.
pub(super) fn json(table: &toml::Table) -> Result<Map<String, Value>, String> {
    table.iter().map(|(key, item)| Ok((key.clone(), value(item)?))).collect()
}

fn value(item: &toml::Value) -> Result<Value, String> {
    Ok(match item {
        toml::Value::String(text) => Value::String(text.clone()),
        toml::Value::Integer(number) => Value::from(*number),
        toml::Value::Float(number) => match Number::from_f64(*number) {
            Some(number) => Value::Number(number),
            None => return Err(format!("expected a number that JSON has, found {number}")),
        },
        toml::Value::Boolean(is) => Value::Bool(*is),
        toml::Value::Datetime(time) => Value::String(time.to_string()),
        toml::Value::Array(items) => Value::Array(items.iter().map(value).collect::<Result<_, _>>()?),
        toml::Value::Table(table) => Value::Object(json(table)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_reach_the_plugin_as_json() {
        let table = "a = 1\nb = [1.5, true]\nday = 2026-11-20\n[c]\nd = \"x\"".parse().unwrap();
        let expected =
            serde_json::json!({ "a": 1, "b": [1.5, true], "day": "2026-11-20", "c": { "d": "x" } });
        assert_eq!(Value::Object(json(&table).unwrap()), expected);
    }

    #[test]
    fn a_number_that_json_does_not_have_is_refused() {
        let error = json(&"a = inf".parse().unwrap()).unwrap_err();
        assert_eq!(error, "expected a number that JSON has, found inf");
    }
}

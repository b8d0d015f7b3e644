//! The JSON Schema of the operator's file, and what it says of one key.
//!
//! Made from [`super::written`], so that what an editor suggests is what the host reads.

use schemars::{
    Schema,
    generate::SchemaSettings,
    transform::{RecursiveTransform, Transform},
};
use serde_json::{Map, Value};

use super::written::Written;
use crate::config::nearest;

/// The JSON Schema of the file.
#[must_use]
pub(crate) fn schema() -> Schema {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<Written>();
    RecursiveTransform(clean).transform(&mut schema);
    schema
}

/// [`schema`] as the text that is committed and printed.
#[must_use]
pub(crate) fn text() -> String {
    let mut text = serde_json::to_string_pretty(schema().as_value()).unwrap_or_default();
    text.push('\n');
    text
}

/// TOML has no null, and a table that is left out is an empty one: neither is worth a word.
fn clean(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    object.remove("default");
    object.remove("format");
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if let Some(Value::Array(alternatives)) = object.get_mut("anyOf") {
        alternatives.retain(|alternative| alternative.get("type") != Some(&"null".into()));
        if let [Value::Object(only)] = alternatives.as_mut_slice() {
            let only = std::mem::take(only);
            object.remove("anyOf");
            fold(object, only);
        }
    }
    join_lines(object);
}

/// Adds what `object` doesn't say itself.
fn fold(object: &mut Map<String, Value>, from: Map<String, Value>) {
    for (key, value) in from {
        object.entry(key).or_insert(value);
    }
}

/// A comment's line breaks are the source's, not the reader's.
fn join_lines(object: &mut Map<String, Value>) {
    if let Some(Value::String(text)) = object.get_mut("description") {
        *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
}

/// What the schema says of a path.
pub(super) enum Lookup<'a> {
    /// A key of the file.
    Known(&'a Value),
    /// Inside a table whose keys are free.
    Free,
    /// Below a key that holds a plain value.
    Plain {
        /// Which segment of the path holds it.
        depth: usize,
        /// That key.
        key: &'a Value,
    },
    /// No such key.
    Unknown {
        /// Which segment of the path.
        depth: usize,
        /// The key that was probably meant.
        nearest: Option<&'a str>,
        /// All keys there.
        known: Vec<&'a str>,
    },
}

/// Follows `path` through the schema.
pub(super) fn look_up<'a>(schema: &'a Value, path: &[String]) -> Lookup<'a> {
    let mut at = schema;
    for (depth, key) in path.iter().enumerate() {
        let properties = at.get("properties").and_then(Value::as_object);
        if let Some(found) = properties.and_then(|properties| properties.get(key)) {
            at = found;
            continue;
        }
        at = match (at.get("additionalProperties"), properties) {
            (Some(any @ Value::Object(_)), _) => any,
            (Some(Value::Bool(false)), properties) => {
                let keys = properties.into_iter().flat_map(Map::keys);
                let known: Vec<_> = keys.map(String::as_str).collect();
                return Lookup::Unknown { depth, nearest: nearest(key, &known), known };
            }
            _ if is_table(at) => return Lookup::Free,
            _ => return Lookup::Plain { depth: depth.saturating_sub(1), key: at },
        };
    }
    Lookup::Known(at)
}

/// Whether a key holds a table.
pub(super) fn is_table(schema: &Value) -> bool {
    schema.get("type").is_some_and(|kind| kind == "object")
}

/// The description of a key.
pub(super) fn description(schema: &Value) -> Option<&str> {
    schema.get("description").and_then(Value::as_str)
}

/// The keys that hold a plain value, each as its path; `<id>` stands for a plugin's id.
pub(super) fn plain_keys(schema: &Value) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    collect(schema, &mut Vec::new(), &mut found);
    found
}

fn collect(schema: &Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let mut below = |key: &str, schema: &Value| {
        path.push(key.to_owned());
        collect(schema, path, found);
        path.pop();
    };
    let properties = schema.get("properties").and_then(Value::as_object);
    let any = schema.get("additionalProperties").filter(|any| any.is_object());
    if properties.is_none() && any.is_none() {
        found.push(path.clone());
        return;
    }
    for (key, schema) in properties.into_iter().flatten() {
        below(key, schema);
    }
    if let Some(schema) = any {
        below("<id>", schema);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Vec<String> {
        text.split('.').map(str::to_owned).collect()
    }

    #[test]
    fn the_committed_schema_is_the_one_that_the_host_reads_by() {
        let committed = include_str!("../../config.schema.json");
        assert!(
            committed == text(),
            "config.schema.json is out of date: `cargo run -- config schema > host/server/config.schema.json`"
        );
    }

    #[test]
    fn every_key_says_what_it_is_and_every_plain_one_its_default() {
        let schema = schema();
        for key in plain_keys(schema.as_value()) {
            let Lookup::Known(found) = look_up(schema.as_value(), &key) else { panic!("{key:?}") };
            let text = description(found).unwrap_or_default();
            let settings = key.last().unwrap() == "config";
            let inherited = key.len() == 4;
            assert!(settings || inherited || text.contains("Default"), "{key:?}: {text:?}");
        }
    }

    #[test]
    fn nothing_in_the_schema_is_null_or_elsewhere() {
        let text = text();
        for word in ["\"null\"", "$ref", "$defs", "\"default\"", "\"format\": \"uint"] {
            assert!(!text.contains(word), "{word}");
        }
    }

    #[test]
    fn a_path_is_known_free_or_unknown() {
        let schema = schema();
        let look_up = |text: &str| look_up(schema.as_value(), &path(text));
        assert!(matches!(look_up("server.http"), Lookup::Known(_)));
        assert!(matches!(look_up("plugins.a.limits.fuel"), Lookup::Known(_)));
        assert!(matches!(look_up("plugins.a.config.any.thing"), Lookup::Free));
        assert!(matches!(look_up("server.http.x"), Lookup::Plain { depth: 1, .. }));
        assert!(matches!(look_up("srver.http"), Lookup::Unknown { depth: 0, nearest: Some("server"), .. }));
        assert!(matches!(
            look_up("plugins.a.limit"),
            Lookup::Unknown { depth: 2, nearest: Some("limits"), .. }
        ));
    }
}

//! From `key=value` to a tool's arguments, as its schema says.
//!
//! Only the reading is done here: whether the arguments are right is decided where a client's are.

use std::io::Read;

use cofferdam_runtime::{Tool, content::JsonObject};
use serde_json::Value;

use crate::{
    cli::{Exit, Failure},
    config::nearest,
};

/// The arguments of a call: of one JSON text, or of single values.
pub(super) fn read(tool: &Tool, values: &[String], args: Option<&str>) -> Result<JsonObject, Failure> {
    match args {
        Some(text) => whole(text),
        None => each(tool.input.source(), values, &mut std::io::stdin()),
    }
}

fn usage(message: impl Into<String>) -> Failure {
    Failure::new(Exit::Usage, message)
}

fn whole(text: &str) -> Result<JsonObject, Failure> {
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(other) => Err(usage(format!("--args: expected a JSON object, found {}", kind(&other)))),
        Err(error) => {
            Err(usage(format!("--args: expected a JSON object, found text that is not JSON: {error}")))
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn each(schema: &JsonObject, values: &[String], stdin: &mut impl Read) -> Result<JsonObject, Failure> {
    let mut arguments = JsonObject::new();
    let mut from_stdin: Option<&str> = None;
    for item in values {
        let (key, text) = item.split_once('=').ok_or_else(|| {
            usage(format!("expected KEY=VALUE, found {item:?}; or give all arguments with --args JSON"))
        })?;
        let property = property(schema, key)?;
        if text == "-"
            && let Some(first) = from_stdin.replace(key)
        {
            return Err(usage(format!("`{key}=-`: stdin is read once, and `{first}=-` has it")));
        }
        let text = content(key, text, stdin)?;
        add(&mut arguments, key, &text, &resolved(schema, property))?;
    }
    Ok(arguments)
}

/// What the schema says of an argument. A key that it doesn't know is taken for a slip, unless it says that any
/// key will do.
fn property<'a>(schema: &'a JsonObject, key: &str) -> Result<&'a Value, Failure> {
    let properties = schema.get("properties").and_then(Value::as_object);
    if let Some(found) = properties.and_then(|properties| properties.get(key)) {
        return Ok(found);
    }
    match schema.get("additionalProperties") {
        Some(any @ (Value::Object(_) | Value::Bool(true))) => return Ok(any),
        _ if schema.contains_key("patternProperties") => return Ok(&Value::Null),
        _ => {}
    }
    let known: Vec<&str> = properties.into_iter().flat_map(|map| map.keys()).map(String::as_str).collect();
    let remedy = match nearest(key, &known) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if known.is_empty() => "it takes none".to_owned(),
        None => format!("it takes `{}`", known.join("`, `")),
    };
    Err(usage(format!("the tool has no argument `{key}`; {remedy}")))
}

/// The text that is meant: itself, a file's, or stdin's.
fn content(key: &str, text: &str, stdin: &mut impl Read) -> Result<String, Failure> {
    let read = |from: &str, read: std::io::Result<String>| {
        read.map_err(|error| usage(format!("`{key}`: can't read {from}: {error}")))
    };
    if text == "-" {
        let mut all = String::new();
        return read("stdin", stdin.read_to_string(&mut all).map(|_| all));
    }
    match text.strip_prefix('@') {
        Some(escaped) if escaped.starts_with('@') => Ok(escaped.to_owned()),
        Some(file) => read(file, std::fs::read_to_string(file)),
        None => Ok(text.to_owned()),
    }
}

/// What a property may be.
#[derive(Debug, Default, PartialEq, Eq)]
struct Types {
    text: bool,
    other: bool,
    list: bool,
}

/// Follows references and alternatives; what says nothing may be anything.
fn resolved(root: &JsonObject, schema: &Value) -> Types {
    let mut types = Types::default();
    collect(root, schema, &mut types, 8);
    if types == Types::default() { Types { text: true, other: true, list: false } } else { types }
}

fn collect(root: &JsonObject, schema: &Value, types: &mut Types, depth: u8) {
    let Some(deeper) = depth.checked_sub(1) else { return };
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let path = target.strip_prefix("#/").unwrap_or_default();
        let found = path.split('/').try_fold(None::<&Value>, |at, key| {
            let below = match at {
                None => root.get(key),
                Some(value) => value.get(key),
            };
            below.map(Some)
        });
        if let Some(Some(found)) = found {
            collect(root, found, types, deeper);
        }
    }
    let kinds = match schema.get("type") {
        Some(Value::String(kind)) => vec![kind.as_str()],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    for kind in kinds {
        match kind {
            "string" => types.text = true,
            "array" => types.list = true,
            _ => types.other = true,
        }
    }
    let values =
        schema.get("enum").and_then(Value::as_array).into_iter().flatten().chain(schema.get("const"));
    for value in values {
        if value.is_string() { types.text = true } else { types.other = true }
    }
    for key in ["anyOf", "oneOf", "allOf"] {
        for alternative in schema.get(key).and_then(Value::as_array).into_iter().flatten() {
            collect(root, alternative, types, deeper);
        }
    }
}

/// Adds one value. Text is text where the schema takes text; JSON where it takes something else, too, and the
/// text is no string's.
fn add(arguments: &mut JsonObject, key: &str, text: &str, types: &Types) -> Result<(), Failure> {
    let json = || serde_json::from_str::<Value>(text).ok();
    let value = match types {
        Types { text: true, other: false, list: false } => text.into(),
        Types { text: true, .. } => json().filter(|value| !value.is_string()).unwrap_or_else(|| text.into()),
        // What isn't JSON is passed on as text, and answered as a client's would be.
        _ => json().unwrap_or_else(|| text.into()),
    };
    if !types.list {
        return match arguments.insert(key.to_owned(), value) {
            None => Ok(()),
            Some(_) => Err(usage(format!("`{key}` is given twice, and is no list"))),
        };
    }
    let list = arguments.entry(key).or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(items) = list {
        match value {
            Value::Array(more) => items.extend(more),
            one => items.push(one),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> JsonObject {
        let schema = json!({
            "type": "object",
            "properties": {
                "text": { "type": "string" },
                "n": { "type": "integer" },
                "flag": { "type": "boolean" },
                "mode": { "$ref": "#/$defs/Mode" },
                "either": { "anyOf": [{ "type": "string" }, { "type": "number" }] },
                "tags": { "type": "array", "items": { "type": "string" } },
                "rows": { "type": "array", "items": { "type": "object" } },
                "nested": { "type": "object" },
                "any": {},
            },
            "$defs": { "Mode": { "enum": ["1", "2"] } },
            "additionalProperties": false,
        });
        let Value::Object(schema) = schema else { panic!("a schema is an object") };
        schema
    }

    fn read(values: &[&str]) -> Result<Value, String> {
        let values: Vec<_> = values.iter().map(|value| (*value).to_owned()).collect();
        let arguments = each(&schema(), &values, &mut "from stdin".as_bytes());
        arguments.map(Value::Object).map_err(|failure| failure.message())
    }

    #[test]
    fn a_value_is_read_as_its_argument_s_schema_says() {
        for (values, expected) in [
            (vec!["text=5"], json!({ "text": "5" })),
            (vec!["text=a=b"], json!({ "text": "a=b" })),
            (vec!["text="], json!({ "text": "" })),
            (vec!["text=\"quoted\""], json!({ "text": "\"quoted\"" })),
            (vec!["n=5", "flag=true"], json!({ "n": 5, "flag": true })),
            (vec!["n=five"], json!({ "n": "five" })),
            (vec!["mode=1"], json!({ "mode": "1" })),
            (vec!["either=1.5"], json!({ "either": 1.5 })),
            (vec!["either=one"], json!({ "either": "one" })),
            (vec!["tags=a", "tags=b"], json!({ "tags": ["a", "b"] })),
            (vec!["tags=[\"a\",\"b\"]"], json!({ "tags": ["a", "b"] })),
            (vec!["rows={\"a\":1}"], json!({ "rows": [{ "a": 1 }] })),
            (vec!["nested={\"a\":[1]}"], json!({ "nested": { "a": [1] } })),
            (vec!["any=word"], json!({ "any": "word" })),
            (vec!["any=[1]"], json!({ "any": [1] })),
            (vec!["text=-"], json!({ "text": "from stdin" })),
            (vec!["text=@@x"], json!({ "text": "@x" })),
            (vec![], json!({})),
        ] {
            assert_eq!(read(&values), Ok(expected), "{values:?}");
        }
    }

    #[test]
    fn what_can_t_be_read_says_what_to_do() {
        for (values, expected) in [
            (vec!["text"], "expected KEY=VALUE, found \"text\"; or give all arguments with --args JSON"),
            (vec!["txt=a"], "the tool has no argument `txt`; did you mean `text`?"),
            (
                vec!["unrelated=a"],
                "the tool has no argument `unrelated`; it takes `any`, `either`, `flag`, `mode`, `n`, `nested`, \
                 `rows`, `tags`, `text`",
            ),
            (vec!["n=1", "n=2"], "`n` is given twice, and is no list"),
            (vec!["text=-", "any=-"], "`any=-`: stdin is read once, and `text=-` has it"),
            (vec!["text=@no/such"], "`text`: can't read no/such: No such file or directory (os error 2)"),
        ] {
            assert_eq!(read(&values).unwrap_err(), expected, "{values:?}");
        }
    }

    #[test]
    fn a_file_is_read_whole() {
        let file = std::env::temp_dir().join(format!("cofferdam-argument-{}", std::process::id()));
        std::fs::write(&file, "one\ntwo\n").unwrap();
        let read = read(&[&format!("text=@{}", file.display())]);
        std::fs::remove_file(&file).unwrap();
        assert_eq!(read, Ok(json!({ "text": "one\ntwo\n" })));
    }

    #[test]
    fn all_arguments_together_are_an_object() {
        assert_eq!(whole("{\"a\": 1}").map(Value::Object), Ok(json!({ "a": 1 })));
        let message = |text| whole(text).unwrap_err().message();
        assert_eq!(message("[1]"), "--args: expected a JSON object, found an array");
        assert!(
            message("{a}").starts_with("--args: expected a JSON object, found text that is not JSON: key")
        );
    }

    #[test]
    fn a_tool_that_takes_any_key_gets_any_key() {
        let open = json!({ "type": "object", "additionalProperties": { "type": "integer" } });
        let Value::Object(open) = open else { panic!("a schema is an object") };
        let read = each(&open, &["x=1".to_owned()], &mut std::io::empty());
        assert_eq!(read.map(Value::Object), Ok(json!({ "x": 1 })));
    }

    #[test]
    fn a_reference_to_itself_ends() {
        let circle = json!({ "$ref": "#/properties/a" });
        let Value::Object(root) = json!({ "properties": { "a": circle } }) else { panic!("an object") };
        assert_eq!(resolved(&root, &circle), Types { text: true, other: true, list: false });
    }
}

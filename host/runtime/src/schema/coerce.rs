//! Exact, lossless repair of what language models get wrong, where the schema leaves no doubt.
//!
//! `"5"` for an integer, `"true"` for a boolean, a JSON text for an object or an array, `5.0` for an integer,
//! `null` for a property that is optional and not nullable. Only where the schema names one type at that place;
//! never a number for a text, never a guess between alternatives.

use serde_json::{Map, Number, Value};

use crate::content::JsonObject;

/// How many references in a row are followed.
const REFERENCES: usize = 16;

/// Repairs the properties of `arguments` by `schema`, whose references are in `root`.
pub(super) fn object(arguments: &mut JsonObject, schema: &JsonObject, root: &JsonObject) {
    let Some(Value::Object(properties)) = schema.get("properties") else { return };
    let required = |name: &str| {
        let names = schema.get("required").and_then(Value::as_array);
        names.is_some_and(|names| names.iter().any(|required| required == name))
    };
    for (name, property) in properties {
        let Some(property) = follow(property, root) else { continue };
        if arguments.get(name).is_some_and(Value::is_null) && !required(name) && excludes_null(property) {
            arguments.remove(name);
        }
        if let Some(argument) = arguments.get_mut(name) {
            value(argument, property, root);
        }
    }
}

fn value(argument: &mut Value, schema: &JsonObject, root: &JsonObject) {
    if let Some(repaired) = repaired(argument, schema) {
        *argument = repaired;
    }
    match argument {
        Value::Object(fields) => object(fields, schema, root),
        Value::Array(items) => {
            if let Some(schema) = schema.get("items").and_then(|items| follow(items, root)) {
                items.iter_mut().for_each(|item| value(item, schema, root));
            }
        }
        _ => {}
    }
}

/// The value that was meant, if `argument` is not of the one type that the schema names.
fn repaired(argument: &Value, schema: &JsonObject) -> Option<Value> {
    let wanted = schema.get("type")?.as_str()?;
    match (wanted, argument) {
        ("integer", Value::String(text)) => integer(text).map(Value::Number),
        ("integer", Value::Number(number)) => whole(number).map(Value::Number),
        ("number", Value::String(text)) => number(text).map(Value::Number),
        ("boolean", Value::String(text)) => text.parse().ok().map(Value::Bool),
        ("object", Value::String(text)) => serde_json::from_str(text).ok().filter(Value::is_object),
        ("array", Value::String(text)) => serde_json::from_str(text).ok().filter(Value::is_array),
        _ => None,
    }
}

/// `text` as an integer, if it is written as JSON would write it.
fn integer(text: &str) -> Option<Number> {
    let number = number(text)?;
    (number.is_i64() || number.is_u64()).then_some(number)
}

/// `text` as a number, if it is written as JSON would write it and keeps its value.
fn number(text: &str) -> Option<Number> {
    if text.len() > 32 || text.trim() != text {
        return None;
    }
    let number: Number = serde_json::from_str(text).ok()?;
    let exact = !number.is_f64() || number.as_f64().is_some_and(|f| significant(text) <= 15 && f.is_finite());
    exact.then_some(number)
}

/// Digits that carry the value: up to 15 of them a double keeps exactly.
fn significant(text: &str) -> usize {
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    mantissa.chars().filter(char::is_ascii_digit).skip_while(|digit| *digit == '0').count()
}

/// A float without a fraction as an integer: JSON Schema takes `5.0` for one, most programs do not.
fn whole(number: &Number) -> Option<Number> {
    const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53
    let float = number.as_f64().filter(|_| number.is_f64())?;
    #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53, so exact")]
    (float.fract() == 0.0 && float.abs() <= EXACT).then(|| Number::from(float as i64))
}

fn excludes_null(schema: &JsonObject) -> bool {
    match schema.get("type") {
        Some(Value::String(name)) => name != "null",
        Some(Value::Array(names)) => !names.iter().any(|name| name == "null"),
        _ => false,
    }
}

/// The schema behind local references, if it is an object and nothing but a reference stands before it.
fn follow<'a>(mut schema: &'a Value, root: &'a Map<String, Value>) -> Option<&'a JsonObject> {
    for _ in 0..REFERENCES {
        let object = schema.as_object()?;
        let Some(Value::String(target)) = object.get("$ref") else { return Some(object) };
        schema = pointer(root, target)?;
    }
    None
}

fn pointer<'a>(root: &'a Map<String, Value>, target: &str) -> Option<&'a Value> {
    let mut parts = target.strip_prefix("#/")?.split('/');
    let first = unescape(parts.next()?);
    let mut node = root.get(&first)?;
    for part in parts {
        let part = unescape(part);
        node = match node {
            Value::Object(object) => object.get(&part)?,
            Value::Array(items) => items.get(part.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    // A target that is itself a reference is followed by the caller; an anchor is left alone.
    Some(node)
}

fn unescape(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn coerced(schema: Value, arguments: Value) -> Value {
        let (Value::Object(schema), Value::Object(mut arguments)) = (schema, arguments) else { panic!() };
        object(&mut arguments, &schema, &schema);
        Value::Object(arguments)
    }

    #[test]
    fn what_leaves_no_doubt_is_put_right() {
        for (wanted, given, meant) in [
            ("integer", json!("5"), json!(5)),
            ("integer", json!("-12"), json!(-12)),
            ("integer", json!("18446744073709551615"), json!(u64::MAX)),
            ("integer", json!(5.0), json!(5)),
            ("number", json!("0.5"), json!(0.5)),
            ("number", json!("5"), json!(5)),
            ("boolean", json!("true"), json!(true)),
            ("object", json!("{\"a\":1}"), json!({ "a": 1 })),
            ("array", json!("[1,2]"), json!([1, 2])),
        ] {
            let schema = json!({ "properties": { "x": { "type": wanted } } });
            assert_eq!(coerced(schema, json!({ "x": given })), json!({ "x": meant }));
        }
    }

    #[test]
    fn what_leaves_a_doubt_stays_as_it_came() {
        for (schema, given) in [
            (json!({ "type": "integer" }), json!("5.5")),
            (json!({ "type": "integer" }), json!("05")),
            (json!({ "type": "integer" }), json!(" 5")),
            (json!({ "type": "integer" }), json!("+5")),
            (json!({ "type": "integer" }), json!("18446744073709551616")),
            (json!({ "type": "integer" }), json!(5.5)),
            (json!({ "type": "number" }), json!("0.12345678901234567890")),
            (json!({ "type": "number" }), json!("NaN")),
            (json!({ "type": "boolean" }), json!("yes")),
            (json!({ "type": "boolean" }), json!(1)),
            (json!({ "type": "string" }), json!(5)),
            (json!({ "type": "object" }), json!("[1]")),
            (json!({ "type": ["string", "integer"] }), json!("5")),
            (json!({ "anyOf": [{ "type": "string" }, { "type": "integer" }] }), json!("5")),
            (json!({}), json!("5")),
        ] {
            let whole = json!({ "properties": { "x": schema } });
            assert_eq!(coerced(whole, json!({ "x": given.clone() })), json!({ "x": given }));
        }
    }

    #[test]
    fn null_means_absent_only_where_absence_is_allowed_and_null_is_not() {
        let schema = json!({
            "properties": { "a": { "type": "string" }, "b": { "type": "string" }, "c": { "type": ["string", "null"] }, "d": {} },
            "required": ["b"],
        });
        let given = json!({ "a": null, "b": null, "c": null, "d": null });
        assert_eq!(coerced(schema, given), json!({ "b": null, "c": null, "d": null }));
    }

    #[test]
    fn nested_values_and_local_references_are_reached() {
        let schema = json!({
            "properties": { "points": { "type": "array", "items": { "$ref": "#/$defs/point" } } },
            "$defs": { "point": { "type": "object", "properties": { "x": { "type": "integer" } } } },
        });
        let given = json!({ "points": "[{\"x\":\"1\"},\"{\\\"x\\\":\\\"2\\\"}\"]" });
        assert_eq!(coerced(schema, given), json!({ "points": [{ "x": 1 }, { "x": 2 }] }));
    }
}

//! What schemars says of a type, in the form that models and clients handle best.

use schemars::Schema;
use schemars::transform::transform_subschemas;
use serde_json::Value;

use super::{optional, prose, variants};
use crate::JsonObject;

/// Clean a schema and all that are within it.
pub(super) fn clean(schema: &mut Schema) {
    transform_subschemas(&mut clean, schema);
    let Some(object) = schema.as_object_mut() else { return };
    unwrap_description(object);
    describe_anything(object);
    optional::drop_null(object);
    variants::merge(object);
    tell_bounds(object);
}

fn unwrap_description(object: &mut JsonObject) {
    if let Some(Value::String(description)) = object.get_mut("description") {
        *description = prose::reflow(description);
    }
}

/// "Anything" is `{}`: the shorter `true` is legal, and many clients fail on it.
fn describe_anything(object: &mut JsonObject) {
    let properties = object.get_mut("properties").and_then(Value::as_object_mut);
    for property in properties.into_iter().flat_map(|properties| properties.values_mut()) {
        replace_true(property);
    }
    object.get_mut("items").map(replace_true);
}

fn replace_true(schema: &mut Value) {
    if *schema == Value::Bool(true) {
        *schema = JsonObject::new().into();
    }
}

/// Formats such as `uint8` are schemars' own. What they say about the range is told by bounds, as far as every JSON
/// reader can hold the bounds exactly. `usize` has none: it counts things, and 32 bits of them (in a component) are no
/// bound worth telling a model.
fn tell_bounds(object: &mut JsonObject) {
    let Some(format) = object.get("format").and_then(Value::as_str) else { return };
    let (minimum, maximum) = match format {
        "int8" | "int16" | "int64" | "int128" | "int" | "float" | "double" | "ip" => (None, None),
        "uint8" | "uint16" | "uint64" | "uint128" | "uint" => (None, None),
        "int32" => (Some(i64::from(i32::MIN)), Some(i64::from(i32::MAX))),
        "uint32" => (None, Some(i64::from(u32::MAX))),
        _ => return,
    };
    object.remove("format");
    bound(object, "minimum", "exclusiveMinimum", minimum);
    bound(object, "maximum", "exclusiveMaximum", maximum);
}

fn bound(object: &mut JsonObject, inclusive: &str, exclusive: &str, value: Option<i64>) {
    let Some(value) = value else { return };
    if !object.contains_key(exclusive) {
        object.entry(inclusive).or_insert_with(|| value.into());
    }
}

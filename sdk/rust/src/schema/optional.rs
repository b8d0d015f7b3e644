//! An optional property is one that may be missing, not one that may be null: clients draw unions with null badly, and
//! models fill them with the text "null".
//!
//! A null elsewhere (in an array, in a required property) stays: there it is a value.

use serde_json::Value;

use crate::JsonObject;

/// Take null out of the properties that an object need not have.
pub(super) fn drop_null(object: &mut JsonObject) {
    let required = object.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for (name, property) in properties {
        let Some(property) = property.as_object_mut() else { continue };
        if !required.iter().any(|required| required == name) {
            drop_from(property);
        }
    }
}

fn drop_from(property: &mut JsonObject) {
    if property.get("default") == Some(&Value::Null) {
        property.remove("default");
    }
    drop_type(property);
    drop_value(property);
    drop_branch(property);
}

fn drop_type(property: &mut JsonObject) {
    let Some(Value::Array(types)) = property.get_mut("type") else { return };
    types.retain(|ty| ty != "null");
    if let [only] = types.as_slice() {
        let only = only.clone();
        property.insert("type".to_owned(), only);
    }
}

fn drop_value(property: &mut JsonObject) {
    if let Some(Value::Array(values)) = property.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
}

fn drop_branch(property: &mut JsonObject) {
    let Some(Value::Array(branches)) = property.get_mut("anyOf") else { return };
    let before = branches.len();
    branches.retain(|branch| branch.get("type").and_then(Value::as_str) != Some("null"));
    if branches.len() == before {
        return;
    }
    if let [Value::Object(only)] = branches.as_slice() {
        let only = only.clone();
        property.remove("anyOf");
        absorb(property, only);
    }
}

/// The one branch that is left becomes the property itself; what both say, the property says better.
fn absorb(property: &mut JsonObject, branch: JsonObject) {
    for (key, value) in branch {
        if key == "description" {
            describe(property, &value);
        } else {
            property.entry(key).or_insert(value);
        }
    }
}

fn describe(property: &mut JsonObject, text: &Value) {
    let own = property.get("description").and_then(Value::as_str);
    let both = match (own, text.as_str()) {
        (Some(own), Some(text)) => Value::from(format!("{own}\n{text}")),
        _ => text.clone(),
    };
    property.insert("description".to_owned(), both);
}

//! Enums whose variants are plain names: a list of strings, with the meaning of each in the description.
//!
//! schemars puts documented variants into `oneOf` with a `const` each. That says the same, but models follow a plain
//! `enum` better, clients draw it as a menu, and a wrong value is told with the list of the right ones.

use std::fmt::Write;

use serde_json::Value;

use crate::JsonObject;

/// Replace a `oneOf` of strings by an `enum`.
pub(super) fn merge(object: &mut JsonObject) {
    let Some(branches) = object.get("oneOf").and_then(Value::as_array) else { return };
    let Some(names) = branches.iter().map(names).collect::<Option<Vec<_>>>() else { return };
    let mut description = object.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
    for (branch, names) in branches.iter().zip(&names) {
        explain(&mut description, branch, names);
    }
    let names: Vec<Value> = names.into_iter().flatten().cloned().collect();
    object.remove("oneOf");
    object.insert("type".to_owned(), "string".into());
    object.insert("enum".to_owned(), names.into());
    if !description.is_empty() {
        object.insert("description".to_owned(), description.into());
    }
}

/// The names that a branch allows, if it is nothing but names.
fn names(branch: &Value) -> Option<Vec<&Value>> {
    let branch = branch.as_object()?;
    if branch.get("type")?.as_str()? != "string" {
        return None;
    }
    let known = ["type", "const", "enum", "description", "title"];
    if !branch.keys().all(|key| known.contains(&key.as_str())) {
        return None;
    }
    match branch.get("const") {
        Some(name) => Some(vec![name]),
        None => Some(branch.get("enum")?.as_array()?.iter().collect()),
    }
}

fn explain(description: &mut String, branch: &Value, names: &[&Value]) {
    let Some(text) = branch.get("description").and_then(Value::as_str) else { return };
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for name in names.iter().filter_map(|name| name.as_str()) {
        let newline = if description.is_empty() { "" } else { "\n" };
        // Writing to a string cannot fail.
        let _ = write!(description, "{newline}- `{name}`: {line}");
    }
}

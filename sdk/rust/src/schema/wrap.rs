//! The schema of a result: an object always, as older MCP revisions demand.
//!
//! It mirrors what `IntoReply` does to a value: an object stays as it is, anything else becomes `{"result": value}`. So a
//! type that is an object in some cases only is described by both.

use serde_json::{Value, json};

use super::DEFINITIONS;
use crate::JsonObject;

/// Keywords that say something about objects only.
const OF_OBJECTS: [&str; 4] = ["properties", "required", "additionalProperties", "patternProperties"];

/// The schema of the object that is made of a value of `schema`.
pub(super) fn wrap(mut schema: JsonObject) -> JsonObject {
    let definitions = schema.remove(DEFINITIONS);
    let mut root = wrap_one(schema);
    if let Some(definitions) = definitions {
        root.insert(DEFINITIONS.to_owned(), definitions);
    }
    root
}

fn wrap_one(schema: JsonObject) -> JsonObject {
    match kind(&schema) {
        Kind::Object => typed(schema, "object".into()),
        Kind::Other => result(schema),
        Kind::Types(others) => wrap_types(schema, others),
        Kind::Union(branches) => wrap_union(schema, branches),
        Kind::Unknown => any_of(vec![typed(schema.clone(), "object".into()), result(schema)]),
    }
}

/// What the values of a schema are.
enum Kind {
    /// Objects.
    Object,
    /// Anything but objects.
    Other,
    /// Objects, and these types.
    Types(Vec<Value>),
    /// Whatever these branches say.
    Union(Vec<JsonObject>),
    /// Can't be seen from the outside.
    Unknown,
}

fn kind(schema: &JsonObject) -> Kind {
    match schema.get("type") {
        Some(Value::String(ty)) if ty == "object" => Kind::Object,
        Some(Value::Array(types)) if types.iter().any(|ty| ty == "object") => {
            Kind::Types(types.iter().filter(|ty| *ty != "object").cloned().collect())
        }
        Some(_) => Kind::Other,
        None => kind_by_branches(schema),
    }
}

fn kind_by_branches(schema: &JsonObject) -> Kind {
    let keywords: Vec<&String> =
        schema.keys().filter(|key| *key != "description" && *key != "title").collect();
    let keyword = match keywords.as_slice() {
        // A schema that says nothing is satisfied by every object that `IntoReply` makes.
        [] => return Kind::Object,
        [only] => *only,
        _ => return Kind::Unknown,
    };
    if keyword != "oneOf" && keyword != "anyOf" {
        return Kind::Unknown;
    }
    let branches = schema.get(keyword).and_then(Value::as_array).cloned().unwrap_or_default();
    let branches: Vec<JsonObject> = branches.into_iter().map(object_of).collect();
    if branches.iter().all(|branch| matches!(kind(branch), Kind::Object)) {
        Kind::Object
    } else if branches.iter().all(|branch| matches!(kind(branch), Kind::Other)) {
        Kind::Other
    } else {
        Kind::Union(branches)
    }
}

fn object_of(schema: Value) -> JsonObject {
    match schema {
        Value::Object(object) => object,
        Value::Bool(false) => std::iter::once(("not".to_owned(), json!({}))).collect(),
        _ => JsonObject::new(),
    }
}

/// `Option` of a struct, mostly.
fn wrap_types(schema: JsonObject, others: Vec<Value>) -> JsonObject {
    let mut rest = schema.clone();
    rest.retain(|key, _| !OF_OBJECTS.contains(&key.as_str()) && key != "description");
    let others = match others.as_slice() {
        [only] => only.clone(),
        _ => others.into(),
    };
    any_of(vec![typed(schema, "object".into()), result(typed(rest, others))])
}

fn wrap_union(schema: JsonObject, branches: Vec<JsonObject>) -> JsonObject {
    let mut union = any_of(branches.into_iter().map(wrap_one).collect());
    if let Some(description) = schema.get("description") {
        union.insert("description".to_owned(), description.clone());
    }
    union
}

fn result(schema: JsonObject) -> JsonObject {
    object([
        ("type", "object".into()),
        ("properties", json!({ "result": schema })),
        ("required", json!(["result"])),
    ])
}

fn any_of(branches: Vec<JsonObject>) -> JsonObject {
    object([("type", "object".into()), ("anyOf", branches.into())])
}

fn typed(mut schema: JsonObject, ty: Value) -> JsonObject {
    schema.insert("type".to_owned(), ty);
    schema
}

fn object<const N: usize>(entries: [(&str, Value); N]) -> JsonObject {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

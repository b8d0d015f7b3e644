//! JSON Schemas of arguments and results, from their Rust types.
//!
//! schemars describes the type; `clean` turns that into what models and clients handle best; `wrap` makes an object of
//! every result. The host checks what comes out, so nothing here has to distrust an author.

use schemars::generate::{Contract, SchemaSettings};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use crate::JsonObject;

pub(crate) use prose::reflow;

mod clean;
mod optional;
mod prose;
mod variants;
mod wrap;

/// Where definitions of recursive types are; all other types are described in place.
const DEFINITIONS: &str = "$defs";

/// The schema of an argument type.
#[must_use]
pub(crate) fn input<T: JsonSchema>() -> JsonObject {
    let mut generator = generator(Contract::Deserialize);
    let schema = generator.subschema_for::<T>();
    let mut root = clean(schema, &mut generator);
    if is_object(&root) {
        root.entry("properties").or_insert_with(|| JsonObject::new().into());
    }
    root
}

/// The schema of no arguments at all.
#[must_use]
pub(crate) fn empty() -> JsonObject {
    let entries = [
        ("type", "object".into()),
        ("properties", JsonObject::new().into()),
        ("additionalProperties", false.into()),
    ];
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// The schema of a result type: that of the object which `IntoReply` makes of it.
#[must_use]
pub(crate) fn output<T: JsonSchema>() -> JsonObject {
    let mut generator = generator(Contract::Serialize);
    let schema = generator.subschema_for::<T>();
    wrap::wrap(clean(schema, &mut generator))
}

/// Whether clients can take a schema as that of a tool's arguments.
pub(crate) fn check_input(schema: &JsonObject) -> Result<(), String> {
    if !is_object(schema) {
        return Err(format!(
            "the arguments must be an object, but their type is described by {}: make a struct of them with a field per argument",
            Value::Object(schema.clone())
        ));
    }
    match ["oneOf", "anyOf", "allOf"].into_iter().find(|keyword| schema.contains_key(*keyword)) {
        Some(keyword) => Err(format!(
            "the arguments have `{keyword}` at the root, which model APIs refuse: put the enum into a field of a struct, without flattening it"
        )),
        None => Ok(()),
    }
}

fn is_object(schema: &JsonObject) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("object")
}

fn generator(contract: Contract) -> SchemaGenerator {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.meta_schema = None;
        settings.inline_subschemas = true;
        settings.contract = contract;
    });
    settings.into_generator()
}

fn clean(mut schema: Schema, generator: &mut SchemaGenerator) -> JsonObject {
    let definitions = generator.take_definitions(false);
    if !definitions.is_empty() {
        schema.insert(DEFINITIONS.to_owned(), definitions.into());
    }
    clean::clean(&mut schema);
    std::mem::take(schema.ensure_object())
}

#[cfg(test)]
mod tests;

//! JSON Schemas of tools: checked and compiled once, at load; applied to every call.
//!
//! A schema comes from a plugin, so it is hostile: nothing outside it is ever fetched ([`check`]), patterns run
//! in linear time, and its size, depth and cost are bounded before it is compiled.
//! Arguments are first put right where a language model got a type wrong and the schema leaves no doubt
//! ([`coerce`]), then validated. An error names the path, what was expected and what came ([`report`]).

mod check;
mod coerce;
mod report;

use std::sync::Arc;

use cofferdam_policy::LoadLimits;
use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;

pub use self::{check::SchemaError, report::ArgumentErrors};
use crate::content::JsonObject;

/// The most that one compiled pattern may take, in bytes.
const PATTERN_SIZE: usize = 1 << 20;

/// A schema as its plugin wrote it, and compiled.
pub struct Schema {
    source: Arc<JsonObject>,
    validator: Validator,
}

impl Schema {
    /// Checks and compiles the schema in `text`. The root of an input schema must be an object's
    /// (`"type": "object"`); that of an output schema may be anything.
    ///
    /// # Errors
    /// [`SchemaError`] with the first thing that is wrong with it.
    pub fn compile(text: &str, root_is_object: bool, limits: &LoadLimits) -> Result<Self, SchemaError> {
        let source = check::parse(text, limits)?;
        if root_is_object && source.get("type") != Some(&Value::String("object".into())) {
            return Err(SchemaError::RootIsNoObject);
        }
        let value = Value::Object(source);
        check::check(&value, limits)?;
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_pattern_options(
                PatternOptions::regex().size_limit(PATTERN_SIZE).dfa_size_limit(PATTERN_SIZE),
            )
            .offline()
            .build(&value)
            .map_err(|error| SchemaError::invalid(&error))?;
        match value {
            Value::Object(source) => Ok(Self { source: Arc::new(source), validator }),
            _ => Err(SchemaError::RootIsNoObject),
        }
    }

    /// The schema as an object: what clients are shown is what arguments are checked with.
    #[must_use]
    pub fn source(&self) -> &Arc<JsonObject> {
        &self.source
    }

    /// The arguments with put right what leaves no doubt.
    #[must_use]
    pub fn coerced(&self, mut arguments: JsonObject) -> Value {
        coerce::object(&mut arguments, &self.source, &self.source);
        Value::Object(arguments)
    }

    /// Validates `value` as it is.
    ///
    /// # Errors
    /// [`ArgumentErrors`] with the first few mismatches.
    pub fn validate(&self, value: &Value) -> Result<(), ArgumentErrors> {
        if self.validator.is_valid(value) {
            return Ok(());
        }
        let properties = self.source.get("properties").and_then(Value::as_object);
        let known: Vec<_> = properties.into_iter().flat_map(|map| map.keys()).map(String::as_str).collect();
        Err(report::errors(&self.validator, value, &known))
    }
}

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Schema").field(&self.source).finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn compile(schema: &Value) -> Result<Schema, SchemaError> {
        Schema::compile(&schema.to_string(), true, &LoadLimits::default())
    }

    fn accept(schema: &Value, arguments: Value) -> Result<Value, String> {
        let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
        let schema = compile(schema).unwrap();
        let coerced = schema.coerced(arguments);
        schema.validate(&coerced).map(|()| coerced).map_err(|e| e.to_string())
    }

    #[test]
    fn an_error_names_path_expectation_and_finding() {
        let schema = json!({
            "type": "object",
            "properties": {
                "n": { "type": "integer", "minimum": 1 },
                "list": { "type": "array", "items": { "type": "object", "required": ["a"] } },
                "kind": { "enum": ["x", "y"] },
            },
            "required": ["n"],
            "additionalProperties": false,
        });
        for (arguments, error) in [
            (json!({}), "`n` is required, but missing"),
            (json!({ "n": "five" }), "`n`: expected integer, found string \"five\""),
            (json!({ "n": 0 }), "`n`: 0 is less than the minimum of 1"),
            (json!({ "n": 1, "list": [{ "a": 1 }, {}] }), "`list[1].a` is required, but missing"),
            (json!({ "n": 1, "kind": "z" }), "`kind`: expected one of \"x\", \"y\", found string \"z\""),
            (json!({ "n": 1, "m": 1 }), "`m` is not an argument of this tool; known: `kind`, `list`, `n`"),
        ] {
            assert_eq!(accept(&schema, arguments).unwrap_err(), format!("invalid arguments: {error}"));
        }
    }

    #[test]
    fn a_pattern_can_t_look_around_or_explode() {
        for pattern in ["(?=a)b", r"(a)\1", "(a{1000}){1000}{1000}"] {
            let schema =
                json!({ "type": "object", "properties": { "s": { "type": "string", "pattern": pattern } } });
            assert!(matches!(compile(&schema), Err(SchemaError::Invalid(_))), "{pattern}");
        }
        let linear = json!({ "type": "object", "properties": { "s": { "pattern": "^(a+)+$" } } });
        assert!(accept(&linear, json!({ "s": format!("{}!", "a".repeat(100_000)) })).is_err());
    }
}

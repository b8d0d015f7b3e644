//! What a schema may be, decided before it is compiled.

use std::collections::HashMap;

use cofferdam_capabilities::sanitize;
use cofferdam_policy::{LoadLimits, units::Quantity};
use serde_json::Value;

use crate::content::JsonObject;

/// Why a schema is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// Not JSON, or not an object.
    #[error("is not a JSON object: {0}")]
    Syntax(String),
    /// An input schema that isn't an object's.
    #[error("must say `\"type\": \"object\"` at its root")]
    RootIsNoObject,
    /// A dialect that is not supported.
    #[error("is written in the dialect {0:?}; expected JSON Schema 2020-12, or no `$schema`")]
    Dialect(String),
    /// A reference to something outside the schema.
    #[error(
        "refers to {0:?}, which is outside the schema; expected a local reference such as \"#/$defs/name\""
    )]
    ExternalReference(String),
    /// A reference to nothing.
    #[error("refers to {0:?}, which doesn't exist in it")]
    DanglingReference(String),
    /// A schema that applies itself to the same value for ever.
    #[error(
        "applies {0:?} to the same value for ever; a recursive schema must descend into a property or an item"
    )]
    EndlessRecursion(String),
    /// Over one of the limits under `[load]`.
    #[error("has {found}, more than `load.{key}` allows ({ceiling})")]
    TooLarge {
        /// What is too large.
        found: String,
        /// The limit's key.
        key: &'static str,
        /// The limit.
        ceiling: String,
    },
    /// Text that a person wouldn't see or a terminal would obey.
    #[error("has invisible or control characters in {0:?}")]
    HiddenText(String),
    /// References that fan out into more work than a call may cost.
    #[error("fans out into more than {EXPANSION_MAX} subschemas for one value; use fewer alternatives")]
    TooExpensive,
    /// The validator's compiler says no.
    #[error("is not valid: {0}")]
    Invalid(String),
}

/// The most subschemas that validation of one value may visit, references expanded.
const EXPANSION_MAX: u64 = 10_000;
/// The longest chain of subschemas and references: what a thread's stack holds many times over.
const EXPANSION_DEPTH: usize = 256;

impl SchemaError {
    pub(super) fn invalid(error: &jsonschema::ValidationError<'_>) -> Self {
        let path = error.instance_path().to_string();
        let at = if path.is_empty() { "its root".to_owned() } else { path };
        Self::Invalid(super::report::shorten(&format!("at {at}: {error}")))
    }
}

/// Parses the text, within the size and depth limits.
pub(super) fn parse(text: &str, limits: &LoadLimits) -> Result<JsonObject, SchemaError> {
    let ceiling = limits.schema;
    if text.len() as u64 > ceiling.value() {
        let found = format!("{} bytes", text.len());
        return Err(SchemaError::TooLarge { found, key: "schema", ceiling: ceiling.to_string() });
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(SchemaError::Syntax("its root is another type".into())),
        Err(error) => Err(SchemaError::Syntax(error.to_string())),
    }
}

/// Checks everything that bounds what the schema can cost.
pub(super) fn check(root: &Value, limits: &LoadLimits) -> Result<(), SchemaError> {
    let mut survey = Survey { root, limits, subschemas: 0, patterns: 0 };
    survey.visit(root, 0)?;
    Expansion { root, known: HashMap::new(), depth: 0 }.of(root, "#").map(|_| ())
}

/// One walk over the whole document: counts, dialects, references.
struct Survey<'a> {
    root: &'a Value,
    limits: &'a LoadLimits,
    subschemas: u64,
    patterns: u64,
}

impl Survey<'_> {
    fn visit(&mut self, node: &Value, depth: u64) -> Result<(), SchemaError> {
        within(depth, self.limits.schema_depth.value(), "schema_depth", "levels of nesting")?;
        match node {
            Value::Object(object) => {
                self.subschemas += 1;
                within(self.subschemas, self.limits.subschemas.value(), "subschemas", "subschemas")?;
                self.keywords(object)?;
                object.keys().try_for_each(|key| plain(key))?;
                object.values().try_for_each(|child| self.visit(child, depth + 1))
            }
            Value::Array(items) => items.iter().try_for_each(|child| self.visit(child, depth + 1)),
            Value::String(text) => plain(text),
            _ => Ok(()),
        }
    }

    fn keywords(&mut self, object: &JsonObject) -> Result<(), SchemaError> {
        if let Some(Value::String(dialect)) = object.get("$schema")
            && dialect.trim_end_matches('#') != "https://json-schema.org/draft/2020-12/schema"
        {
            return Err(SchemaError::Dialect(super::report::shorten(dialect)));
        }
        for keyword in ["$ref", "$dynamicRef"] {
            if let Some(Value::String(target)) = object.get(keyword) {
                self.reference(target)?;
            }
        }
        let patterns =
            object.get("patternProperties").and_then(Value::as_object).map_or(0, |p| p.len() as u64);
        self.patterns += patterns + u64::from(object.get("pattern").is_some_and(Value::is_string));
        within(self.patterns, self.limits.patterns.value(), "patterns", "patterns")
    }

    fn reference(&self, target: &str) -> Result<(), SchemaError> {
        let Some(fragment) = target.strip_prefix('#') else {
            return Err(SchemaError::ExternalReference(super::report::shorten(target)));
        };
        // Anchors are resolved by the compiler; pointers are looked up here for a clearer error.
        let is_pointer = fragment.is_empty() || fragment.starts_with('/');
        if is_pointer && resolve(self.root, target).is_none() {
            return Err(SchemaError::DanglingReference(super::report::shorten(target)));
        }
        Ok(())
    }
}

fn plain(text: &str) -> Result<(), SchemaError> {
    if sanitize::has_hidden(text) {
        Err(SchemaError::HiddenText(super::report::shorten(text)))
    } else {
        Ok(())
    }
}

fn within(found: u64, ceiling: u64, key: &'static str, what: &str) -> Result<(), SchemaError> {
    if found <= ceiling {
        return Ok(());
    }
    Err(SchemaError::TooLarge { found: format!("{found} {what}"), key, ceiling: ceiling.to_string() })
}

/// The subschema that a local reference (`#`, `#/pointer` or `#anchor`) points to.
pub(super) fn resolve<'a>(root: &'a Value, target: &str) -> Option<&'a Value> {
    let fragment = target.strip_prefix('#')?;
    if fragment.is_empty() || fragment.starts_with('/') {
        return root.pointer(fragment);
    }
    find_anchor(root, fragment)
}

fn find_anchor<'a>(node: &'a Value, name: &str) -> Option<&'a Value> {
    match node {
        Value::Object(object) => {
            let here = ["$anchor", "$dynamicAnchor"]
                .iter()
                .any(|key| object.get(*key).and_then(Value::as_str) == Some(name));
            if here { Some(node) } else { object.values().find_map(|child| find_anchor(child, name)) }
        }
        Value::Array(items) => items.iter().find_map(|child| find_anchor(child, name)),
        _ => None,
    }
}

/// How many subschemas are applied to one and the same value, references expanded: a small document can stand
/// for an exponential amount of work.
struct Expansion<'a> {
    root: &'a Value,
    /// By the subschema's address; none while it is being computed.
    known: HashMap<*const Value, Option<u64>>,
    depth: usize,
}

impl<'a> Expansion<'a> {
    fn of(&mut self, node: &'a Value, name: &str) -> Result<u64, SchemaError> {
        match self.known.get(&std::ptr::from_ref(node)) {
            Some(Some(cost)) => return Ok(*cost),
            Some(None) => return Err(SchemaError::EndlessRecursion(super::report::shorten(name))),
            None => {}
        }
        if self.depth == EXPANSION_DEPTH {
            return Err(SchemaError::TooExpensive);
        }
        self.depth += 1;
        let cost = self.compute(node, name);
        self.depth -= 1;
        cost
    }

    fn compute(&mut self, node: &'a Value, name: &str) -> Result<u64, SchemaError> {
        self.known.insert(node, None);
        let mut cost: u64 = 1;
        for (child, name) in in_place(self.root, node) {
            cost = cost.saturating_add(self.of(child, &name)?);
        }
        if cost > EXPANSION_MAX {
            return Err(SchemaError::TooExpensive);
        }
        self.known.insert(node, Some(cost));
        // Children apply to other values: their cost counts there, but it is checked all the same.
        for child in descending(node) {
            if !self.known.contains_key(&std::ptr::from_ref(child)) {
                self.of(child, name)?;
            }
        }
        Ok(cost)
    }
}

/// Subschemas that apply to the same value as `node`.
fn in_place<'a>(root: &'a Value, node: &'a Value) -> Vec<(&'a Value, String)> {
    let Value::Object(object) = node else { return Vec::new() };
    let mut found = Vec::new();
    for keyword in ["$ref", "$dynamicRef"] {
        if let Some(Value::String(target)) = object.get(keyword)
            && let Some(schema) = resolve(root, target)
        {
            found.push((schema, target.clone()));
        }
    }
    for keyword in ["allOf", "anyOf", "oneOf"] {
        let branches = object.get(keyword).and_then(Value::as_array).into_iter().flatten();
        found.extend(branches.map(|schema| (schema, keyword.to_owned())));
    }
    for keyword in ["not", "if", "then", "else"] {
        found.extend(object.get(keyword).map(|schema| (schema, keyword.to_owned())));
    }
    if let Some(Value::Object(schemas)) = object.get("dependentSchemas") {
        found.extend(schemas.values().map(|schema| (schema, "dependentSchemas".to_owned())));
    }
    found
}

/// Subschemas that apply to parts of the value.
fn descending(node: &Value) -> Vec<&Value> {
    let Value::Object(object) = node else { return Vec::new() };
    let mut found = Vec::new();
    for keyword in [
        "items",
        "contains",
        "additionalProperties",
        "propertyNames",
        "unevaluatedItems",
        "unevaluatedProperties",
    ] {
        found.extend(object.get(keyword));
    }
    for keyword in ["properties", "patternProperties", "$defs"] {
        found.extend(object.get(keyword).and_then(Value::as_object).into_iter().flat_map(|map| map.values()));
    }
    found.extend(object.get("prefixItems").and_then(Value::as_array).into_iter().flatten());
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn verdict(schema: &Value) -> Result<(), SchemaError> {
        check(schema, &LoadLimits::default())
    }

    #[test]
    fn nothing_outside_the_schema_is_referred_to() {
        for target in [
            "http://169.254.169.254/x",
            "https://example.com/s.json",
            "file:///etc/passwd",
            "//host/x",
            "other.json",
            "ftp://x/y",
        ] {
            assert_eq!(
                verdict(&json!({ "$ref": target })),
                Err(SchemaError::ExternalReference(target.into()))
            );
        }
        assert_eq!(verdict(&json!({ "$ref": "#/$defs/a", "$defs": { "a": {} } })), Ok(()));
        assert_eq!(
            verdict(&json!({ "$ref": "#/$defs/b" })),
            Err(SchemaError::DanglingReference("#/$defs/b".into()))
        );
        let other = json!({ "$schema": "http://json-schema.org/draft-07/schema#" });
        assert!(matches!(verdict(&other), Err(SchemaError::Dialect(_))));
    }

    #[test]
    fn recursion_must_descend() {
        for endless in [
            json!({ "$ref": "#" }),
            json!({ "allOf": [{ "$ref": "#" }] }),
            json!({ "$ref": "#/$defs/a", "$defs": { "a": { "anyOf": [{ "$ref": "#/$defs/b" }] }, "b": { "not": { "$ref": "#/$defs/a" } } } }),
            json!({ "properties": { "x": { "$ref": "#/properties/x" } } }),
            json!({ "$ref": "#me", "$anchor": "me" }),
        ] {
            assert!(matches!(verdict(&endless), Err(SchemaError::EndlessRecursion(_))), "{endless}");
        }
        let tree =
            json!({ "type": "object", "properties": { "left": { "$ref": "#" }, "right": { "$ref": "#" } } });
        assert_eq!(verdict(&tree), Ok(()));
    }

    #[test]
    fn a_small_document_can_t_stand_for_exponential_work() {
        let mut defs = serde_json::Map::new();
        for i in 0..30 {
            let next = json!({ "$ref": format!("#/$defs/d{}", i + 1) });
            defs.insert(format!("d{i}"), json!({ "anyOf": [next, next] }));
        }
        defs.insert("d30".into(), json!({ "type": "string" }));
        let bomb = json!({ "properties": { "x": { "$ref": "#/$defs/d0" } }, "$defs": defs });
        assert_eq!(verdict(&bomb), Err(SchemaError::TooExpensive));
    }

    #[test]
    fn size_depth_and_counts_are_bounded() {
        let mut deep = json!({});
        for _ in 0..40 {
            deep = json!({ "not": deep });
        }
        let patterns: serde_json::Map<_, _> = (0..300).map(|i| (format!("p{i}"), json!({}))).collect();
        let many: Vec<_> = (0..1_500).map(|_| json!({})).collect();
        for (schema, key) in [
            (deep, "schema_depth"),
            (json!({ "patternProperties": patterns }), "patterns"),
            (json!({ "anyOf": many }), "subschemas"),
        ] {
            let Err(SchemaError::TooLarge { key: found, .. }) = verdict(&schema) else { panic!("{key}") };
            assert_eq!(found, key);
        }
        let long = format!("{{\"description\":\"{}\"}}", "x".repeat(70_000));
        assert!(matches!(
            parse(&long, &LoadLimits::default()),
            Err(SchemaError::TooLarge { key: "schema", .. })
        ));
    }
}

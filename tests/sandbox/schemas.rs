//! JSON Schemas of tools: what they may refer to, and how much they may cost.

use cofferdam_tests::guest::described::{Described, component};
use serde_json::{Value, json};

use crate::refused::{check, reason};

fn tool(input_schema: &str) -> Vec<u8> {
    component(&[Described { input_schema: input_schema.to_owned(), ..Described::named("run") }])
}

/// An object's schema with these members besides.
fn object(mut members: Value) -> String {
    members["type"] = json!("object");
    members.to_string()
}

async fn check_input(schema: &str, problem: &str) {
    check(tool(schema), &format!("tool \"run\": its input schema {problem}")).await;
}

#[tokio::test]
async fn a_schema_refers_to_nothing_outside_itself() {
    for target in [
        "http://127.0.0.1:1/schema.json",
        "https://example.com/schema.json",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "//host/share",
        "other.json",
        "urn:uuid:00000000-0000-0000-0000-000000000000",
    ] {
        let problem = format!(
            "refers to {target:?}, which is outside the schema; expected a local reference such as \"#/$defs/name\""
        );
        check_input(&object(json!({ "$ref": target })), &problem).await;
        check_input(&object(json!({ "properties": { "deep": { "items": { "$ref": target } } } })), &problem)
            .await;
        check_input(&object(json!({ "$dynamicRef": target })), &problem).await;
    }
}

#[tokio::test]
async fn a_reference_leads_somewhere_and_comes_to_an_end() {
    check_input(
        &object(json!({ "$ref": "#/$defs/missing" })),
        "refers to \"#/$defs/missing\", which doesn't exist in it",
    )
    .await;
    let endless = |target: &str| {
        format!(
            "applies {target:?} to the same value for ever; a recursive schema must descend into a property or an item"
        )
    };
    check_input(&object(json!({ "$ref": "#" })), &endless("#")).await;
    check_input(
        &object(json!({ "$ref": "#/$defs/a", "$defs": { "a": { "$ref": "#/$defs/b" }, "b": { "allOf": [{ "$ref": "#/$defs/a" }] } } })),
        &endless("#/$defs/a"),
    )
    .await;
}

#[tokio::test]
async fn an_input_schema_is_an_object_s() {
    for schema in ["{}", r#"{"type":"array"}"#, r#"{"type":["object","null"]}"#, r#"{"properties":{}}"#] {
        check_input(schema, "must say `\"type\": \"object\"` at its root").await;
    }
    for schema in ["true", "[]", "\"object\"", "null"] {
        check_input(schema, "is not a JSON object: its root is another type").await;
    }
    check_input("{", "is not a JSON object: EOF while parsing an object at line 1 column 1").await;
    check_input("", "is not a JSON object: EOF while parsing a value at line 1 column 0").await;
}

#[tokio::test]
async fn another_dialect_is_told_from_2020_12() {
    for dialect in ["http://json-schema.org/draft-07/schema#", "https://example.com/dialect", ""] {
        let problem =
            format!("is written in the dialect {dialect:?}; expected JSON Schema 2020-12, or no `$schema`");
        check_input(&object(json!({ "$schema": dialect })), &problem).await;
    }
}

#[tokio::test]
async fn a_pattern_runs_in_linear_time() {
    for pattern in ["(?=a)b", "(?!a)b", "(?<=a)b", r"(a)\1", "(a{1000}){1000}", "("] {
        let schema = object(json!({ "properties": { "s": { "type": "string", "pattern": pattern } } }));
        let reason = reason(tool(&schema)).await;
        let expected = "tool \"run\": its input schema is not valid: at /properties/s/pattern: ";
        assert!(reason.starts_with(expected), "{pattern}: {reason}");
    }
}

#[tokio::test]
async fn size_depth_and_count_have_ceilings() {
    let large = object(json!({ "description": "x".repeat(64 << 10) }));
    let problem = format!("has {} bytes, more than `load.schema` allows (64 KiB)", large.len());
    check_input(&large, &problem).await;

    let deep = |levels: usize| (0..levels).fold(json!({}), |inner, _| json!({ "items": inner }));
    check_input(
        &object(json!({ "properties": { "deep": deep(31) } })),
        "has 33 levels of nesting, more than `load.schema_depth` allows (32)",
    )
    .await;

    let many: serde_json::Map<_, _> = (0..1_000).map(|n| (format!("p{n}"), json!({}))).collect();
    check_input(
        &object(json!({ "properties": many })),
        "has 1001 subschemas, more than `load.subschemas` allows (1000)",
    )
    .await;

    let patterns: serde_json::Map<_, _> =
        (0..257).map(|n| (format!("p{n}"), json!({ "pattern": "a" }))).collect();
    check_input(
        &object(json!({ "properties": patterns })),
        "has 257 patterns, more than `load.patterns` allows (256)",
    )
    .await;

    let mut doubling = serde_json::Map::new();
    for n in 0..20 {
        let next = json!({ "$ref": format!("#/$defs/d{}", n + 1) });
        doubling.insert(format!("d{n}"), json!({ "anyOf": [next, next] }));
    }
    doubling.insert("d20".into(), json!({ "type": "string" }));
    check_input(
        &object(json!({ "properties": { "s": { "$ref": "#/$defs/d0" } }, "$defs": doubling })),
        "fans out into more than 10000 subschemas for one value; use fewer alternatives",
    )
    .await;
}

#[tokio::test]
async fn a_nest_of_brackets_is_no_schema_and_no_crash() {
    let nested = format!("{}1{}", "{\"not\":".repeat(5_000), "}".repeat(5_000));
    let reason = reason(tool(&nested)).await;
    assert!(reason.contains("recursion limit exceeded"), "{reason}");
}

#[tokio::test]
async fn keywords_of_the_wrong_type_are_located() {
    for (schema, place) in [
        (json!({ "properties": { "n": { "type": "integre" } } }), "/properties/n/type"),
        (json!({ "properties": { "n": { "minimum": "1" } } }), "/properties/n/minimum"),
        (json!({ "required": "n" }), "/required"),
        (json!({ "properties": [] }), "/properties"),
    ] {
        let reason = reason(tool(&object(schema))).await;
        let expected = format!("tool \"run\": its input schema is not valid: at {place}: ");
        assert!(reason.starts_with(&expected), "{reason}");
    }
}

#[tokio::test]
async fn hidden_text_in_a_schema_is_refused_like_in_a_description() {
    let schema = object(json!({ "properties": { "n": { "description": "a\u{202e}b" } } }));
    let reason = reason(tool(&schema)).await;
    assert!(
        reason.starts_with("tool \"run\": its input schema has invisible or control characters in "),
        "{reason}"
    );
}

#[tokio::test]
async fn an_output_schema_is_checked_in_the_same_way() {
    let output = json!({ "$ref": "https://example.com/schema.json" }).to_string();
    let described = Described { output_schema: Some(output), ..Described::named("run") };
    check(
        component(&[described]),
        "tool \"run\": its output schema refers to \"https://example.com/schema.json\", which is outside the schema; expected a local reference such as \"#/$defs/name\"",
    )
    .await;
}

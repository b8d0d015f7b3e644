//! The exact schemas of types as authors write them.
//!
//! Natively the properties come in alphabetical order, in a component in that of the fields (`preserve_order`); JSON says
//! that both are the same.

#![allow(dead_code, reason = "the types are described, not used")]

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{check_input, input, output};

mod results;

fn check<T: JsonSchema>(expected: Value) {
    assert_eq!(Value::Object(input::<T>()), expected);
}

#[test]
fn docs_constraints_and_defaults_stay() {
    /// A place.
    #[derive(Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Place {
        /// City name, e.g. `Oslo`
        #[schemars(length(min = 1, max = 80))]
        city: String,
        /// Two letters
        #[schemars(regex(pattern = "^[A-Z]{2}$"))]
        country: String,
        #[schemars(range(min = 1, max = 14))]
        days: u8,
        #[serde(default = "ten")]
        limit: u64,
        #[schemars(title = "Tags", length(max = 3), inner(length(min = 1)))]
        tags: Vec<String>,
        #[serde(rename = "type")]
        kind: String,
    }
    fn ten() -> u64 {
        10
    }
    check::<Place>(json!({
        "description": "A place.",
        "type": "object",
        "properties": {
            "city": { "description": "City name, e.g. `Oslo`", "type": "string", "minLength": 1, "maxLength": 80 },
            "country": { "description": "Two letters", "type": "string", "pattern": "^[A-Z]{2}$" },
            "days": { "type": "integer", "minimum": 1, "maximum": 14 },
            "limit": { "type": "integer", "minimum": 0, "default": 10 },
            "tags": { "title": "Tags", "type": "array", "items": { "type": "string", "minLength": 1 }, "maxItems": 3 },
            "type": { "type": "string" },
        },
        "required": ["city", "country", "days", "tags", "type"],
        "additionalProperties": false,
    }));
}

#[test]
fn numbers_have_the_bounds_of_their_type_and_no_format() {
    #[derive(Deserialize, JsonSchema)]
    struct Numbers {
        u8: u8,
        u16: u16,
        u32: u32,
        u64: u64,
        usize: usize,
        i8: i8,
        i16: i16,
        i32: i32,
        i64: i64,
        f32: f32,
        f64: f64,
        nonzero: std::num::NonZeroU16,
        #[schemars(range(min = -3))]
        narrowed: i32,
        #[schemars(extend("exclusiveMaximum" = 5))]
        exclusive: u32,
        when: Option<std::net::Ipv4Addr>,
    }
    let properties = input::<Numbers>().remove("properties").unwrap();
    assert_eq!(
        properties,
        json!({
            "u8": { "type": "integer", "minimum": 0, "maximum": 255 },
            "u16": { "type": "integer", "minimum": 0, "maximum": 65535 },
            "u32": { "type": "integer", "minimum": 0, "maximum": 4294967295_u32 },
            "u64": { "type": "integer", "minimum": 0 },
            "usize": { "type": "integer", "minimum": 0 },
            "i8": { "type": "integer", "minimum": -128, "maximum": 127 },
            "i16": { "type": "integer", "minimum": -32768, "maximum": 32767 },
            "i32": { "type": "integer", "minimum": -2147483648, "maximum": 2147483647 },
            "i64": { "type": "integer" },
            "f32": { "type": "number" },
            "f64": { "type": "number" },
            "nonzero": { "type": "integer", "minimum": 1, "maximum": 65535 },
            "narrowed": { "type": "integer", "minimum": -3, "maximum": 2147483647 },
            "exclusive": { "type": "integer", "minimum": 0, "exclusiveMaximum": 5 },
            "when": { "type": "string", "format": "ipv4" },
        })
    );
}

#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "lowercase")]
enum Bare {
    #[default]
    Upper,
    Lower,
}

/// How letters are written.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Case {
    /// All capitals.
    Upper,
    /// No capitals
    /// at all.
    Lower,
    AsIs,
}

#[test]
fn an_optional_property_is_not_nullable() {
    #[derive(Deserialize, JsonSchema)]
    struct Inner {
        x: Option<bool>,
    }
    #[derive(Deserialize, JsonSchema)]
    struct Optional {
        /// How many
        count: Option<u8>,
        #[serde(default)]
        name: Option<String>,
        inner: Option<Inner>,
        bare: Option<Bare>,
        /// The case.
        case: Option<Case>,
        list: Option<Vec<Option<i64>>>,
        map: BTreeMap<String, Option<String>>,
        #[schemars(required)]
        required: Option<String>,
        twice: Option<Option<f64>>,
    }
    check::<Optional>(json!({
        "type": "object",
        "properties": {
            "count": { "description": "How many", "type": "integer", "minimum": 0, "maximum": 255 },
            "name": { "type": "string" },
            "inner": { "type": "object", "properties": { "x": { "type": "boolean" } } },
            "bare": { "type": "string", "enum": ["upper", "lower"] },
            "case": {
                "description": "The case.\nHow letters are written.\n- `upper`: All capitals.\n- `lower`: No capitals at all.",
                "type": "string",
                "enum": ["as_is", "upper", "lower"],
            },
            "list": { "type": "array", "items": { "type": ["integer", "null"] } },
            "map": { "type": "object", "additionalProperties": { "type": ["string", "null"] } },
            "required": { "type": "string" },
            "twice": { "type": "number" },
        },
        "required": ["map", "required"],
    }));
}

#[test]
fn an_enum_of_names_is_a_list_of_strings() {
    #[derive(Deserialize, JsonSchema)]
    struct Choices {
        #[serde(default)]
        bare: Bare,
        /// What to do with letters.
        described: Case,
        documented: Case,
    }
    let variants = "- `upper`: All capitals.\n- `lower`: No capitals at all.";
    check::<Choices>(json!({
        "type": "object",
        "properties": {
            "bare": { "type": "string", "enum": ["upper", "lower"], "default": "upper" },
            "described": {
                "description": format!("What to do with letters.\n{variants}"),
                "type": "string",
                "enum": ["as_is", "upper", "lower"],
            },
            "documented": {
                "description": format!("How letters are written.\n{variants}"),
                "type": "string",
                "enum": ["as_is", "upper", "lower"],
            },
        },
        "required": ["described", "documented"],
    }));
}

#[test]
fn an_enum_with_data_keeps_its_branches() {
    #[derive(Deserialize, JsonSchema)]
    #[serde(tag = "op", rename_all = "lowercase")]
    enum Step {
        /// Take the first ones.
        Head {
            count: u8,
        },
        Reverse,
    }
    #[derive(Deserialize, JsonSchema)]
    struct Steps {
        steps: Vec<Step>,
    }
    check::<Steps>(json!({
        "type": "object",
        "properties": {
            "steps": {
                "type": "array",
                "items": {
                    "oneOf": [
                        {
                            "description": "Take the first ones.",
                            "type": "object",
                            "properties": {
                                "op": { "type": "string", "const": "head" },
                                "count": { "type": "integer", "minimum": 0, "maximum": 255 },
                            },
                            "required": ["op", "count"],
                        },
                        {
                            "type": "object",
                            "properties": { "op": { "type": "string", "const": "reverse" } },
                            "required": ["op"],
                        },
                    ]
                },
            },
        },
        "required": ["steps"],
    }));
}

#[test]
fn types_are_described_in_place_unless_they_contain_themselves() {
    #[derive(Deserialize, JsonSchema)]
    struct Point {
        x: f64,
    }
    #[derive(Deserialize, JsonSchema)]
    struct Line {
        from: Point,
        to: Point,
    }
    let point = json!({ "type": "object", "properties": { "x": { "type": "number" } }, "required": ["x"] });
    check::<Line>(json!({
        "type": "object",
        "properties": { "from": point, "to": point },
        "required": ["from", "to"],
    }));

    #[derive(Deserialize, JsonSchema)]
    struct Tree {
        value: i64,
        #[serde(default)]
        children: Vec<Tree>,
        next: Option<Box<Tree>>,
    }
    let tree = json!({
        "type": "object",
        "properties": {
            "value": { "type": "integer" },
            "children": { "type": "array", "items": { "$ref": "#/$defs/Tree" } },
            "next": { "$ref": "#/$defs/Tree" },
        },
        "required": ["value"],
    });
    let mut root = tree.clone();
    root["$defs"] = json!({ "Tree": tree });
    check::<Tree>(root);
}

#[test]
fn any_value_is_an_empty_schema() {
    #[derive(Deserialize, JsonSchema)]
    struct Any {
        /// Whatever
        described: Value,
        bare: Value,
        list: Vec<Value>,
        map: BTreeMap<String, Value>,
    }
    check::<Any>(json!({
        "type": "object",
        "properties": {
            "described": { "description": "Whatever" },
            "bare": {},
            "list": { "type": "array", "items": {} },
            "map": { "type": "object", "additionalProperties": true },
        },
        "required": ["described", "bare", "list", "map"],
    }));
}

#[test]
fn no_arguments_are_an_empty_object() {
    let expected = json!({ "type": "object", "properties": {}, "additionalProperties": false });
    assert_eq!(Value::Object(<crate::NoArgs as crate::Arguments>::schema()), expected);
}

#[test]
fn property_names_that_are_keywords_are_left_alone() {
    #[derive(Deserialize, JsonSchema)]
    struct Odd {
        format: String,
        title: Option<String>,
        default: Option<u8>,
        properties: Option<String>,
    }
    check::<Odd>(json!({
        "type": "object",
        "properties": {
            "format": { "type": "string" },
            "title": { "type": "string" },
            "default": { "type": "integer", "minimum": 0, "maximum": 255 },
            "properties": { "type": "string" },
        },
        "required": ["format"],
    }));
}

#[test]
fn arguments_that_clients_cannot_take_are_refused_with_the_way_out() {
    #[derive(Deserialize, JsonSchema)]
    #[serde(tag = "op")]
    enum Op {
        A { x: u8 },
        B,
    }
    #[derive(Deserialize, JsonSchema)]
    struct Flat {
        #[serde(flatten)]
        op: Op,
        y: u8,
    }
    assert_eq!(
        check_input(&input::<Vec<bool>>()),
        Err(String::from(
            r#"the arguments must be an object, but their type is described by {"items":{"type":"boolean"},"type":"array"}: make a struct of them with a field per argument"#
        ))
    );
    assert!(check_input(&input::<Op>()).unwrap_err().starts_with("the arguments must be an object"));
    assert_eq!(
        check_input(&input::<Flat>()),
        Err(String::from(
            "the arguments have `oneOf` at the root, which model APIs refuse: put the enum into a field of a struct, without flattening it"
        ))
    );
    assert_eq!(check_input(&input::<BTreeMap<String, u8>>()), Ok(()));
}

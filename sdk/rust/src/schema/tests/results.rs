//! Schemas of results: what `IntoReply` makes of a value must match what is said here.

use super::*;
use crate::IntoReply;

fn check<T: JsonSchema>(expected: Value) {
    assert_eq!(Value::Object(output::<T>()), expected);
}

/// What programs get of a value.
fn structured<T: Serialize + JsonSchema + 'static>(value: T) -> Value {
    value.into_reply().unwrap().structured_value().unwrap()
}

#[derive(Serialize, JsonSchema)]
struct Forecast {
    celsius: f64,
    wind: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rain: Option<f64>,
}

fn forecast() -> Value {
    json!({
        "type": "object",
        "properties": {
            "celsius": { "type": "number" },
            "wind": { "type": ["number", "null"] },
            "rain": { "type": "number" },
        },
        "required": ["celsius", "wind"],
    })
}

const CALM: Forecast = Forecast { celsius: 3.5, wind: None, rain: None };

fn wrapped(schema: Value) -> Value {
    json!({ "type": "object", "properties": { "result": schema }, "required": ["result"] })
}

#[test]
fn an_object_stays_as_it_is() {
    check::<Forecast>(forecast());
    assert_eq!(structured(CALM), json!({ "celsius": 3.5, "wind": null }));
    check::<BTreeMap<String, i64>>(
        json!({ "type": "object", "additionalProperties": { "type": "integer" } }),
    );
}

#[test]
fn anything_else_is_wrapped() {
    check::<i64>(wrapped(json!({ "type": "integer" })));
    assert_eq!(structured(3_i64), json!({ "result": 3 }));
    check::<String>(wrapped(json!({ "type": "string" })));
    assert_eq!(structured("a"), json!({ "result": "a" }));
    check::<Vec<Forecast>>(wrapped(json!({ "type": "array", "items": forecast() })));
    assert_eq!(structured(vec![true]), json!({ "result": [true] }));
    check::<Bare>(wrapped(json!({ "type": "string", "enum": ["upper", "lower"] })));
    check::<Option<i64>>(wrapped(json!({ "type": ["integer", "null"] })));
    assert_eq!(structured(None::<i64>), json!({ "result": null }));
}

#[test]
fn an_optional_object_is_described_by_both() {
    check::<Option<Forecast>>(json!({
        "type": "object",
        "anyOf": [forecast(), wrapped(json!({ "type": "null" }))],
    }));
    assert_eq!(structured(Some(CALM)), json!({ "celsius": 3.5, "wind": null }));
    assert_eq!(structured(None::<Forecast>), json!({ "result": null }));
}

#[test]
fn an_enum_is_an_object_where_its_variants_are() {
    /// What was found.
    #[derive(Serialize, JsonSchema)]
    #[serde(rename_all = "lowercase")]
    enum Found {
        Nothing,
        One { line: u8 },
    }
    let one = json!({
        "type": "object",
        "properties": {
            "one": {
                "type": "object",
                "properties": { "line": { "type": "integer", "minimum": 0, "maximum": 255 } },
                "required": ["line"],
            }
        },
        "required": ["one"],
        "additionalProperties": false,
    });
    check::<Found>(json!({
        "description": "What was found.",
        "type": "object",
        "anyOf": [wrapped(json!({ "type": "string", "enum": ["nothing"] })), one],
    }));
    assert_eq!(structured(Found::Nothing), json!({ "result": "nothing" }));
    assert_eq!(structured(Found::One { line: 2 }), json!({ "one": { "line": 2 } }));
}

#[test]
fn any_value_is_any_object() {
    check::<Value>(json!({ "type": "object" }));
    assert_eq!(structured(json!({ "a": 1 })), json!({ "a": 1 }));
    assert_eq!(structured(json!([1])), json!({ "result": [1] }));
}

#[test]
fn definitions_stay_at_the_root() {
    #[derive(Serialize, JsonSchema)]
    struct Tree {
        children: Vec<Tree>,
    }
    let tree = json!({
        "type": "object",
        "properties": { "children": { "type": "array", "items": { "$ref": "#/$defs/Tree" } } },
        "required": ["children"],
    });
    let mut expected = wrapped(json!({ "type": "array", "items": tree }));
    expected["$defs"] = json!({ "Tree": tree });
    check::<Vec<Tree>>(expected);
}

#[test]
fn unit_has_no_schema_and_no_content() {
    assert_eq!(<() as IntoReply>::output_schema(), None);
    assert_eq!(().into_reply(), Ok(crate::Reply::new()));
}

//! A JSON value that keeps what the usual one loses: the order of members, and every digit of a number.
//!
//! It is read by letting the parser cut the text into raw pieces, level by level; there is no parser here.

use std::borrow::Cow;

use cofferdam_sdk::prelude::*;
use indexmap::IndexMap;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde::ser::{Error as _, SerializeMap, Serializer};
use serde_json::value::RawValue;

/// Deepest nesting that is read, the same as the parser's own.
const MAX_DEPTH: usize = 128;

/// Members of an object in their order.
pub(crate) type Object = IndexMap<String, Json>;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    /// `null`, and a missing cell of a table.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it is written.
    Number(Box<str>),
    /// A text.
    Text(String),
    /// An array.
    Array(Vec<Json>),
    /// An object; boxed, so that the cells of a table stay small.
    Object(Box<Object>),
}

impl Json {
    /// Reads one JSON value.
    pub(crate) fn parse(text: &str) -> serde_json::Result<Self> {
        let raw: &RawValue = serde_json::from_str(text)?;
        if depth(text) > MAX_DEPTH {
            return Err(serde::de::Error::custom(format!("nested deeper than {MAX_DEPTH} levels")));
        }
        build(raw)
    }

    /// A number of things.
    pub(crate) fn count(count: usize) -> Self {
        Self::Number(count.to_string().into())
    }

    /// What kind of value it is, in words.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }

    /// The member or element that one step of a path leads to.
    pub(crate) fn step(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.get(key),
            Self::Array(elements) => elements.get(key.parse::<usize>().ok()?),
            _ => None,
        }
    }

    /// The value as a text without quotes; arrays and objects as JSON, null as nothing.
    pub(crate) fn plain(&self) -> Cow<'_, str> {
        match self {
            Self::Null => Cow::Borrowed(""),
            Self::Bool(true) => Cow::Borrowed("true"),
            Self::Bool(false) => Cow::Borrowed("false"),
            Self::Number(digits) => Cow::Borrowed(digits),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Array(_) | Self::Object(_) => Cow::Owned(self.to_json()),
        }
    }

    /// The value as JSON text.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The value as the usual type, whose numbers are rounded to 64 bits.
    pub(crate) fn to_value(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Number(digits) => serde_json::from_str(digits).unwrap_or_default(),
            Self::Text(text) => text.as_str().into(),
            Self::Array(elements) => elements.iter().map(Self::to_value).collect(),
            Self::Object(members) => {
                members.iter().map(|(key, value)| (key.clone(), value.to_value())).collect()
            }
        }
    }
}

/// How deep valid JSON is nested. Known before it is followed: each level is read once more for those within.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_text, mut escaped) = (false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_text,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

fn build(raw: &RawValue) -> serde_json::Result<Json> {
    let text = raw.get();
    Ok(match text.bytes().next() {
        Some(b'{') => {
            let members: IndexMap<String, &RawValue> = serde_json::from_str(text)?;
            let build = |(key, raw)| Ok((key, build(raw)?));
            Json::Object(Box::new(members.into_iter().map(build).collect::<serde_json::Result<_>>()?))
        }
        Some(b'[') => {
            let elements: Vec<&RawValue> = serde_json::from_str(text)?;
            Json::Array(elements.into_iter().map(build).collect::<serde_json::Result<_>>()?)
        }
        Some(b'"') => Json::Text(serde_json::from_str(text)?),
        Some(b't') => Json::Bool(true),
        Some(b'f') => Json::Bool(false),
        Some(b'n') => Json::Null,
        _ => Json::Number(text.into()),
    })
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(digits) => {
                let raw: &RawValue = serde_json::from_str(digits).map_err(S::Error::custom)?;
                raw.serialize(serializer)
            }
            Self::Text(text) => serializer.serialize_str(text),
            Self::Array(elements) => serializer.collect_seq(elements),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (key, value) in members.as_ref() {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

impl JsonSchema for Json {
    fn schema_name() -> Cow<'static, str> {
        "Json".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({})
    }

    fn inline_schema() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_digits_survive() {
        for text in [
            r#"{"z":1.50,"a":12345678901234567890123,"m":{"b":1e400,"a":-0.0}}"#,
            r#"[null,true,false,"\u00e9\n",[],{}]"#,
            "12345678901234567890.123456789",
        ] {
            let expected = text.replace(r"\u00e9", "é");
            assert_eq!(Json::parse(text).unwrap().to_json(), expected);
        }
    }

    #[test]
    fn the_last_of_equal_keys_counts() {
        assert_eq!(Json::parse(r#"{"a":1,"b":2,"a":3}"#).unwrap().to_json(), r#"{"a":3,"b":2}"#);
    }

    #[test]
    fn errors_have_a_place() {
        let error = Json::parse("{\n  \"a\": 1,\n  oops\n}").unwrap_err();
        assert_eq!((error.line(), error.column()), (3, 3));
    }

    #[test]
    fn brackets_in_texts_are_not_nesting() {
        assert_eq!(depth(r#"{"[[[":"]{\"[[","a":[{}]}"#), 3);
        assert_eq!(Json::parse(&format!("\"{}\"", "[".repeat(200))).unwrap(), Json::Text("[".repeat(200)));
    }

    #[test]
    fn deep_nesting_is_refused_and_not_followed() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(Json::parse(&deep).unwrap_err().to_string().contains("nested deeper than 128 levels"));
    }

    #[test]
    fn steps_lead_into_objects_and_arrays() {
        let json = Json::parse(r#"{"a":[{"b":7}]}"#).unwrap();
        let seven = json.step("a").and_then(|a| a.step("0")).and_then(|first| first.step("b"));
        assert_eq!(seven, Some(&Json::Number("7".into())));
        assert_eq!(json.step("x"), None);
    }
}

//! The value of a condition: a text, a number or a boolean.

use std::borrow::Cow;

use cofferdam_sdk::prelude::*;
use schemars::{Schema, SchemaGenerator, json_schema};

use crate::number::Number;

/// A text, a number or a boolean.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Scalar {
    Bool(bool),
    Number(serde_json::Number),
    Text(String),
}

impl Scalar {
    /// The number that it is; a text is none, even one of digits.
    pub(super) fn number(&self) -> Option<Number> {
        match self {
            Self::Number(number) => Number::parse(&number.to_string()),
            _ => None,
        }
    }

    /// The value as text.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Bool(value) => Cow::Owned(value.to_string()),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Text(text) => Cow::Borrowed(text),
        }
    }
}

impl JsonSchema for Scalar {
    fn schema_name() -> Cow<'static, str> {
        "Scalar".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "number", "boolean"], "maxLength": 10_000})
    }

    fn inline_schema() -> bool {
        true
    }
}

//! One value as serde sees it.

use std::fmt;

use serde::de::value::{SeqDeserializer, StringDeserializer};
use serde::de::{Deserializer, Error, IntoDeserializer, Unexpected, Visitor};

use super::Value;

/// Why a value isn't what a type wants.
#[derive(Debug)]
pub(super) struct Mismatch(pub(super) String);

impl Mismatch {
    /// The same with the column where it was found.
    pub(super) fn at(self, column: &str) -> Self {
        Self(format!("column `{column}`: {}", self.0))
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Mismatch {}

impl From<serde_json::Error> for Mismatch {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

impl Error for Mismatch {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// One value.
pub(super) struct Cell(pub(super) Value);

impl Cell {
    /// What is within it, if it is JSON or text that is some.
    fn json(&self) -> Option<serde_json::Value> {
        match &self.0 {
            Value::Json(text) | Value::Text(text) => serde_json::from_str(text).ok(),
            _ => None,
        }
    }

    fn integer<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let Value::Decimal(digits) = &self.0 else { return self.deserialize_any(visitor) };
        match (digits.parse(), digits.parse()) {
            (Ok(number), _) => visitor.visit_i64(number),
            (_, Ok(number)) => visitor.visit_u64(number),
            _ => Err(Mismatch::invalid_value(Unexpected::Other(&format!("number `{digits}`")), &visitor)),
        }
    }

    fn float<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match &self.0 {
            Value::Decimal(digits) => match digits.parse() {
                Ok(number) => visitor.visit_f64(number),
                Err(_) => Err(Mismatch::invalid_value(Unexpected::Str(digits), &visitor)),
            },
            _ => self.deserialize_any(visitor),
        }
    }

    fn list<'de, V: Visitor<'de>>(
        self,
        visitor: V,
        within: impl FnOnce(serde_json::Value, V) -> Result<V::Value, serde_json::Error>,
    ) -> Result<V::Value, Mismatch> {
        match (self.json(), self.0) {
            (Some(json), _) => Ok(within(json, visitor)?),
            (None, Value::Bytes(bytes)) => {
                visitor.visit_seq(SeqDeserializer::<_, Mismatch>::new(bytes.into_iter()))
            }
            (None, other) => Self(other).deserialize_any(visitor),
        }
    }
}

macro_rules! as_one {
    ($to:ident: $($method:ident)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
            self.$to(visitor)
        }
    )* };
}

impl<'de> Deserializer<'de> for Cell {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Boolean(value) => visitor.visit_bool(value),
            Value::Int64(number) => visitor.visit_i64(number),
            Value::Float64(number) => visitor.visit_f64(number),
            Value::Bytes(bytes) => visitor.visit_byte_buf(bytes),
            Value::Json(text) => {
                Ok(serde_json::from_str::<serde_json::Value>(&text)?.deserialize_any(visitor)?)
            }
            Value::Text(text) | Value::Decimal(text) | Value::Timestamp(text) | Value::Uuid(text) => {
                visitor.visit_string(text)
            }
        }
    }

    /// SQLite has no type for it.
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0 {
            Value::Int64(number @ (0 | 1)) => visitor.visit_bool(number == 1),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0 {
            Value::Json(text) => visitor.visit_string(text),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        match (self.json(), self.0) {
            (Some(json), _) => Ok(json.deserialize_enum(name, variants, visitor)?),
            (None, Value::Text(name)) => {
                let name: StringDeserializer<Mismatch> = name.into_deserializer();
                visitor.visit_enum(name)
            }
            (None, other) => Self(other).deserialize_any(visitor),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.list(visitor, |json, visitor| json.deserialize_seq(visitor))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, parts: usize, visitor: V) -> Result<V::Value, Mismatch> {
        self.list(visitor, |json, visitor| json.deserialize_tuple(parts, visitor))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        parts: usize,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.list(visitor, |json, visitor| json.deserialize_tuple_struct(name, parts, visitor))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.json() {
            Some(json) => Ok(json.deserialize_map(visitor)?),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        match self.json() {
            Some(json) => Ok(json.deserialize_struct(name, fields, visitor)?),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.deserialize_any(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_unit()
    }

    as_one! { integer:
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }
    as_one! { float: deserialize_f32 deserialize_f64 }
    as_one! { deserialize_string: deserialize_str deserialize_char }
    as_one! { deserialize_any: deserialize_bytes deserialize_byte_buf deserialize_unit deserialize_identifier }
}

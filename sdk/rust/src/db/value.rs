//! One value of a database, and what becomes one.

use std::borrow::Cow;

/// One value. SQLite has the first six cases but `Boolean`, which comes back as 1 or 0; the others are Postgres', as text
/// that it would read back.
///
/// Most Rust values become one by themselves: numbers, `bool`, texts, bytes, `serde_json::Value` (as JSON), references to
/// those, and an `Option`, whose `None` is `Null`.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Int64(i64),
    /// A number.
    Float64(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A number with all its digits.
    Decimal(String),
    /// A date, a time, or both, as in ISO 8601.
    Timestamp(String),
    /// A UUID.
    Uuid(String),
    /// JSON.
    Json(String),
}

macro_rules! from {
    ($( $case:ident($inner:ty): $($ty:ty),+; )+) => { $($(
        impl From<$ty> for Value {
            fn from(value: $ty) -> Self {
                Self::$case(<$inner>::from(value))
            }
        }
    )+)+ };
}

from! {
    Boolean(bool): bool;
    Int64(i64): i8, i16, i32, i64, u8, u16, u32;
    Float64(f64): f32, f64;
    Text(String): &str, String, Cow<'_, str>, char;
    Bytes(Vec<u8>): &[u8], Vec<u8>;
}

/// What is beyond an `i64` goes with all its digits, as a decimal.
impl From<u64> for Value {
    fn from(number: u64) -> Self {
        i64::try_from(number).map_or_else(|_| Self::Decimal(number.to_string()), Self::Int64)
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::from(number as u64)
    }
}

impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Self {
        Self::Json(json.to_string())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Clone + Into<Self>> From<&T> for Value {
    fn from(value: &T) -> Self {
        value.clone().into()
    }
}

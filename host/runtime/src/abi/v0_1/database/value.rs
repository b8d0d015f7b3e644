//! Values and errors, to and from the guest's types.

use cofferdam_capabilities::{DatabaseError, database::Value};

use super::wit;

pub(super) fn params(values: Vec<wit::Value>) -> Vec<Value> {
    values.into_iter().map(param).collect()
}

pub(super) fn params_of_many(values: Vec<Vec<wit::Value>>) -> Vec<Vec<Value>> {
    values.into_iter().map(params).collect()
}

pub(super) fn row(values: Vec<Value>) -> Vec<wit::Value> {
    values.into_iter().map(value).collect()
}

fn param(value: wit::Value) -> Value {
    match value {
        wit::Value::Null => Value::Null,
        wit::Value::Boolean(value) => Value::Boolean(value),
        wit::Value::Int64(value) => Value::Int64(value),
        wit::Value::Float64(value) => Value::Float64(value),
        wit::Value::Text(text) => Value::Text(text),
        wit::Value::Bytes(bytes) => Value::Bytes(bytes),
        wit::Value::Decimal(text) => Value::Decimal(text),
        wit::Value::Timestamp(text) => Value::Timestamp(text),
        wit::Value::Uuid(text) => Value::Uuid(text),
        wit::Value::Json(text) => Value::Json(text),
    }
}

fn value(value: Value) -> wit::Value {
    match value {
        Value::Null => wit::Value::Null,
        Value::Boolean(value) => wit::Value::Boolean(value),
        Value::Int64(value) => wit::Value::Int64(value),
        Value::Float64(value) => wit::Value::Float64(value),
        Value::Text(text) => wit::Value::Text(text),
        Value::Bytes(bytes) => wit::Value::Bytes(bytes),
        Value::Decimal(text) => wit::Value::Decimal(text),
        Value::Timestamp(text) => wit::Value::Timestamp(text),
        Value::Uuid(text) => wit::Value::Uuid(text),
        Value::Json(text) => wit::Value::Json(text),
    }
}

pub(super) fn error(error: DatabaseError) -> wit::Error {
    match error {
        DatabaseError::Denied(text) => wit::Error::Denied(text),
        DatabaseError::Limit(text) => wit::Error::Limit(text),
        DatabaseError::Invalid(text) => wit::Error::Invalid(text),
        DatabaseError::Constraint(text) => wit::Error::Constraint(text),
        DatabaseError::Busy(text) => wit::Error::Busy(text),
        DatabaseError::Unavailable(text) => wit::Error::Unavailable(text),
        DatabaseError::Failed(text) => wit::Error::Failed(text),
    }
}

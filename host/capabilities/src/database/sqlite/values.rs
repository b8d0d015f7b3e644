//! Values, to and from SQLite.

use sqlx::{
    Arguments as _, Column as _, Decode, Row as _, Sqlite, TypeInfo as _, ValueRef as _,
    sqlite::{SqliteArguments, SqliteColumn, SqliteRow, SqliteValueRef},
};

use crate::database::{Column, DatabaseError, Value};

/// The values beside a statement that takes `expected` of them.
pub(super) fn bind(params: &[Value], expected: usize) -> Result<SqliteArguments, DatabaseError> {
    if params.len() != expected {
        return Err(DatabaseError::Invalid(format!(
            "the statement takes {expected} values, found {}",
            params.len()
        )));
    }
    let mut arguments = SqliteArguments::default();
    for (index, value) in params.iter().enumerate() {
        add(&mut arguments, value)
            .map_err(|why| DatabaseError::Invalid(format!("value {}: {why}", index + 1)))?;
    }
    Ok(arguments)
}

fn add(arguments: &mut SqliteArguments, value: &Value) -> Result<(), String> {
    let added = match value {
        Value::Null => arguments.add(None::<i64>),
        Value::Boolean(value) => arguments.add(i64::from(*value)),
        Value::Int64(value) => arguments.add(*value),
        Value::Float64(value) if value.is_nan() => {
            return Err("expected a number, found NaN, which SQLite would make NULL".to_owned());
        }
        Value::Float64(value) => arguments.add(*value),
        Value::Bytes(bytes) => arguments.add(bytes.clone()),
        Value::Text(text)
        | Value::Decimal(text)
        | Value::Timestamp(text)
        | Value::Uuid(text)
        | Value::Json(text) => arguments.add(text.clone()),
    };
    added.map_err(|error| error.to_string())
}

/// The columns of a result.
pub(super) fn columns(columns: &[SqliteColumn]) -> Vec<Column> {
    let type_name = |column: &SqliteColumn| match column.type_info().name() {
        // An expression has no type of its own.
        "NULL" => String::new(),
        name => name.to_owned(),
    };
    columns
        .iter()
        .map(|column| Column { name: column.name().to_owned(), type_name: type_name(column) })
        .collect()
}

/// A row's values.
pub(super) fn row(row: &SqliteRow) -> Result<Vec<Value>, DatabaseError> {
    let value = |(index, column): (usize, &SqliteColumn)| {
        let raw = row.try_get_raw(index).map_err(|_| unreadable(column.name()))?;
        value(raw).map_err(|_| unreadable(column.name()))
    };
    row.columns().iter().enumerate().map(value).collect()
}

fn value(raw: SqliteValueRef<'_>) -> Result<Value, sqlx::error::BoxDynError> {
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let kind = raw.type_info().name().to_owned();
    Ok(match kind.as_str() {
        "INTEGER" => Value::Int64(<i64 as Decode<'_, Sqlite>>::decode(raw)?),
        "REAL" => Value::Float64(<f64 as Decode<'_, Sqlite>>::decode(raw)?),
        "TEXT" => Value::Text(<&str as Decode<'_, Sqlite>>::decode(raw)?.to_owned()),
        _ => Value::Bytes(<&[u8] as Decode<'_, Sqlite>>::decode(raw)?.to_vec()),
    })
}

fn unreadable(column: &str) -> DatabaseError {
    let name: String = column.chars().take(60).collect();
    DatabaseError::Failed(format!(
        "the column {name:?} has text that is not UTF-8; select it as CAST(… AS BLOB)"
    ))
}

//! Statements in SQLite, and what comes of them.

use cofferdam_policy::units::Quantity as _;
use cofferdam_policy::{DatabaseLimits, DatabasePermit, sqlite as bounds};
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Error, ErrorCode, Row, Statement, ToSql};

use super::Cursor;
use super::gate::{gated, read};
use crate::db::{Column, Problem, Value};

/// A database in memory with what these statements make, as the host sets up its own.
pub(super) fn create(schema: &str) -> Result<Connection, Problem> {
    let sqlite = Connection::open_in_memory().map_err(problem)?;
    for (option, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
    ] {
        sqlite.set_db_config(option, on).map_err(problem)?;
    }
    sqlite.execute_batch(schema).map_err(problem)?;
    for (limit, value) in limits(&DatabaseLimits::default()) {
        sqlite.set_limit(limit, value).map_err(problem)?;
    }
    Ok(sqlite)
}

/// The host's, where the operator changed none. Those for its machine's sake are left out.
fn limits(limits: &DatabaseLimits) -> [(Limit, i32); 10] {
    let int = |value: u64| i32::try_from(value).unwrap_or(i32::MAX);
    [
        (Limit::SQLITE_LIMIT_LENGTH, int(limits.value.value().max(limits.sql.value()))),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, int(limits.sql.value())),
        (Limit::SQLITE_LIMIT_COLUMN, bounds::COLUMNS),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, bounds::EXPRESSION_DEPTH),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, bounds::COMPOUND_SELECTS),
        (Limit::SQLITE_LIMIT_VDBE_OP, bounds::INSTRUCTIONS),
        (Limit::SQLITE_LIMIT_FUNCTION_ARG, bounds::FUNCTION_ARGUMENTS),
        (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, bounds::PATTERN),
        (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, int(limits.parameters.value())),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, bounds::TRIGGER_DEPTH),
    ]
}

/// Runs a statement that gives rows.
pub(super) fn query(
    sqlite: &Connection,
    permit: &DatabasePermit,
    sql: &str,
    params: Vec<Value>,
) -> Result<Cursor, Problem> {
    let expected = read(sql, permit)?.parameters;
    gated(sqlite, permit, || {
        let mut statement = sqlite.prepare(sql).map_err(problem)?;
        if statement.column_count() == 0 {
            return Err(Problem::Invalid("the statement gives no rows: use `execute`".to_owned()));
        }
        bind(&mut statement, expected, params)?;
        let columns = columns(&statement);
        let width = columns.len();
        let mut found = statement.raw_query();
        let mut rows = Vec::new();
        while let Some(row) = found.next().map_err(problem)? {
            rows.push((0..width).map(|index| value(row, index)).collect::<Result<_, _>>()?);
        }
        Ok(Cursor { columns, rows: rows.into_iter() })
    })
}

/// Runs a statement that gives no rows, with each list of values, all or none. How many rows changed.
pub(super) fn execute(
    sqlite: &Connection,
    permit: &DatabasePermit,
    sql: &str,
    params: Vec<Vec<Value>>,
) -> Result<u64, Problem> {
    let expected = read(sql, permit)?.parameters;
    sqlite.execute_batch("savepoint many").map_err(problem)?;
    let done = gated(sqlite, permit, || {
        let mut statement = sqlite.prepare(sql).map_err(problem)?;
        if statement.column_count() > 0 {
            return Err(Problem::Invalid("the statement gives rows: use `query`".to_owned()));
        }
        let mut changed = 0;
        for params in params {
            bind(&mut statement, expected, params)?;
            changed += statement.raw_execute().map_err(problem)? as u64;
        }
        Ok(changed)
    });
    let end = if done.is_ok() { "release many" } else { "rollback to many; release many" };
    sqlite.execute_batch(end).map_err(problem)?;
    done
}

/// Binds values by their numbers: `?1`, `$1`, and `?` for the next one.
fn bind(statement: &mut Statement<'_>, expected: usize, params: Vec<Value>) -> Result<(), Problem> {
    if expected != params.len() {
        let given = params.len();
        return Err(Problem::Invalid(format!("the statement takes {expected} values, found {given}")));
    }
    if let Some(place) = params.iter().position(|value| matches!(value, Value::Float64(f) if f.is_nan())) {
        let number = place + 1;
        return Err(Problem::Invalid(format!(
            "value {number}: expected a number, found NaN, which SQLite would make NULL"
        )));
    }
    for index in 1..=statement.parameter_count() {
        let named = statement.parameter_name(index).and_then(|name| name.get(1..)?.parse().ok());
        let number: usize = named.unwrap_or(index);
        if let Some(value) = params.get(number.saturating_sub(1)) {
            statement.raw_bind_parameter(index, value).map_err(problem)?;
        }
    }
    Ok(())
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Boolean(value) => ValueRef::Integer(i64::from(*value)),
            Self::Int64(number) => ValueRef::Integer(*number),
            Self::Float64(number) => ValueRef::Real(*number),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
            Self::Text(text)
            | Self::Decimal(text)
            | Self::Timestamp(text)
            | Self::Uuid(text)
            | Self::Json(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

fn columns(statement: &Statement<'_>) -> Vec<Column> {
    let column = |column: rusqlite::Column<'_>| Column {
        name: column.name().to_owned(),
        type_name: column.decl_type().unwrap_or_default().to_owned(),
    };
    statement.columns().into_iter().map(column).collect()
}

fn value(row: &Row<'_>, index: usize) -> Result<Value, Problem> {
    Ok(match row.get_ref(index).map_err(problem)? {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int64(number),
        ValueRef::Real(number) => Value::Float64(number),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
        ValueRef::Text(text) => Value::Text(
            String::from_utf8(text.to_vec())
                .map_err(|_| Problem::Failed("a text in the database is not UTF-8".to_owned()))?,
        ),
    })
}

/// SQLite's errors in the host's kinds.
pub(super) fn problem(error: Error) -> Problem {
    let (code, text) = match error {
        Error::SqlInputError { error, msg, .. } => (error.code, msg),
        Error::SqliteFailure(failure, text) => (failure.code, text.unwrap_or_else(|| failure.to_string())),
        other => return Problem::Invalid(other.to_string()),
    };
    match code {
        ErrorCode::ConstraintViolation => Problem::Constraint(text),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Problem::Busy(text),
        ErrorCode::AuthorizationForStatementDenied => Problem::Denied(text),
        ErrorCode::TooBig | ErrorCode::DiskFull | ErrorCode::OutOfMemory => Problem::Limit(text),
        ErrorCode::Unknown | ErrorCode::TypeMismatch | ErrorCode::ParameterOutOfRange => {
            Problem::Invalid(text)
        }
        _ => Problem::Failed(text),
    }
}

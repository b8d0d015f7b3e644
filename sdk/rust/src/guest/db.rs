//! Databases in a component: the import. `mock/db.rs` is the same in a native build.

use super::Scope;
use super::bindings::cofferdam::plugin::database as wit;
use crate::db::{Column, Dialect, Problem, Value};

/// A way to one database.
#[derive(Debug)]
pub(crate) struct Connection(wit::Connection);

/// Statements that are done together. Dropping it rolls back.
#[derive(Debug)]
pub(crate) struct OpenTransaction(wit::Transaction);

/// What a query found.
#[derive(Debug)]
pub(crate) struct Cursor(wit::Rows);

impl Scope {
    pub(crate) fn db_open(&self, label: &str) -> Result<Connection, Problem> {
        Ok(Connection(wit::open(label)?))
    }

    pub(crate) fn db_dialect(&self, label: &str) -> Result<Dialect, Problem> {
        Ok(match wit::dialect_of(label)? {
            wit::Dialect::Sqlite => Dialect::Sqlite,
            wit::Dialect::Postgres => Dialect::Postgres,
        })
    }
}

impl Connection {
    pub(crate) fn query(&self, sql: &str, params: Vec<Value>) -> Result<Cursor, Problem> {
        Ok(Cursor(self.0.query(sql, &values(params))?))
    }

    pub(crate) fn execute(&self, sql: &str, params: Vec<Value>) -> Result<u64, Problem> {
        Ok(self.0.execute(sql, &values(params))?)
    }

    pub(crate) fn execute_many(&self, sql: &str, params: Vec<Vec<Value>>) -> Result<u64, Problem> {
        Ok(self.0.execute_many(sql, &lists(params))?)
    }

    pub(crate) fn begin(&self) -> Result<OpenTransaction, Problem> {
        Ok(OpenTransaction(self.0.begin()?))
    }

    pub(crate) fn migrate(&self, steps: &[String]) -> Result<u32, Problem> {
        Ok(self.0.migrate(steps)?)
    }
}

impl OpenTransaction {
    pub(crate) fn query(&self, sql: &str, params: Vec<Value>) -> Result<Cursor, Problem> {
        Ok(Cursor(self.0.query(sql, &values(params))?))
    }

    pub(crate) fn execute(&self, sql: &str, params: Vec<Value>) -> Result<u64, Problem> {
        Ok(self.0.execute(sql, &values(params))?)
    }

    pub(crate) fn execute_many(&self, sql: &str, params: Vec<Vec<Value>>) -> Result<u64, Problem> {
        Ok(self.0.execute_many(sql, &lists(params))?)
    }

    pub(crate) fn commit(self) -> Result<(), Problem> {
        Ok(wit::Transaction::commit(self.0)?)
    }
}

impl Cursor {
    pub(crate) fn columns(&self) -> Vec<Column> {
        let column = |column: wit::Column| Column { name: column.name, type_name: column.type_name };
        self.0.columns().into_iter().map(column).collect()
    }

    pub(crate) fn next(&mut self, max: u32) -> Result<Vec<Vec<Value>>, Problem> {
        let rows = self.0.next(max)?;
        Ok(rows.into_iter().map(|row| row.into_iter().map(Value::from).collect()).collect())
    }
}

fn values(params: Vec<Value>) -> Vec<wit::Value> {
    params.into_iter().map(Into::into).collect()
}

fn lists(params: Vec<Vec<Value>>) -> Vec<Vec<wit::Value>> {
    params.into_iter().map(values).collect()
}

impl From<Value> for wit::Value {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Boolean(value) => Self::Boolean(value),
            Value::Int64(number) => Self::Int64(number),
            Value::Float64(number) => Self::Float64(number),
            Value::Text(text) => Self::Text(text),
            Value::Bytes(bytes) => Self::Bytes(bytes),
            Value::Decimal(digits) => Self::Decimal(digits),
            Value::Timestamp(text) => Self::Timestamp(text),
            Value::Uuid(text) => Self::Uuid(text),
            Value::Json(text) => Self::Json(text),
        }
    }
}

impl From<wit::Value> for Value {
    fn from(value: wit::Value) -> Self {
        match value {
            wit::Value::Null => Self::Null,
            wit::Value::Boolean(value) => Self::Boolean(value),
            wit::Value::Int64(number) => Self::Int64(number),
            wit::Value::Float64(number) => Self::Float64(number),
            wit::Value::Text(text) => Self::Text(text),
            wit::Value::Bytes(bytes) => Self::Bytes(bytes),
            wit::Value::Decimal(digits) => Self::Decimal(digits),
            wit::Value::Timestamp(text) => Self::Timestamp(text),
            wit::Value::Uuid(text) => Self::Uuid(text),
            wit::Value::Json(text) => Self::Json(text),
        }
    }
}

impl From<wit::Error> for Problem {
    fn from(error: wit::Error) -> Self {
        match error {
            wit::Error::Denied(text) => Self::Denied(text),
            wit::Error::Limit(text) => Self::Limit(text),
            wit::Error::Invalid(text) => Self::Invalid(text),
            wit::Error::Constraint(text) => Self::Constraint(text),
            wit::Error::Busy(text) => Self::Busy(text),
            wit::Error::Unavailable(text) => Self::Unavailable(text),
            wit::Error::Failed(text) => Self::Failed(text),
        }
    }
}

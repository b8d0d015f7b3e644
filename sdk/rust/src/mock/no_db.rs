//! In place of `mock/db.rs` without the feature `sqlite`: no database opens, and the error says what is missing.

use super::Scope;
use crate::db::{Column, Dialect, Problem, Value};

/// A way to one database: never made.
#[derive(Debug)]
pub(crate) struct Connection;

/// Statements that are done together: never made.
#[derive(Debug)]
pub(crate) struct OpenTransaction;

/// What a query found: never made.
#[derive(Debug)]
pub(crate) struct Cursor;

fn missing() -> Problem {
    Problem::Unavailable(
        "the mock host has databases only with a feature: in Cargo.toml, add `cofferdam-sdk` with `features = [\"sqlite\"]` to `[dev-dependencies]`"
            .to_owned(),
    )
}

impl Scope {
    pub(crate) fn db_open(&self, _: &str) -> Result<Connection, Problem> {
        Err(missing())
    }

    pub(crate) fn db_dialect(&self, _: &str) -> Result<Dialect, Problem> {
        Err(missing())
    }
}

impl Connection {
    pub(crate) fn query(&self, _: &str, _: Vec<Value>) -> Result<Cursor, Problem> {
        Err(missing())
    }

    pub(crate) fn execute(&self, _: &str, _: Vec<Value>) -> Result<u64, Problem> {
        Err(missing())
    }

    pub(crate) fn execute_many(&self, _: &str, _: Vec<Vec<Value>>) -> Result<u64, Problem> {
        Err(missing())
    }

    pub(crate) fn begin(&self) -> Result<OpenTransaction, Problem> {
        Err(missing())
    }

    pub(crate) fn migrate(&self, _: &[String]) -> Result<u32, Problem> {
        Err(missing())
    }
}

impl OpenTransaction {
    pub(crate) fn query(&self, _: &str, _: Vec<Value>) -> Result<Cursor, Problem> {
        Err(missing())
    }

    pub(crate) fn execute(&self, _: &str, _: Vec<Value>) -> Result<u64, Problem> {
        Err(missing())
    }

    pub(crate) fn execute_many(&self, _: &str, _: Vec<Vec<Value>>) -> Result<u64, Problem> {
        Err(missing())
    }

    pub(crate) fn commit(self) -> Result<(), Problem> {
        Err(missing())
    }
}

impl Cursor {
    pub(crate) fn columns(&self) -> Vec<Column> {
        Vec::new()
    }

    pub(crate) fn next(&mut self, _: u32) -> Result<Vec<Vec<Value>>, Problem> {
        Err(missing())
    }
}

//! What every kind of database can do for a plugin: the one seam between the service and its backends.
//!
//! A backend is made for one label and one policy (who may do what, how much), so that nothing that one plugin leaves in
//! a session is found by another. It never sees a guest, an engine or a call; it sees statements that have been permitted
//! to run by their label and access, and judges the statement itself by `access` before it runs.
//! Dropping a future that a backend gave ends its work, in the database too, and returns its connection clean or not at
//! all.

use std::{future::Future, pin::Pin, time::Duration};

use super::{DatabaseError, Table, Value};

/// What a backend answers, later.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, DatabaseError>> + Send + 'a>>;

/// How statements are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite's.
    Sqlite,
    /// PostgreSQL's.
    Postgres,
}

/// One statement, and how much of everything it may use.
#[derive(Debug, Clone, Copy)]
pub struct Statement<'a> {
    /// Exactly one SQL statement, as the guest wrote it.
    pub sql: &'a str,
    /// Its values, in the order of their numbers.
    pub params: &'a [Value],
    /// What is left of its time: the lesser of the statement's deadline and the call's.
    pub time: Duration,
    /// Rows that may come back.
    pub rows: u64,
    /// Bytes that may come back, by [`Value::size`].
    pub bytes: u64,
}

/// One database under one policy.
pub trait Backend: Send + Sync {
    /// How statements for it are written.
    fn dialect(&self) -> Dialect;
    /// Runs a statement that gives rows.
    fn query<'a>(&'a self, statement: Statement<'a>) -> Answer<'a, Table>;
    /// Runs a statement with each list of values (its own are not used), all or none; how many rows changed.
    fn execute_many<'a>(&'a self, statement: Statement<'a>, params: &'a [Vec<Value>]) -> Answer<'a, u64>;
    /// Runs a statement that gives no rows; how many changed.
    fn execute<'a>(&'a self, statement: Statement<'a>) -> Answer<'a, u64>;
    /// Begins a transaction that is rolled back by itself after `time`.
    fn begin(&self, time: Duration) -> Answer<'_, Box<dyn Transaction>>;
    /// Runs those steps that haven't been run, in order, all or none, one caller at a time; how many.
    fn migrate<'a>(&'a self, steps: &'a [String], time: Duration) -> Answer<'a, u32>;
}

/// Statements that are done together or not at all. Dropping it rolls back.
pub trait Transaction: Send {
    /// As for a [`Backend`].
    fn query<'a>(&'a mut self, statement: Statement<'a>) -> Answer<'a, Table>;
    /// As for a [`Backend`].
    fn execute<'a>(&'a mut self, statement: Statement<'a>) -> Answer<'a, u64>;
    /// As for a [`Backend`].
    fn execute_many<'a>(&'a mut self, statement: Statement<'a>, params: &'a [Vec<Value>]) -> Answer<'a, u64>;
    /// Makes it last; after an error nothing of it does.
    fn commit(self: Box<Self>) -> Answer<'static, ()>;
}

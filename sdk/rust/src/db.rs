//! The handle `Db`: a database of the plugin's own, and those that the operator granted it.
//!
//! Statements and rows are here; what they are in a component and in the mock host is in `guest/db.rs` and `mock/db.rs`.

use std::sync::{Arc, OnceLock};

use crate::handle::{Connection, Handle, OpenTransaction, Scope};
use crate::{Result, ToolError};

mod cell;
mod params;
mod row;
mod rows;
mod value;

pub use params::Params;
pub use rows::{Column, Iter, Rows};
pub use value::Value;

/// A database: the plugin's own one, which nobody has to allow and no other plugin sees, or a shared one by its label.
///
/// A tool takes `db: Db` and has the private database, which is SQLite. [`Db::named`] gives a shared one, SQLite or
/// Postgres, if the operator granted it; say so with `#[tool(db("shop"))]` to read it, `#[tool(db("shop", write))]` to
/// change what is in it, `#[tool(db("shop", schema))]` to change its tables too. That grants nothing: the operator sees
/// it as the line to add.
///
/// One statement at a time, its values beside it ([`Params`]) and never in it. They are numbered: `?1` in SQLite, `$1` in
/// both.
///
/// ```
/// use cofferdam_sdk::prelude::*;
///
/// const STEPS: &[&str] = &["create table note (id integer primary key, title text not null, tag text)"];
///
/// #[derive(Serialize, Deserialize, JsonSchema)]
/// struct Note {
///     id: i64,
///     title: String,
///     tag: Option<String>,
/// }
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Tagged {
///     tag: String,
/// }
///
/// /// The notes with a tag.
/// #[tool(read_only)]
/// fn notes(args: Tagged, db: Db) -> Result<Vec<Note>> {
///     db.migrate(STEPS)?;
///     db.query("select id, title, tag from note where tag = ?1 order by id", (args.tag,))?.rows()
/// }
///
/// # fn main() {
/// # #[cfg(feature = "sqlite")] {
/// let host = cofferdam_sdk::mock::Host::new();
/// let db: Db = host.handle();
/// assert_eq!(db.migrate(STEPS), Ok(1));
/// let insert = "insert into note (title, tag) values (?1, ?2)";
/// db.execute_many(insert, [("Tea", Some("shop")), ("Call Ann", None)]).unwrap();
///
/// let notes = host.call::<notes>(json!({"tag": "shop"})).unwrap();
/// assert_eq!(notes[0].title, "Tea");
/// let count: i64 = db.query("select count(*) from note", ()).unwrap().one().unwrap();
/// assert_eq!(count, 2);
/// # }
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Db {
    scope: Scope,
    label: Arc<str>,
    connection: Arc<OnceLock<Connection>>,
}

impl Db {
    /// A shared database, by the label that it has in the operator's file. [`ToolError::Denied`] where it isn't granted.
    pub fn named(&self, label: &str) -> Result<Self> {
        let db = Self::new(&self.scope, label);
        db.connection()?;
        Ok(db)
    }

    /// Run a statement that gives rows: `db.query("select title from note where id = ?1", (id,))?.one::<String>()?`.
    pub fn query(&self, sql: &str, params: impl Params) -> Result<Rows> {
        Ok(Rows::new(self.connection()?.query(sql, params.into_values())?))
    }

    /// Run a statement that gives none; how many rows it changed.
    pub fn execute(&self, sql: &str, params: impl Params) -> Result<u64> {
        Ok(self.connection()?.execute(sql, params.into_values())?)
    }

    /// Run a statement once with each of many lists of values, all or none: one crossing into the host instead of many.
    /// How many rows they changed.
    pub fn execute_many(&self, sql: &str, params: impl IntoIterator<Item = impl Params>) -> Result<u64> {
        Ok(self.connection()?.execute_many(sql, all(params))?)
    }

    /// Do several statements together or not at all.
    ///
    /// What `work` does through its [`Transaction`] lasts if it gives `Ok`. If it gives an error, panics, or the call ends
    /// meanwhile, nothing of it does. There is one at a time, and it has a deadline of its own, so do nothing slow in it.
    pub fn transaction<T>(&self, work: impl FnOnce(&Transaction) -> Result<T>) -> Result<T> {
        let transaction = Transaction { open: self.connection()?.begin()? };
        let done = work(&transaction)?;
        transaction.open.commit()?;
        Ok(done)
    }

    /// Bring the database to where `steps` ends: those that haven't been run are, in order, all or none. How many.
    ///
    /// Each step is one or more statements, and is recorded; add steps at the end, and never change one that was released.
    /// Call it first in every tool: when there is nothing to do it costs little, and of calls at the same time one works
    /// and the others wait. It needs the access `schema`, which a plugin always has in its own database.
    pub fn migrate<S: AsRef<str>>(&self, steps: &[S]) -> Result<u32> {
        let steps: Vec<_> = steps.iter().map(|step| step.as_ref().to_owned()).collect();
        Ok(self.connection()?.migrate(&steps)?)
    }

    /// In which dialect statements for it are written.
    pub fn dialect(&self) -> Result<Dialect> {
        Ok(self.scope.db_dialect(&self.label)?)
    }

    /// Its label; that of the plugin's own is `private`.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    fn new(scope: &Scope, label: &str) -> Self {
        Self { scope: scope.clone(), label: label.into(), connection: Arc::default() }
    }

    fn connection(&self) -> Result<&Connection> {
        if let Some(connection) = self.connection.get() {
            return Ok(connection);
        }
        let opened = self.scope.db_open(&self.label)?;
        Ok(self.connection.get_or_init(|| opened))
    }
}

impl Handle for Db {
    fn open(scope: &Scope) -> Self {
        Self::new(scope, "private")
    }
}

/// Statements that are done together or not at all; [`Db::transaction`] gives one.
#[derive(Debug)]
pub struct Transaction {
    open: OpenTransaction,
}

impl Transaction {
    /// As [`Db::query`].
    pub fn query(&self, sql: &str, params: impl Params) -> Result<Rows> {
        Ok(Rows::new(self.open.query(sql, params.into_values())?))
    }

    /// As [`Db::execute`].
    pub fn execute(&self, sql: &str, params: impl Params) -> Result<u64> {
        Ok(self.open.execute(sql, params.into_values())?)
    }

    /// As [`Db::execute_many`].
    pub fn execute_many(&self, sql: &str, params: impl IntoIterator<Item = impl Params>) -> Result<u64> {
        Ok(self.open.execute_many(sql, all(params))?)
    }
}

/// In which dialect statements are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// Why a statement wasn't done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    all(not(target_arch = "wasm32"), not(feature = "sqlite")),
    allow(dead_code, reason = "the mock host without databases has one problem only")
)]
pub(crate) enum Problem {
    Denied(String),
    Limit(String),
    Invalid(String),
    Constraint(String),
    Busy(String),
    Unavailable(String),
    Failed(String),
}

/// A statement is the plugin's own, so one that is wrong failed; what a constraint refuses are mostly the arguments.
impl From<Problem> for ToolError {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Denied(text) => Self::Denied(text),
            Problem::Constraint(text) => Self::InvalidArguments(text),
            Problem::Busy(text) | Problem::Unavailable(text) => Self::Unavailable(text),
            Problem::Limit(text) | Problem::Invalid(text) | Problem::Failed(text) => Self::Failed(text),
        }
    }
}

fn all(params: impl IntoIterator<Item = impl Params>) -> Vec<Vec<Value>> {
    params.into_iter().map(Params::into_values).collect()
}

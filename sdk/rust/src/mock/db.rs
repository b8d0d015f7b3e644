//! Real SQLite in memory in place of the host's databases. `guest/db.rs` is the same in a component.
//!
//! What a statement may do is decided by the host's own lists, in the host's words; the bounds that SQLite keeps itself are
//! the host's too. It has no quotas and no deadlines. There is one connection for each database, so nothing
//! else uses one while a transaction is open.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use cofferdam_policy::{DatabaseAccess, DatabaseGrant, DatabasePermit, Label, PluginId};
use rusqlite::Connection as Sqlite;

use super::{Host, Scope};
use crate::db::{Column, Dialect, Problem, Value};

mod gate;
mod migrate;
mod run;

impl Host {
    /// Make a shared database, which tools may read and write, and give it tables and rows: any number of statements.
    ///
    /// With the feature `sqlite` only. The private database is there without being made.
    ///
    /// # Panics
    /// If a statement is wrong, or the label.
    #[must_use]
    pub fn sqlite(self, label: &str, schema: &str) -> Self {
        self.with_database(label, schema, DatabaseAccess::Write)
    }

    /// The same, but tools may only read it.
    ///
    /// # Panics
    /// If a statement is wrong, or the label.
    #[must_use]
    pub fn sqlite_read_only(self, label: &str, schema: &str) -> Self {
        self.with_database(label, schema, DatabaseAccess::Read)
    }

    /// No database answers, from now on.
    #[must_use]
    pub fn without_databases(self) -> Self {
        self.scope.edit(|state| state.databases.down = true);
        self
    }

    #[expect(clippy::panic, reason = "a test that is set up wrongly fails")]
    fn with_database(self, label: &str, schema: &str, access: DatabaseAccess) -> Self {
        let made = Label::parse(label).map_err(|error| error.to_string()).and_then(|parsed| {
            let database = Database::new(schema).map_err(|problem| format!("{problem:?}"))?;
            Ok((parsed, database))
        });
        match made {
            Ok((parsed, database)) => self.scope.edit(|state| {
                state.databases.grants.insert(parsed, access);
                state.databases.of.insert(label.to_owned(), database);
            }),
            Err(problem) => panic!("the database `{label}` can't be made: {problem}"),
        }
        self
    }
}

/// The databases by their labels, and how far tools may go in those that are shared.
#[derive(Debug, Default)]
pub(super) struct Databases {
    of: HashMap<String, Database>,
    grants: HashMap<Label, DatabaseAccess>,
    down: bool,
}

impl Databases {
    fn get(&mut self, label: &str) -> Result<(&mut Database, DatabasePermit), Problem> {
        if self.down {
            return Err(Problem::Unavailable("the database doesn't answer".to_owned()));
        }
        let plugin = PluginId::parse("plugin").map_err(|error| Problem::Failed(error.to_string()))?;
        let grants = self.grants.iter().map(|(label, access)| (label.clone(), *access));
        let permit = DatabaseGrant::new(grants).permit(&plugin, label);
        let permit = permit.map_err(|denied| Problem::Denied(denied.to_string()))?;
        // What is shared was made when it was granted.
        let database = match self.of.entry(label.to_owned()) {
            Entry::Occupied(there) => there.into_mut(),
            Entry::Vacant(private) => private.insert(Database::new("")?),
        };
        Ok((database, permit))
    }
}

#[derive(Debug)]
struct Database {
    sqlite: Sqlite,
    /// Whether a transaction is open.
    taken: bool,
}

impl Database {
    fn new(schema: &str) -> Result<Self, Problem> {
        Ok(Self { sqlite: run::create(schema)?, taken: false })
    }

    fn free(&self) -> Result<&Sqlite, Problem> {
        if self.taken {
            return Err(Problem::Busy(
                "a transaction of this database is open, and in the mock host nothing else uses it meanwhile: use the transaction"
                    .to_owned(),
            ));
        }
        Ok(&self.sqlite)
    }
}

/// A way to one database.
#[derive(Debug)]
pub(crate) struct Connection {
    scope: Scope,
    label: String,
}

/// Statements that are done together. Dropping it rolls back.
#[derive(Debug)]
pub(crate) struct OpenTransaction {
    scope: Scope,
    label: String,
}

/// What a query found.
#[derive(Debug)]
pub(crate) struct Cursor {
    columns: Vec<Column>,
    rows: std::vec::IntoIter<Vec<Value>>,
}

impl Scope {
    pub(crate) fn db_open(&self, label: &str) -> Result<Connection, Problem> {
        self.database(label, |_, _| Ok(()))?;
        Ok(Connection { scope: self.clone(), label: label.to_owned() })
    }

    pub(crate) fn db_dialect(&self, label: &str) -> Result<Dialect, Problem> {
        self.database(label, |_, _| Ok(Dialect::Sqlite))
    }

    fn database<T>(
        &self,
        label: &str,
        using: impl FnOnce(&mut Database, &DatabasePermit) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let mut result = Err(Problem::Failed("the mock host's state is gone".to_owned()));
        self.edit(|state| {
            result = state.databases.get(label).and_then(|(database, permit)| using(database, &permit));
        });
        result
    }
}

impl Connection {
    fn using<T>(
        &self,
        using: impl FnOnce(&Sqlite, &DatabasePermit) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        self.scope.database(&self.label, |database, permit| using(database.free()?, permit))
    }

    pub(crate) fn query(&self, sql: &str, params: Vec<Value>) -> Result<Cursor, Problem> {
        self.using(|sqlite, permit| run::query(sqlite, permit, sql, params))
    }

    pub(crate) fn execute(&self, sql: &str, params: Vec<Value>) -> Result<u64, Problem> {
        self.using(|sqlite, permit| run::execute(sqlite, permit, sql, vec![params]))
    }

    pub(crate) fn execute_many(&self, sql: &str, params: Vec<Vec<Value>>) -> Result<u64, Problem> {
        self.using(|sqlite, permit| run::execute(sqlite, permit, sql, params))
    }

    pub(crate) fn begin(&self) -> Result<OpenTransaction, Problem> {
        self.scope.database(&self.label, |database, _| {
            database.free()?.execute_batch("begin immediate").map_err(run::problem)?;
            database.taken = true;
            Ok(OpenTransaction { scope: self.scope.clone(), label: self.label.clone() })
        })
    }

    pub(crate) fn migrate(&self, steps: &[String]) -> Result<u32, Problem> {
        self.using(|sqlite, permit| migrate::migrate(sqlite, permit, steps))
    }
}

impl OpenTransaction {
    fn using<T>(
        &self,
        using: impl FnOnce(&Sqlite, &DatabasePermit) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        self.scope.database(&self.label, |database, permit| using(&database.sqlite, permit))
    }

    pub(crate) fn query(&self, sql: &str, params: Vec<Value>) -> Result<Cursor, Problem> {
        self.using(|sqlite, permit| run::query(sqlite, permit, sql, params))
    }

    pub(crate) fn execute(&self, sql: &str, params: Vec<Value>) -> Result<u64, Problem> {
        self.using(|sqlite, permit| run::execute(sqlite, permit, sql, vec![params]))
    }

    pub(crate) fn execute_many(&self, sql: &str, params: Vec<Vec<Value>>) -> Result<u64, Problem> {
        self.using(|sqlite, permit| run::execute(sqlite, permit, sql, params))
    }

    pub(crate) fn commit(self) -> Result<(), Problem> {
        self.using(|sqlite, _| sqlite.execute_batch("commit").map_err(run::problem))
    }
}

impl Drop for OpenTransaction {
    fn drop(&mut self) {
        self.scope.edit(|state| {
            let Some(database) = state.databases.of.get_mut(&self.label) else { return };
            database.taken = false;
            // After a commit there is nothing left to roll back.
            if !database.sqlite.is_autocommit() {
                drop(database.sqlite.execute_batch("rollback"));
            }
        });
    }
}

impl Cursor {
    pub(crate) fn columns(&self) -> Vec<Column> {
        self.columns.clone()
    }

    pub(crate) fn next(&mut self, max: u32) -> Result<Vec<Vec<Value>>, Problem> {
        Ok(self.rows.by_ref().take(usize::try_from(max).unwrap_or(usize::MAX)).collect())
    }
}

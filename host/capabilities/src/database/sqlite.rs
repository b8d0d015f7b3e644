//! SQLite: a file for each plugin, and files of the operator's.
//!
//! SQLite is a library in this process, so nothing stands between a statement and the host but what is set up here:
//! - the text is read first ([`cofferdam_policy::sqlite::statement`]), and each action asked for while it is compiled
//!   ([`native`], [`gate`]);
//! - every connection has the library's limits, its defensive settings and no way to load code;
//! - a handler that runs every thousand instructions ends the work when its time is over or nobody waits for it;
//! - all of SQLite in this process shares a heap of [`SQLITE_HEAP`]: a statement that wants more ends, and so may one of
//!   another plugin at that moment, but the host doesn't. There is no such limit per connection.
//!
//! A connection goes back to its pool only when its work came to an end; else it is closed, which rolls back.
//!
//! [`SQLITE_HEAP`]: cofferdam_policy::limits::database::SQLITE_HEAP

mod failure;
mod file;
mod gate;
mod migrate;
mod native;
mod pool;
mod session;
mod transaction;
mod values;

use std::{path::PathBuf, sync::Arc, time::Duration};

use cofferdam_policy::{
    DatabaseAccess, DatabaseDenial, DatabaseLimits, DatabasePermit, sqlite, units::Quantity as _,
};
use tokio::time::Instant;

use self::{pool::Pool, session::Work};
use super::{
    DatabaseError, Table,
    backend::{Answer, Backend, Dialect, Statement, Transaction},
};

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A file that the host makes and owns, in a directory of its own. Absolute.
    Own(PathBuf),
    /// A file of the operator's, which must be there. Absolute.
    Shared(PathBuf),
}

/// One database file under one permit.
pub struct Sqlite {
    shared: Arc<Shared>,
}

/// What all work in one database has in common.
struct Shared {
    permit: DatabasePermit,
    limits: DatabaseLimits,
    pool: Pool,
    /// Who migrates, one at a time.
    migrating: tokio::sync::Mutex<()>,
}

impl Sqlite {
    /// A database that is opened when it is first used.
    #[must_use]
    pub fn new(place: Place, permit: DatabasePermit, limits: DatabaseLimits) -> Self {
        let pool = Pool::new(place, permit.clone(), limits.clone());
        Self { shared: Arc::new(Shared { permit, limits, pool, migrating: tokio::sync::Mutex::new(()) }) }
    }
}

impl Shared {
    fn deny(&self, why: DatabaseDenial) -> DatabaseError {
        DatabaseError::Denied(self.permit.deny(why).to_string())
    }

    /// Reads a statement before SQLite does.
    fn read<'a>(&self, statement: &Statement<'a>) -> Result<Work<'a>, DatabaseError> {
        let Statement { sql, params, time, rows, bytes } = *statement;
        self.check_length(sql)?;
        let read = sqlite::Statement::read(sql).map_err(|wrong| self.wrong(wrong))?;
        let until = Instant::now() + time;
        let rows = rows.min(self.limits.rows.value());
        let bytes = bytes.min(self.limits.result.value());
        Ok(Work { sql, kind: read.kind, parameters: read.parameters, params, until, rows, bytes })
    }

    fn check_length(&self, sql: &str) -> Result<(), DatabaseError> {
        if sql.len() as u64 > self.limits.sql.value() {
            let found =
                format!("the statement has {} bytes, expected at most {}", sql.len(), self.limits.sql);
            return Err(failure::limit(&found, "sql"));
        }
        Ok(())
    }

    fn wrong(&self, wrong: sqlite::Wrong) -> DatabaseError {
        match wrong {
            sqlite::Wrong::Denied(why) => self.deny(why),
            wrong => DatabaseError::Invalid(wrong.to_string()),
        }
    }

    /// Reads a statement that is run with many lists of values.
    fn read_many<'a>(
        &self,
        statement: &Statement<'a>,
        params: &[Vec<super::Value>],
    ) -> Result<Work<'a>, DatabaseError> {
        if params.len() as u64 > self.limits.batch.value() {
            let found = format!("{} lists of values, expected at most {}", params.len(), self.limits.batch);
            return Err(failure::limit(&found, "batch"));
        }
        self.read(statement)
    }

    async fn query(&self, statement: Statement<'_>) -> Result<Table, DatabaseError> {
        let work = self.read(&statement)?;
        let mut lease = self.pool.take(work.until).await?;
        let answer = lease.query(&work, self).await;
        lease.settle(&answer);
        answer
    }

    async fn execute(&self, statement: Statement<'_>) -> Result<u64, DatabaseError> {
        let work = self.read(&statement)?;
        let mut lease = self.pool.take(work.until).await?;
        let answer = lease.execute(&work, work.params, self).await;
        lease.settle(&answer);
        answer
    }

    async fn execute_many(
        &self,
        statement: Statement<'_>,
        params: &[Vec<super::Value>],
    ) -> Result<u64, DatabaseError> {
        let work = self.read_many(&statement, params)?;
        let mut lease = self.pool.take(work.until).await?;
        let answer = async {
            lease.host(self.beginning(), work.until, self).await?;
            let changed = lease.execute_each(&work, params, self).await?;
            lease.host("COMMIT", work.until, self).await?;
            Ok(changed)
        }
        .await;
        // What failed within a transaction is rolled back by closing.
        lease.settle_whole(&answer);
        answer
    }

    /// Who may write says so from the start: a transaction that reads first and finds another writer later can't go on.
    fn beginning(&self) -> &'static str {
        match self.permit.access() {
            DatabaseAccess::Read => "BEGIN",
            DatabaseAccess::Write | DatabaseAccess::Schema => "BEGIN IMMEDIATE",
        }
    }

    async fn begin(self: &Arc<Self>, time: Duration) -> Result<Box<dyn Transaction>, DatabaseError> {
        let until = Instant::now() + time.min(self.limits.transaction.duration());
        let mut lease = self.pool.take(until).await?;
        let begun = lease.host(self.beginning(), until, self).await;
        match begun {
            Ok(()) => Ok(Box::new(transaction::Running::new(Arc::clone(self), lease, until))),
            Err(error) => {
                lease.settle_whole::<()>(&Err(error.clone()));
                Err(error)
            }
        }
    }
}

impl Backend for Sqlite {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn query<'a>(&'a self, statement: Statement<'a>) -> Answer<'a, Table> {
        Box::pin(self.shared.query(statement))
    }

    fn execute<'a>(&'a self, statement: Statement<'a>) -> Answer<'a, u64> {
        Box::pin(self.shared.execute(statement))
    }

    fn execute_many<'a>(
        &'a self,
        statement: Statement<'a>,
        params: &'a [Vec<super::Value>],
    ) -> Answer<'a, u64> {
        Box::pin(self.shared.execute_many(statement, params))
    }

    fn begin(&self, time: Duration) -> Answer<'_, Box<dyn Transaction>> {
        Box::pin(self.shared.begin(time))
    }

    fn migrate<'a>(&'a self, steps: &'a [String], time: Duration) -> Answer<'a, u32> {
        Box::pin(migrate::run(&self.shared, steps, time))
    }
}

#[cfg(test)]
mod tests;

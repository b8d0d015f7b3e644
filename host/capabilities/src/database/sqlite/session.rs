//! One connection: opened with every setting made, and what is run on it.

use std::{sync::Arc, time::Duration};

use cofferdam_policy::{DatabaseAccess, DatabaseLimits, DatabasePermit, sqlite::Kind, units::Quantity as _};
use futures::TryStreamExt as _;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Executor as _, Row as _, SqlSafeStr as _, Statement as _,
    sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous},
};
use tokio::time::{Instant, timeout_at};

use super::{Place, Shared, failure, file, gate::Gate, native, values};
use crate::database::{DatabaseError, Table, Value};

/// How long a connection waits for another one that writes.
const BUSY: Duration = Duration::from_secs(1);
/// How often SQLite asks whether to go on, in its instructions.
const INSTRUCTIONS: i32 = 1_000;
/// How long after its time a statement may come to its end by itself.
const GRACE: Duration = Duration::from_millis(100);
const PAGE: u64 = 4_096;
/// Rows that are on their way from the connection's thread.
const ROWS: usize = 16;
const STATEMENTS: usize = 64;
/// What is left of the log of changes once they are in the file.
const LOG_BYTES: u64 = 4 << 20;

/// One statement that has been read.
pub(super) struct Work<'a> {
    pub(super) sql: &'a str,
    pub(super) kind: Kind,
    pub(super) parameters: usize,
    pub(super) params: &'a [Value],
    pub(super) until: Instant,
    pub(super) rows: u64,
    pub(super) bytes: u64,
}

pub(super) struct Session {
    connection: SqliteConnection,
    gate: Arc<Gate>,
}

impl Session {
    /// Opens a connection, and arms it.
    pub(super) async fn open(
        place: &Place,
        permit: &DatabasePermit,
        limits: &DatabaseLimits,
    ) -> Result<Self, DatabaseError> {
        if let Place::Own(path) = place {
            let path = path.clone();
            let prepared = tokio::task::spawn_blocking(move || file::prepare(&path)).await;
            prepared
                .map_err(|error| failure::unavailable(permit, &error))?
                .map_err(|error| failure::unavailable(permit, &error))?;
        }
        let gate = Arc::new(Gate::new(permit.access()));
        let opened = options(place, permit.access(), limits).connect().await;
        let mut connection = opened.map_err(|error| match failure::of(&error, &gate, permit, limits) {
            damaged @ (DatabaseError::Failed(_) | DatabaseError::Busy(_)) => damaged,
            _ => failure::unavailable(permit, &error),
        })?;
        let mut handle =
            connection.lock_handle().await.map_err(|error| failure::unavailable(permit, &error))?;
        native::arm(&mut handle, &gate, &native::limits(limits))
            .map_err(|error| failure::unavailable(permit, &error))?;
        let asked = Arc::clone(&gate);
        handle.set_progress_handler(INSTRUCTIONS, move || asked.goes_on());
        drop(handle);
        Ok(Self { connection, gate })
    }

    /// Runs a statement that gives rows.
    pub(super) async fn query(&mut self, work: &Work<'_>, shared: &Shared) -> Result<Table, DatabaseError> {
        let arguments = values::bind(work.params, work.parameters)?;
        self.gate.open(false, work.until.into_std());
        let connection = &mut self.connection;
        let found = async {
            let mut table = Table::default();
            let mut bytes = work.bytes;
            let sql = AssertSqlSafe(work.sql.to_owned());
            let mut rows = connection.fetch(sqlx::query_with(sql, arguments));
            while let Some(row) = rows.try_next().await.map_err(Trouble::Sqlite)? {
                if table.rows.is_empty() {
                    table.columns = values::columns(row.columns());
                }
                if table.rows.len() as u64 >= work.rows {
                    return Err(Trouble::Ours(too_many("rows", shared)));
                }
                let row = values::row(&row).map_err(Trouble::Ours)?;
                let size = row.iter().map(Value::size).sum::<usize>() as u64;
                bytes = bytes.checked_sub(size).ok_or_else(|| Trouble::Ours(too_many("bytes", shared)))?;
                table.rows.push(row);
            }
            drop(rows);
            if table.rows.is_empty() {
                // A result without rows has columns too; the statement is prepared already.
                let sql = AssertSqlSafe(work.sql.to_owned()).into_sql_str();
                let prepared = connection.prepare(sql).await.map_err(Trouble::Sqlite)?;
                table.columns = values::columns(prepared.columns());
            }
            Ok(table)
        };
        let found = timeout_at(work.until + GRACE, found).await;
        self.answer(found, shared)
    }

    /// Runs a statement, and counts the rows that it changed.
    pub(super) async fn execute(
        &mut self,
        work: &Work<'_>,
        params: &[Value],
        shared: &Shared,
    ) -> Result<u64, DatabaseError> {
        let arguments = values::bind(params, work.parameters)?;
        self.gate.open(false, work.until.into_std());
        let sql = AssertSqlSafe(work.sql.to_owned());
        let run = self.connection.execute(sqlx::query_with(sql, arguments));
        let done = timeout_at(work.until + GRACE, run).await;
        let done = self.answer(done.map(|done| done.map_err(Trouble::Sqlite)), shared)?;
        // For others SQLite tells the number of the change before.
        Ok(if work.kind == Kind::Change { done.rows_affected() } else { 0 })
    }

    /// Runs a statement with each list of values, within a transaction that the caller began.
    pub(super) async fn execute_each(
        &mut self,
        work: &Work<'_>,
        params: &[Vec<Value>],
        shared: &Shared,
    ) -> Result<u64, DatabaseError> {
        let mut changed = 0;
        for params in params {
            changed += self.execute(work, params, shared).await?;
        }
        Ok(changed)
    }

    /// Runs a statement of the host's own: its text is a constant, and it isn't kept where a plugin's statements are.
    pub(super) async fn host(
        &mut self,
        sql: &'static str,
        until: Instant,
        shared: &Shared,
    ) -> Result<(), DatabaseError> {
        self.gate.open(true, until.into_std());
        let run = self.connection.execute(sqlx::raw_sql(sql));
        let done = timeout_at(until + GRACE, run).await;
        self.answer(done.map(|done| done.map_err(Trouble::Sqlite)), shared).map(drop)
    }

    /// The connection, for a query of the host's own.
    pub(super) fn host_connection(&mut self, until: Instant) -> &mut SqliteConnection {
        self.gate.open(true, until.into_std());
        &mut self.connection
    }

    /// What an error of such a query means.
    pub(super) fn failure(&self, error: &sqlx::Error, shared: &Shared) -> DatabaseError {
        failure::of(error, &self.gate, &shared.permit, &shared.limits)
    }

    /// Whether a transaction is open.
    pub(super) async fn is_in_transaction(&mut self) -> bool {
        match self.connection.lock_handle().await {
            Ok(mut handle) => native::is_in_transaction(&mut handle),
            Err(_) => false,
        }
    }

    fn answer<T>(
        &self,
        done: Result<Result<T, Trouble>, tokio::time::error::Elapsed>,
        shared: &Shared,
    ) -> Result<T, DatabaseError> {
        match done {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(Trouble::Ours(error))) => Err(error),
            Ok(Err(Trouble::Sqlite(error))) => Err(self.failure(&error, shared)),
            Err(_) => Err(failure::late("statement", &shared.limits)),
        }
    }
}

impl Drop for Session {
    /// What still runs on it ends now; then its thread closes it.
    fn drop(&mut self) {
        self.gate.stop();
    }
}

/// What went wrong with a statement.
enum Trouble {
    Sqlite(sqlx::Error),
    Ours(DatabaseError),
}

fn too_many(what: &str, shared: &Shared) -> DatabaseError {
    let limits = &shared.limits;
    match what {
        "rows" => failure::limit(&format!("the query gives more than {} rows", limits.rows), "rows"),
        _ => failure::limit(&format!("the query gives more than {}", limits.result), "result"),
    }
}

fn options(place: &Place, access: DatabaseAccess, limits: &DatabaseLimits) -> SqliteConnectOptions {
    let (Place::Own(path) | Place::Shared(path)) = place;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .read_only(access == DatabaseAccess::Read)
        .busy_timeout(BUSY)
        .statement_cache_capacity(STATEMENTS)
        .row_buffer_size(ROWS)
        .thread_name(|_| "sqlite".to_owned())
        .disable_statement_logging()
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        .pragma("mmap_size", "0")
        // No files for what is sorted: it counts as memory.
        .pragma("temp_store", "MEMORY");
    match place {
        Place::Own(_) => options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .pragma("journal_size_limit", LOG_BYTES.to_string())
            .pragma("max_page_count", (limits.size.value() / PAGE).to_string()),
        // How the operator's files are kept is theirs to say.
        Place::Shared(_) => match access {
            DatabaseAccess::Read => options.pragma("query_only", "ON"),
            _ => options,
        },
    }
}

//! Migrations: steps that are run once, in order, all or none, and recorded in the database itself.

use std::time::Duration;

use cofferdam_policy::{DatabaseAccess, DatabaseDenial, limits::database::MIGRATION_STEPS, sqlite};
use sha2::{Digest as _, Sha256};
use tokio::time::{Instant, timeout_at};

use super::{Shared, failure, pool::Lease, session::Work};
use crate::database::DatabaseError;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS cofferdam_migrations \
    (step INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, at TEXT NOT NULL)";
const IS_THERE: &str =
    "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'cofferdam_migrations'";
const RECORDED: &str = "SELECT step, sha256 FROM cofferdam_migrations ORDER BY step";
const RECORD: &str = "INSERT INTO cofferdam_migrations (step, sha256, at) VALUES (?1, ?2, datetime('now'))";

/// Runs those steps that haven't been run. How many.
pub(super) async fn run(shared: &Shared, steps: &[String], time: Duration) -> Result<u32, DatabaseError> {
    if shared.permit.access() < DatabaseAccess::Schema {
        return Err(shared.deny(DatabaseDenial::Access(DatabaseAccess::Schema)));
    }
    if steps.len() > MIGRATION_STEPS {
        let found = format!("{} steps, expected at most {MIGRATION_STEPS}", steps.len());
        return Err(DatabaseError::Invalid(found));
    }
    let until = Instant::now() + time.min(shared.limits.transaction.duration());
    let late = |_| failure::late("transaction", &shared.limits);
    let _turn = timeout_at(until, shared.migrating.lock()).await.map_err(late)?;
    let mut lease = shared.pool.take(until).await?;
    let answer = async {
        // Most often all is done, and nobody needs to wait for that.
        if missing(&mut lease, steps, until, shared).await?.is_empty() {
            return Ok(0);
        }
        begin(&mut lease, until, shared).await?;
        lease.host(TABLE, until, shared).await?;
        let missing = missing(&mut lease, steps, until, shared).await?;
        for (number, text) in &missing {
            step(&mut lease, *number, text, until, shared).await?;
        }
        lease.host("COMMIT", until, shared).await?;
        Ok(u32::try_from(missing.len()).unwrap_or(u32::MAX))
    }
    .await;
    lease.settle_whole(&answer);
    answer
}

/// Begins to write as soon as nobody else does. Each attempt waits a while by itself.
async fn begin(lease: &mut Lease, until: Instant, shared: &Shared) -> Result<(), DatabaseError> {
    loop {
        match lease.host("BEGIN IMMEDIATE", until, shared).await {
            Err(DatabaseError::Busy(_)) if Instant::now() < until => {}
            other => return other,
        }
    }
}

/// The steps that haven't been run, with their numbers, which begin at 1.
async fn missing<'a>(
    lease: &mut Lease,
    steps: &'a [String],
    until: Instant,
    shared: &Shared,
) -> Result<Vec<(usize, &'a str)>, DatabaseError> {
    let recorded = recorded(lease, until).await.map_err(|error| lease.failure(&error, shared))?;
    for (place, (number, mark)) in recorded.iter().enumerate() {
        let same = steps.get(place).is_none_or(|text| *mark == mark_of(text));
        if usize::try_from(*number) != Ok(place + 1) || !same {
            return Err(DatabaseError::Invalid(format!(
                "step {number} of the migration is not the one that was run; add a step instead of changing one"
            )));
        }
    }
    let numbered = steps.iter().enumerate().map(|(place, text)| (place + 1, text.as_str()));
    Ok(numbered.skip(recorded.len()).collect())
}

async fn recorded(lease: &mut Lease, until: Instant) -> Result<Vec<(i64, String)>, sqlx::Error> {
    let connection = lease.host_connection(until);
    let there: i64 = sqlx::query_scalar(IS_THERE).persistent(false).fetch_one(&mut *connection).await?;
    if there == 0 {
        return Ok(Vec::new());
    }
    sqlx::query_as(RECORDED).persistent(false).fetch_all(connection).await
}

/// Runs one step, statement by statement, and records it.
async fn step(
    lease: &mut Lease,
    number: usize,
    text: &str,
    until: Instant,
    shared: &Shared,
) -> Result<(), DatabaseError> {
    let at = |error: DatabaseError| in_step(number, error);
    shared.check_length(text).map_err(at)?;
    let statements = sqlite::Statement::split(text).map_err(|wrong| at(shared.wrong(wrong)))?;
    for (sql, statement) in statements {
        let sqlite::Statement { kind, parameters } = statement;
        let work = Work { sql, kind, parameters, params: &[], until, rows: 0, bytes: 0 };
        lease.execute(&work, &[], shared).await.map_err(at)?;
    }
    let recorded = sqlx::query(RECORD)
        .persistent(false)
        .bind(i64::try_from(number).unwrap_or(i64::MAX))
        .bind(mark_of(text))
        .execute(lease.host_connection(until))
        .await;
    recorded.map(drop).map_err(|error| lease.failure(&error, shared))
}

fn in_step(number: usize, error: DatabaseError) -> DatabaseError {
    let told = |text: String| format!("step {number} of the migration: {text}");
    match error {
        DatabaseError::Invalid(text) => DatabaseError::Invalid(told(text)),
        DatabaseError::Constraint(text) => DatabaseError::Constraint(told(text)),
        DatabaseError::Denied(text) => DatabaseError::Denied(told(text)),
        DatabaseError::Limit(text) => DatabaseError::Limit(told(text)),
        other => other,
    }
}

fn mark_of(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

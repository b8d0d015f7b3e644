//! Steps that bring a database to where a plugin needs it: each is run once, all that are missing or none.

use std::time::Duration;

use sqlx::Row as _;
use tokio::time::Instant;

use super::{
    super::{DatabaseError, backend::Statement},
    DatabaseAccess,
    gate::{Gate, Judged},
    pool::{Lease, Pool, Trust},
};

/// What was run is kept in full: a step that was changed later is found out.
const CREATE: &str = "CREATE TABLE IF NOT EXISTS cofferdam_migrations (plugin text NOT NULL, step integer NOT NULL, \
                      sql text NOT NULL, run timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (plugin, step))";
/// Others wait for it. A lock on the table needs no right to call functions, as an advisory one would.
const LOCK: &str = "LOCK TABLE cofferdam_migrations IN EXCLUSIVE MODE";
const RUN: &str = "SELECT sql FROM cofferdam_migrations WHERE plugin = $1 ORDER BY step";
const RECORD: &str = "INSERT INTO cofferdam_migrations (plugin, step, sql) VALUES ($1, $2, $3)";

/// Runs what wasn't run yet; how many steps.
pub(super) async fn migrate(
    gate: &Gate,
    pool: &std::sync::Arc<Pool>,
    steps: &[String],
    time: Duration,
) -> Result<u32, DatabaseError> {
    gate.need(DatabaseAccess::Schema, "migrations")?;
    let judged = steps.iter().map(|step| gate.judge_script(step)).collect::<Result<Vec<_>, _>>()?;
    let until = Instant::now() + time;
    let mut lease = pool.take(until, Trust::None).await?;
    lease.begin(until).await?;
    prepare(&mut lease, until).await?;
    let run = run_before(&mut lease, &gate.plugin, until).await?;
    check(&run, steps)?;
    let mut count = 0;
    for (at, (step, judged)) in steps.iter().zip(&judged).enumerate().skip(run.len()) {
        run_step(&mut lease, at, judged, until).await?;
        record(&mut lease, &gate.plugin, at, step, until).await?;
        count += 1;
    }
    lease.commit(until).await?;
    lease.give_back();
    Ok(count)
}

async fn prepare(lease: &mut Lease, until: Instant) -> Result<(), DatabaseError> {
    // Two that create the table at once: one of them fails on a catalog's own constraint.
    let created = lease.own(CREATE, until).await;
    created.map_err(|error| match error {
        DatabaseError::Constraint(_) => {
            DatabaseError::Busy("another migration began at the same time".to_owned())
        }
        error => error,
    })?;
    lease.own(LOCK, until).await
}

async fn run_before(lease: &mut Lease, plugin: &str, until: Instant) -> Result<Vec<String>, DatabaseError> {
    let rows = lease
        .with(until, async |connection: &mut sqlx::PgConnection| {
            sqlx::query(RUN).bind(plugin).fetch_all(connection).await
        })
        .await?;
    rows.iter()
        .map(|row| row.try_get(0))
        .collect::<Result<_, _>>()
        .map_err(|_| DatabaseError::Failed("cofferdam_migrations has another form than expected".to_owned()))
}

fn check(run: &[String], steps: &[String]) -> Result<(), DatabaseError> {
    if run.len() > steps.len() {
        return Err(DatabaseError::Invalid(format!(
            "the database is {} steps further than this version of the plugin, which knows {}",
            run.len() - steps.len(),
            steps.len()
        )));
    }
    match run.iter().zip(steps).position(|(run, step)| run != step) {
        Some(at) => Err(DatabaseError::Invalid(format!(
            "step {} of the migrations is not the one that was run: add a step instead of changing one",
            at + 1
        ))),
        None => Ok(()),
    }
}

async fn run_step(
    lease: &mut Lease,
    at: usize,
    judged: &[Judged],
    until: Instant,
) -> Result<(), DatabaseError> {
    let number = at + 1;
    for one in judged {
        let statement =
            Statement { sql: &one.sql, params: &[], time: Duration::MAX, rows: 0, bytes: u64::MAX };
        lease.run(one, statement, until).await.map_err(|error| match error {
            DatabaseError::Invalid(words) => DatabaseError::Invalid(format!("step {number}: {words}")),
            DatabaseError::Constraint(words) => DatabaseError::Constraint(format!("step {number}: {words}")),
            error => error,
        })?;
    }
    Ok(())
}

async fn record(
    lease: &mut Lease,
    plugin: &str,
    at: usize,
    step: &str,
    until: Instant,
) -> Result<(), DatabaseError> {
    let number = i32::try_from(at + 1).unwrap_or(i32::MAX);
    lease
        .with(until, async |connection: &mut sqlx::PgConnection| {
            sqlx::query(RECORD).bind(plugin).bind(number).bind(step).execute(connection).await
        })
        .await?;
    Ok(())
}

//! Migrations: steps that are run once, and recorded.

use cofferdam_policy::{DatabaseAccess, DatabaseDenial, DatabasePermit};
use rusqlite::Connection;

use super::gate::{denied, gated, split};
use super::run::problem;
use crate::db::Problem;

/// Where they are recorded.
const TABLE: &str = "cofferdam_migrations";

/// Runs those that haven't been run, all or none. How many.
pub(super) fn migrate(
    sqlite: &Connection,
    permit: &DatabasePermit,
    steps: &[String],
) -> Result<u32, Problem> {
    if permit.access() < DatabaseAccess::Schema {
        return Err(denied(DatabaseDenial::Access(DatabaseAccess::Schema), permit));
    }
    sqlite.execute_batch("begin immediate").map_err(problem)?;
    let done = run(sqlite, permit, steps);
    sqlite.execute_batch(if done.is_ok() { "commit" } else { "rollback" }).map_err(problem)?;
    done
}

fn run(sqlite: &Connection, permit: &DatabasePermit, steps: &[String]) -> Result<u32, Problem> {
    let create = format!("create table if not exists {TABLE} (step integer primary key, sql text not null)");
    sqlite.execute_batch(&create).map_err(problem)?;
    let recorded = recorded(sqlite).map_err(problem)?;
    let mut count = 0;
    for (index, step) in steps.iter().enumerate() {
        match recorded.get(index) {
            Some(before) if before == step => {}
            Some(_) => {
                let number = index + 1;
                return Err(Problem::Invalid(format!(
                    "step {number} of the migration is not the one that was run; add a step instead of changing one"
                )));
            }
            None => {
                for statement in split(step, permit)? {
                    gated(sqlite, permit, || sqlite.execute_batch(statement).map_err(problem))?;
                }
                let record = format!("insert into {TABLE} (sql) values (?1)");
                sqlite.execute(&record, [step]).map_err(problem)?;
                count += 1;
            }
        }
    }
    Ok(count)
}

fn recorded(sqlite: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = sqlite.prepare(&format!("select sql from {TABLE} order by step"))?;
    let steps = statement.query_map([], |row| row.get(0))?;
    steps.collect()
}

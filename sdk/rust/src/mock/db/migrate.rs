//! Migrations: steps that are run once, and recorded.

use rusqlite::Connection;

use super::gate::{Access, gated};
use super::run::problem;
use crate::db::Problem;

/// Where they are recorded.
pub(super) const TABLE: &str = "cofferdam_migrations";

/// Runs those that haven't been run, all or none. How many.
pub(super) fn migrate(sqlite: &Connection, access: Access, steps: &[String]) -> Result<u32, Problem> {
    if access < Access::Schema {
        return Err(Problem::Denied("a migration needs the access `schema` to this database".to_owned()));
    }
    sqlite.execute_batch("begin immediate").map_err(problem)?;
    let done = run(sqlite, access, steps);
    sqlite.execute_batch(if done.is_ok() { "commit" } else { "rollback" }).map_err(problem)?;
    done
}

fn run(sqlite: &Connection, access: Access, steps: &[String]) -> Result<u32, Problem> {
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
                    "migration {number} was run already, with another text: leave it as it was, and add a new one"
                )));
            }
            None => {
                gated(sqlite, access, || sqlite.execute_batch(step).map_err(problem))?;
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

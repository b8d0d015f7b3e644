//! The tool `execute`.

use cofferdam_sdk::prelude::*;

use crate::{bounds, params, statement, target};

/// What to change.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// One statement that gives no rows, such as INSERT, UPDATE or DELETE. Put values into `params`, and `$1`, `$2` in
    /// their places.
    #[schemars(length(min = 1, max = bounds::MAX_SQL))]
    sql: String,
    /// The values of `$1`, `$2` and so on: numbers, texts, booleans, nulls; lists and objects go as JSON.
    #[schemars(length(max = bounds::MAX_PARAMS))]
    #[serde(default)]
    params: Vec<serde_json::Value>,
    /// The label of the database; may be left out where there is only one.
    database: Option<String>,
}

/// What changed.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Changed {
    /// How many rows were inserted, updated or deleted.
    pub(crate) rows: u64,
}

/// Change rows of a database with one SQL statement. There is no undo: count with `query` what an UPDATE or DELETE would
/// reach first. Works only where the operator allows the plugin to write.
#[tool(title = "Change a database", read_only = false, destructive, idempotent = false, open_world = false)]
pub(crate) fn execute(args: Args, db: Db, config: Config) -> Result<Changed> {
    statement::check_change(&args.sql)?;
    let db = target::open(&db, &config, args.database.as_deref())?;
    Ok(Changed { rows: db.execute(&args.sql, params::values(args.params)?)? })
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock::Host;

    use super::*;

    const SCHEMA: &str = "create table item (id integer primary key, name text unique); insert into item (name) values ('tea')";

    #[test]
    fn a_change_needs_the_operators_leave() {
        let insert =
            json!({"sql": "insert into item (name) values ($1)", "params": ["milk"], "database": "shop"});
        let writes = Host::new().sqlite("shop", SCHEMA);
        assert_eq!(writes.call::<execute>(insert.clone()), Ok(Changed { rows: 1 }));
        let twice = ToolError::invalid("UNIQUE constraint failed: item.name");
        assert_eq!(writes.call::<execute>(insert.clone()), Err(twice));
        let reads = Host::new().sqlite_read_only("shop", SCHEMA);
        assert!(matches!(reads.call::<execute>(insert), Err(ToolError::Denied(_))));
        let drop = json!({"sql": "drop table item", "database": "shop"});
        assert!(matches!(writes.call::<execute>(drop), Err(ToolError::Denied(_))));
    }

    #[test]
    fn what_reads_is_sent_to_the_tool_that_reads() {
        let read = json!({"sql": "select 1", "database": "shop"});
        let refused = Host::new().sqlite("shop", SCHEMA).call::<execute>(read).unwrap_err();
        assert!(matches!(refused, ToolError::InvalidArguments(_)), "{refused}");
    }
}

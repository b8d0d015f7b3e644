//! The tool `explain`.

use cofferdam_sdk::db::Dialect;
use cofferdam_sdk::prelude::*;

use crate::{bounds, params, statement, target};

/// Which statement.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The statement, without EXPLAIN. It is not run.
    #[schemars(length(min = 1, max = bounds::MAX_SQL))]
    sql: String,
    /// The values of `$1`, `$2` and so on.
    #[schemars(length(max = bounds::MAX_PARAMS))]
    #[serde(default)]
    params: Vec<serde_json::Value>,
    /// The label of the database; may be left out where there is only one.
    database: Option<String>,
}

/// Show how a database would run a statement, without running it: which indexes it uses, and where it reads whole tables.
#[tool(title = "Explain a statement", read_only, idempotent, open_world = false)]
pub(crate) fn explain(args: Args, db: Db, config: Config) -> Result<Text> {
    let db = target::open(&db, &config, args.database.as_deref())?;
    let params = params::values(args.params)?;
    let sql = statement::bare(&args.sql);
    let plan = match db.dialect()? {
        Dialect::Sqlite => tree(db.query(&format!("explain query plan {sql}"), params)?.rows()?),
        Dialect::Postgres => db.query(&format!("explain {sql}"), params)?.rows::<String>()?.join("\n"),
    };
    Ok(Text(bounds::clip(&plan, bounds::MAX_PLAN)))
}

/// One step of SQLite's plan.
#[derive(Deserialize)]
struct Step {
    id: i64,
    parent: i64,
    detail: String,
}

/// Steps as lines, each further in than the one that it belongs to.
fn tree(steps: Vec<Step>) -> String {
    let mut depths: Vec<(i64, usize)> = Vec::new();
    let mut lines = Vec::new();
    for step in steps {
        let parent = depths.iter().find(|(id, _)| *id == step.parent);
        let depth = parent.map_or(0, |(_, depth)| depth + 1);
        depths.push((step.id, depth));
        lines.push(format!("{}{}", "  ".repeat(depth), step.detail));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock::Host;

    use super::*;

    #[test]
    fn a_plan_is_a_tree_of_steps() {
        let schema =
            "create table item (id integer primary key, name text); create index item_name on item (name)";
        let host = Host::new().sqlite_read_only("shop", schema);
        let plan = |sql: &str, params: serde_json::Value| {
            host.call::<explain>(json!({"sql": sql, "params": params, "database": "shop"})).map(|text| text.0)
        };
        let search = "SEARCH item USING COVERING INDEX item_name (name=?)";
        assert_eq!(plan("select id from item where name = ?1;", json!(["tea"])).as_deref(), Ok(search));
        let union = plan("select id from item union select 1", json!([])).unwrap();
        assert!(union.starts_with("COMPOUND QUERY\n  LEFT-MOST SUBQUERY\n    SCAN item"), "{union}");
        assert!(plan("select 1; delete from item", json!([])).is_err());
    }
}

//! The tool `query`.

use cofferdam_sdk::prelude::*;

use crate::grid::Grid;
use crate::{bounds, params, statement, target};

/// What to read.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// One statement that begins with SELECT, WITH or VALUES. Put values into `params`, and `$1`, `$2` in their places.
    /// For pages, add an ORDER BY.
    #[schemars(length(min = 1, max = bounds::MAX_SQL))]
    sql: String,
    /// The values of `$1`, `$2` and so on: numbers, texts, booleans, nulls; lists and objects go as JSON.
    #[schemars(length(max = bounds::MAX_PARAMS))]
    #[serde(default)]
    params: Vec<serde_json::Value>,
    /// The label of the database; may be left out where there is only one.
    database: Option<String>,
    /// Return at most this many rows.
    #[schemars(range(min = 1, max = 1000))]
    #[serde(default = "hundred")]
    limit: usize,
    /// Skip this many rows first: for the next page, pass `next_offset` of the last answer.
    #[schemars(range(max = 1_000_000_000))]
    #[serde(default)]
    offset: u64,
}

fn hundred() -> usize {
    100
}

/// Read rows from a database with one SQL statement, page by page. It changes nothing. Look at the tables with `schema`
/// first, and let the database count, sum and filter rather than reading many rows.
#[tool(title = "Query a database", read_only, idempotent, open_world = false)]
pub(crate) fn query(args: Args, db: Db, config: Config) -> Result<Reply> {
    let paged = statement::page(&args.sql, args.limit, args.offset)?;
    let db = target::open(&db, &config, args.database.as_deref())?;
    let rows = db.query(&paged, params::values(args.params)?)?;
    let columns = rows.columns();
    Ok(Grid::of(columns, rows.all_values()?, args.limit, args.offset).reply())
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock::Host;

    use super::*;

    fn host() -> Host {
        let schema = "create table item (id integer primary key, name text, price real);
            insert into item (name, price) values ('tea', 4.5), ('milk', 1.2), ('it''s | odd', null);";
        Host::new().sqlite_read_only("shop", schema).config("databases", json!(["shop"]))
    }

    fn read(args: serde_json::Value) -> serde_json::Value {
        host().reply::<query>(args).unwrap().structured_value().unwrap()
    }

    #[test]
    fn rows_come_as_a_table_and_as_json() {
        let reply = host().reply::<query>(json!({"sql": "select * from item order by id;"})).unwrap();
        let text = "| id | name | price |\n| --- | --- | --- |\n| 1 | tea | 4.5 |\n| 2 | milk | 1.2 |\n| 3 | it's \\| odd |  |\n\n3 rows";
        assert_eq!(reply.all_text(), text);
        let structured = reply.structured_value().unwrap();
        assert_eq!(structured["columns"][0], json!({"name": "id", "type": "INTEGER"}));
        assert_eq!(structured["rows"][2], json!([3, "it's | odd", null]));
        assert_eq!(structured.get("next_offset"), None);
    }

    #[test]
    fn pages_follow_each_other() {
        let first = read(json!({"sql": "select id from item order by id", "limit": 2}));
        assert_eq!((&first["rows"], &first["next_offset"]), (&json!([[1], [2]]), &json!(2)));
        let last = read(json!({"sql": "select id from item order by id", "limit": 2, "offset": 2}));
        assert_eq!((&last["rows"], last.get("next_offset")), (&json!([[3]]), None));
    }

    #[test]
    fn values_stand_beside_the_statement() {
        let hostile = "'; drop table item; --";
        let found =
            read(json!({"sql": "select $2, name from item where price > $1", "params": [2, hostile]}));
        assert_eq!(found["rows"], json!([[hostile, "tea"]]));
    }

    #[test]
    fn queries_of_all_kinds_have_pages() {
        for (sql, rows) in [
            ("with a(x) as (values (1), (2)) select x from a order by x desc", json!([[2], [1]])),
            ("values (1), (2)", json!([[1], [2]])),
            ("select 1 union all select 2 -- both", json!([[1], [2]])),
            ("select id as a, id as a from item where id = 1", json!([[1, 1]])),
        ] {
            assert_eq!(read(json!({"sql": sql}))["rows"], rows, "{sql}");
        }
    }

    #[test]
    fn a_query_changes_nothing() {
        let host = host();
        for sql in [
            "delete from item",
            "select 1; delete from item",
            "select 1) as page; delete from item; select * from (select 1",
            "with a as (delete from item returning id) select * from a",
            "pragma writable_schema = on",
            "attach 'x' as y",
        ] {
            assert!(host.reply::<query>(json!({"sql": sql})).is_err(), "{sql}");
        }
        assert_eq!(read(json!({"sql": "select count(*) from item"}))["rows"], json!([[3]]));
    }

    #[test]
    fn a_wrong_statement_is_told_in_the_words_of_the_database() {
        let wrong = host().reply::<query>(json!({"sql": "select nme from item"})).unwrap_err();
        assert_eq!(wrong, ToolError::failed("no such column: nme"));
    }
}

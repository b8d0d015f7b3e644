//! Databases as authors use them, in the mock host, which has real SQLite.
#![cfg(feature = "sqlite")]

use cofferdam_sdk::db::{Dialect, Params, Value};
use cofferdam_sdk::mock::Host;
use cofferdam_sdk::prelude::*;

const STEPS: &[&str] = &[
    "create table note (id integer primary key, title text not null unique, size real, done integer not null default 0, body blob)",
    "create index note_done on note (done); create view open_note as select * from note where done = 0",
];

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Note {
    id: i64,
    title: String,
    size: Option<f64>,
    done: bool,
    body: Option<Vec<u8>>,
}

fn note(id: i64, title: &str) -> Note {
    Note { id, title: title.to_owned(), size: Some(id as f64), done: false, body: None }
}

fn database() -> Db {
    let db: Db = Host::new().handle();
    assert_eq!(db.migrate(STEPS), Ok(2));
    let notes = (1..=3).map(|id| (id, format!("note {id}"), id as f64));
    assert_eq!(db.execute_many("insert into note (id, title, size) values (?1, ?2, ?3)", notes), Ok(3));
    db
}

fn count(db: &Db) -> Result<i64> {
    db.query("select count(*) from note", ())?.one()
}

/// Count notes.
#[tool(read_only)]
fn notes(_: NoArgs, db: Db) -> Result<i64> {
    db.migrate(STEPS)?;
    db.query("select count(*) from note", ())?.one()
}

#[test]
fn the_private_database_outlives_the_call() {
    let host = Host::new();
    assert_eq!(host.call::<notes>(json!({})), Ok(0));
    let db: Db = host.handle();
    assert_eq!(db.execute("insert into note (title) values (?1)", ("a",)), Ok(1));
    assert_eq!(host.call::<notes>(json!({})), Ok(1));
    assert_eq!(Host::new().call::<notes>(json!({})), Ok(0));
    assert_eq!((db.label(), db.dialect()), ("private", Ok(Dialect::Sqlite)));
}

#[test]
fn a_row_is_a_struct_by_names_a_tuple_by_places_or_its_only_value() {
    let db = database();
    let all = |sql| db.query(sql, ()).unwrap();
    // The order of the columns makes no difference, and one more is ignored.
    let columns = "select 7 as other, done, body, title, id, size from note order by id limit 1";
    assert_eq!(all(columns).rows(), Ok(vec![note(1, "note 1")]));
    assert_eq!(all("select id, title from note where id = 2").one(), Ok((2, "note 2".to_owned())));
    assert_eq!(all("select title from note where id = 2").one(), Ok("note 2".to_owned()));
    assert_eq!(all("select id from note where id = 2").one(), Ok((2,)));
    assert_eq!(all("select null").one(), Ok(None::<i64>));
    assert_eq!(all("select x'00ff'").one(), Ok(vec![0u8, 255]));
    assert_eq!(all("select 1, 2, 3").one(), Ok(vec![1, 2, 3]));
    assert_eq!(all("select 1 as a, 'x' as b").one(), Ok(json!({"a": 1, "b": "x"})));
    let names: Vec<_> =
        all(columns).columns().into_iter().map(|column| (column.name, column.type_name)).collect();
    assert_eq!(names[0], ("other".to_owned(), String::new()));
    assert_eq!(names[3], ("title".to_owned(), "TEXT".to_owned()));
}

#[test]
fn a_column_with_json_is_read_into_any_type() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Row {
        tags: Vec<String>,
        place: Place,
        state: State,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Place {
        city: String,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum State {
        Open,
    }
    let db: Db = Host::new().handle();
    let params = (json!(["a", "b"]), json!({"city": "Oslo"}), "open");
    let row: Row = db.query("select ?1 as tags, ?2 as place, ?3 as state", params).unwrap().one().unwrap();
    let place = Place { city: "Oslo".to_owned() };
    assert_eq!(row, Row { tags: vec!["a".to_owned(), "b".to_owned()], place, state: State::Open });
}

#[test]
fn what_does_not_fit_is_told_with_its_column() {
    fn check<T: serde::de::DeserializeOwned + std::fmt::Debug>(sql: &str, expected: &str) {
        let db: Db = Host::new().handle();
        let problem = db.query(sql, ()).unwrap().one::<T>().unwrap_err();
        assert_eq!(problem, ToolError::failed(expected), "{sql}");
    }
    check::<Note>(
        "select 1 as id, null as title",
        "column `title`: invalid type: unit value, expected a string",
    );
    check::<Note>("select 1 as id, 'a' as name", "missing field `title`: the columns are `id`, `name`");
    check::<bool>("select 2 as done", "column `done`: invalid type: integer `2`, expected a boolean");
    check::<u8>("select 300 as n", "column `n`: invalid value: integer `300`, expected u8");
    check::<(i64, i64)>("select 1, 2, 3", "a row of 3 columns was found, expected 2");
    check::<i64>(
        "select 1, 2",
        "a row of 2 columns was found, expected one column: read it into a struct or a tuple",
    );
    check::<Vec<String>>(
        "select 'no json' as tags, 1 as x",
        "column `x`: invalid type: integer `1`, expected a string",
    );
}

#[test]
fn one_is_exactly_one_and_the_first_is_the_first() {
    let db = database();
    let ids = |sql| db.query(sql, ()).unwrap();
    assert_eq!(ids("select id from note order by id").first(), Ok(Some(1)));
    assert_eq!(ids("select id from note where id = 9").first(), Ok(None::<i64>));
    assert_eq!(ids("select id from note where id = 9").optional(), Ok(None::<i64>));
    assert_eq!(ids("select id from note where id = 3").optional(), Ok(Some(3)));
    let none = ToolError::not_found("no row was found, expected one");
    assert_eq!(ids("select id from note where id = 9").one::<i64>(), Err(none));
    let several = ToolError::failed("several rows were found, expected one");
    assert_eq!(ids("select id from note").one::<i64>(), Err(several.clone()));
    assert_eq!(ids("select id from note").optional::<i64>(), Err(several));
}

#[test]
fn many_rows_come_in_pages_and_one_after_the_other() {
    let db: Db = Host::new().handle();
    let sql =
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 2500) select i from n";
    let sum = |rows: cofferdam_sdk::db::Rows| rows.iter::<i64>().sum::<Result<i64>>();
    assert_eq!(sum(db.query(sql, ()).unwrap()), Ok(2500 * 2501 / 2));
    assert_eq!(db.query(sql, ()).unwrap().all_values().unwrap()[2499], [Value::Int64(2500)]);
}

#[test]
fn values_come_back_as_they_went() {
    let db: Db = Host::new().handle();
    let back = |value: Value| db.query("select ?1", (value,)).unwrap().all_values().unwrap()[0][0].clone();
    for value in [
        Value::Null,
        Value::Int64(i64::MIN),
        Value::Float64(0.1),
        Value::Text("O'Hara; drop table note -- \u{0} ü".to_owned()),
        Value::Bytes(vec![0, 255]),
    ] {
        assert_eq!(back(value.clone()), value);
    }
    assert_eq!(back(true.into()), Value::Int64(1));
    assert_eq!(back(Value::Timestamp("2026-11-20".to_owned())), Value::Text("2026-11-20".to_owned()));
    assert_eq!(back(json!([1]).into()), Value::Text("[1]".to_owned()));
}

#[test]
fn everything_that_has_a_place_in_a_database_is_a_value() {
    fn check(params: impl Params, expected: &[Value]) {
        assert_eq!(params.into_values(), expected);
    }
    let text = String::from("t");
    let (one, t) = (Value::Int64(1), Value::Text("t".to_owned()));
    check((), &[]);
    check((&text, "t", text.as_str(), 't'), &[t.clone(), t.clone(), t.clone(), t.clone()]);
    check((1u8, 1usize, 1u64, &1i32), &[one.clone(), one.clone(), one.clone(), one.clone()]);
    check((u64::MAX,), &[Value::Decimal("18446744073709551615".to_owned())]);
    check((Some(1), None::<i64>, Some(&text)), &[one.clone(), Value::Null, t.clone()]);
    check(vec![1, 1], &[one.clone(), one.clone()]);
    check(["t"], std::slice::from_ref(&t));
    check(&[one.clone(), t.clone()][..], &[one, t]);
}

#[test]
fn values_are_bound_by_their_numbers() {
    let db: Db = Host::new().handle();
    let read = |sql: &str| db.query(sql, ("a", "b")).and_then(|rows| rows.one::<(String, String)>());
    let pair = |a: &str, b: &str| Ok((a.to_owned(), b.to_owned()));
    assert_eq!(read("select ?2, ?1"), pair("b", "a"));
    assert_eq!(read("select $2, $1"), pair("b", "a"));
    assert_eq!(read("select ?, ?"), pair("a", "b"));
    let wrong = "the statement takes 1 values, found 2";
    assert_eq!(read("select ?1, ?1"), Err(ToolError::failed(wrong)));
    let named = "expected values as `?1`, `?` or `$1`, found \":a\"";
    assert_eq!(read("select :a, :b"), Err(ToolError::failed(named)));
}

#[test]
fn a_transaction_lasts_if_it_gives_ok() {
    let db = database();
    let insert = "insert into note (title) values (?1)";
    let id: i64 = db
        .transaction(|tx| {
            tx.execute(insert, ("new",))?;
            tx.query("select max(id) from note", ())?.one()
        })
        .unwrap();
    assert_eq!((id, count(&db)), (4, Ok(4)));
    let stopped: Result<()> = db.transaction(|tx| {
        tx.execute("delete from note", ())?;
        Err(ToolError::not_found("stop"))
    });
    assert_eq!((stopped, count(&db)), (Err(ToolError::not_found("stop")), Ok(4)));
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        db.transaction(|tx| -> Result<()> {
            tx.execute("delete from note", ())?;
            panic!("on the way");
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(count(&db), Ok(4));
}

#[test]
fn a_statement_that_fails_leaves_the_rest_of_a_transaction_as_it_is() {
    let db = database();
    db.transaction(|tx| {
        tx.execute("insert into note (title) values ('kept')", ())?;
        let twice = ["another", "note 1"].map(|title| (title,));
        assert_eq!(
            tx.execute_many("insert into note (title) values (?1)", twice),
            Err(ToolError::invalid("UNIQUE constraint failed: note.title"))
        );
        Ok(())
    })
    .unwrap();
    let titles: Vec<String> = db.query("select title from note where id > 3", ()).unwrap().rows().unwrap();
    assert_eq!(titles, ["kept"]);
}

#[test]
fn while_a_transaction_is_open_nothing_else_uses_the_database() {
    let db = database();
    let busy = "a transaction of this database is open, and in the mock host nothing else uses it meanwhile: use the transaction";
    db.transaction(|_| {
        assert_eq!(db.execute("delete from note", ()), Err(ToolError::unavailable(busy)));
        assert_eq!(db.transaction(|_| Ok(())), Err(ToolError::unavailable(busy)));
        Ok(())
    })
    .unwrap();
    assert_eq!(db.execute("delete from note", ()), Ok(3));
}

#[test]
fn many_are_all_or_none() {
    let db = database();
    let insert = "insert into note (title) values (?1)";
    let titles = ["a", "b", "note 3"].map(|title| (title,));
    let refused = ToolError::invalid("UNIQUE constraint failed: note.title");
    assert_eq!(db.execute_many(insert, titles), Err(refused));
    assert_eq!(count(&db), Ok(3));
    assert_eq!(db.execute_many(insert, [("a",), ("b",)]), Ok(2));
    assert_eq!(db.execute_many(insert, Vec::<(i64,)>::new()), Ok(0));
}

#[test]
fn migrations_run_once_in_order_and_stay_as_they_are() {
    let db: Db = Host::new().handle();
    let steps: &[&str] = &["create table a (x)", "create table b (x); insert into b values (1)"];
    assert_eq!(db.migrate(&steps[..1]), Ok(1));
    assert_eq!(db.migrate(steps), Ok(1));
    assert_eq!(db.migrate(steps), Ok(0));
    // An earlier version of the plugin knows fewer.
    assert_eq!(db.migrate(&steps[..1]), Ok(0));
    let changed = "step 2 of the migration is not the one that was run; add a step instead of changing one";
    assert_eq!(db.migrate(&["create table a (x)", "create table c (x)"]), Err(ToolError::failed(changed)));
    let failed = db.migrate(&[steps[0], steps[1], "create table d (x)", "create table b (x)"]);
    assert_eq!(failed, Err(ToolError::failed("table b already exists")));
    assert_eq!(db.migrate(&[steps[0], steps[1], "create table d (x)"]), Ok(1), "none of them was run");
    let record = "no plugin may use the table `cofferdam_migrations` so [C0405]";
    assert_eq!(db.execute("delete from cofferdam_migrations", ()), Err(ToolError::denied(record)));
}

#[test]
fn a_shared_database_allows_what_was_granted() {
    let schema = "create table item (name text); insert into item values ('tea')";
    let host = Host::new().sqlite("shop", schema).sqlite_read_only("archive", schema);
    let db: Db = host.handle();
    let (shop, archive) = (db.named("shop").unwrap(), db.named("archive").unwrap());
    for db in [&shop, &archive] {
        assert_eq!(db.query("select name from item", ()).unwrap().one(), Ok("tea".to_owned()));
    }
    let insert = "insert into item values ('milk')";
    assert_eq!(shop.execute(insert, ()), Ok(1));
    let read = "`plugin` has `read` for the database `archive`, and this needs `write` [C0402]; to allow it, run: cofferdam grant plugin database archive write";
    assert_eq!(archive.execute(insert, ()), Err(ToolError::denied(read)));
    let write = "`plugin` has `write` for the database `shop`, and this needs `schema` [C0402]; to allow it, run: cofferdam grant plugin database shop schema";
    assert_eq!(shop.execute("create table more (x)", ()), Err(ToolError::denied(write)));
    assert_eq!(shop.migrate(STEPS), Err(ToolError::denied(write)));
    let none = "`plugin` may not open the database `stock`: no grant names it [C0401]; to allow it, run: cofferdam grant plugin database stock read";
    assert_eq!(db.named("stock").unwrap_err(), ToolError::denied(none));
}

/// Sell an item.
#[tool(db("shop", write), db("archive"))]
fn sell(_: NoArgs, db: Db) -> Result<u64> {
    db.named("shop")?.execute("delete from item", ())
}

#[test]
fn a_tool_says_which_shared_databases_it_would_use() {
    let host = Host::new().sqlite("shop", "create table item (name text); insert into item values ('tea')");
    assert_eq!(host.definition::<sell>().unwrap().wants, ["database shop write", "database archive read"]);
    assert_eq!(host.call::<sell>(json!({})), Ok(1));
    assert!(host.definition::<notes>().unwrap().wants.is_empty());
}

#[test]
fn what_the_host_refuses_is_refused_here_too() {
    let db = database();
    for (sql, expected) in [
        (
            "attach 'x' as y",
            "no plugin may run `ATTACH`; expected SELECT, WITH, VALUES, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, REINDEX or EXPLAIN [C0403]",
        ),
        (
            "pragma journal_mode = off",
            "no plugin may run `PRAGMA journal_mode`; of pragmas there are table_info, index_list and their like [C0403]",
        ),
        (
            "begin",
            "no plugin may run `BEGIN, COMMIT, ROLLBACK, SAVEPOINT or RELEASE`; begin a transaction with `Db::transaction` of the SDK [C0403]",
        ),
        (
            "savepoint a",
            "no plugin may run `BEGIN, COMMIT, ROLLBACK, SAVEPOINT or RELEASE`; begin a transaction with `Db::transaction` of the SDK [C0403]",
        ),
        (
            "create temp table t (x)",
            "no plugin may run `statements on temporary tables, views, indexes and triggers` [C0403]",
        ),
        (
            "create virtual table d using dbstat",
            "no plugin may run `virtual tables but those of fts5` [C0403]",
        ),
    ] {
        assert_eq!(db.execute(sql, ()), Err(ToolError::denied(expected)), "{sql}");
    }
    let extension = "no plugin may use the function `load_extension` in SQL [C0404]";
    let denied = db.query("select load_extension('x')", ()).unwrap_err();
    assert_eq!(denied, ToolError::denied(extension));
    for (sql, expected) in [
        ("delete from note; drop table note", "expected one statement, found more after its `;`"),
        ("-- nothing", "the statement is empty"),
        ("select 1", "the statement gives rows: use `query`"),
    ] {
        assert_eq!(db.execute(sql, ()), Err(ToolError::failed(expected)), "{sql}");
    }
    let no_rows = db.query("delete from note", ()).unwrap_err();
    assert_eq!(no_rows, ToolError::failed("the statement gives no rows: use `execute`"));
    assert_eq!(count(&db), Ok(3));
    assert_eq!(db.execute("delete from note; -- all of them", ()), Ok(3));
    let columns: Vec<String> =
        db.query("select name from pragma_table_info('note')", ()).unwrap().rows().unwrap();
    assert_eq!(columns, ["id", "title", "size", "done", "body"]);
}

#[test]
fn full_text_search_works() {
    let db: Db = Host::new().handle();
    db.migrate(&["create virtual table note using fts5(title, body)"]).unwrap();
    db.execute("insert into note values (?1, ?2)", ("Tea", "buy green tea")).unwrap();
    let found = "select snippet(note, 1, '[', ']', '…', 8) from note where note match ?1 order by rank";
    assert_eq!(db.query(found, ("green",)).unwrap().rows(), Ok(vec!["buy [green] tea".to_owned()]));
    let wrong = db.query(found, ("\"",)).unwrap_err();
    assert_eq!(wrong, ToolError::failed("unterminated string"));
}

#[test]
fn a_database_that_is_not_there_is_told() {
    let down = ToolError::unavailable("the database doesn't answer");
    assert_eq!(Host::new().without_databases().call::<notes>(json!({})), Err(down));
}

#[test]
#[should_panic(expected = "the database `shop` can't be made")]
fn a_database_that_is_set_up_wrongly_fails_the_test() {
    drop(Host::new().sqlite("shop", "create tabel x"));
}

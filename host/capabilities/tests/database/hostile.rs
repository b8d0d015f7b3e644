//! Statements of someone who wants out: each is refused as what it is, and nothing else moves.

use cofferdam_capabilities::database::{Database, DatabaseError, Value};
use cofferdam_policy::{DatabaseAccess, DatabaseLimits, sqlite::functions};

use crate::support::{LONG, Place, execute, one, operator, query};

/// Asserts that a statement is refused with this code, as a query and as a command.
async fn denied(database: &Database, sql: &str, code: &str) {
    for error in [query(database, sql).await.err(), execute(database, sql).await.err()] {
        let Some(DatabaseError::Denied(text)) = &error else { panic!("{sql}: {error:?}") };
        assert!(text.contains(code), "{sql}: {text}");
    }
}

#[tokio::test]
async fn nothing_outside_the_file_is_reached() {
    let place = Place::new();
    let own = place.own();
    execute(&own, "CREATE TABLE t (a)").await.unwrap();
    let before = place.files();
    for sql in [
        "ATTACH 'other.db' AS other",
        "ATTACH 'file:/etc/passwd?mode=ro' AS p",
        "attach database ':memory:' as m",
        "DETACH main",
        "VACUUM",
        "VACUUM INTO 'copy.db'",
        "ANALYZE",
        "BEGIN",
        "COMMIT",
        "END",
        "ROLLBACK",
        "SAVEPOINT s",
        "RELEASE s",
        "PRAGMA writable_schema = 1",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA max_page_count = 1000000",
        "PRAGMA temp_store_directory = '/tmp'",
        "PRAGMA query_only = OFF",
        "PRAGMA trusted_schema = ON",
        "PRAGMA database_list",
        "PRAGMA data_store_directory",
        "PRAGMA hard_heap_limit = 1",
        "PRAGMA main.page_size",
        "CREATE TEMP TABLE x (a)",
        "CREATE TEMPORARY VIEW v AS SELECT 1",
        "CREATE TEMP TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END",
        "CREATE TABLE temp.x (a)",
        "CREATE VIEW Temp.v AS SELECT 1",
        "CREATE TRIGGER temp.r AFTER INSERT ON t BEGIN SELECT 1; END",
        "CREATE VIRTUAL TABLE temp.v USING fts5(a)",
        "CREATE VIRTUAL TABLE v USING fts3(a)",
        "CREATE VIRTUAL TABLE v USING fts4(a, tokenize=porter)",
        "CREATE VIRTUAL TABLE v USING rtree(id, a, b)",
        "CREATE VIRTUAL TABLE v USING dbstat",
        "CREATE VIRTUAL TABLE v USING fts5vocab('t', 'row')",
        "EXPLAIN ATTACH 'x' AS y",
    ] {
        denied(&own, sql, "[C0403]").await;
    }
    assert_eq!(place.files(), before);
}

#[tokio::test]
async fn functions_that_do_more_than_compute_are_refused() {
    let place = Place::new();
    let own = place.own();
    for sql in [
        "SELECT load_extension('x')",
        "SELECT fts3_tokenizer('simple')",
        "SELECT fts5(1)",
        "SELECT sqlite_compileoption_get(1)",
        "SELECT sqlite_log(1, 'x')",
        "SELECT sqlite_source_id()",
    ] {
        denied(&own, sql, "[C0404]").await;
    }
    for sql in [
        "SELECT readfile('/etc/passwd')",
        "SELECT writefile('x', 'y')",
        "SELECT edit('x')",
        "SELECT 'a' REGEXP 'b'",
    ] {
        let error = query(&own, sql).await.unwrap_err();
        assert!(matches!(error, DatabaseError::Invalid(_)), "{sql}: {error}");
    }
}

#[tokio::test]
async fn every_function_of_the_library_is_on_the_list_or_refused() {
    let place = Place::new();
    let path = place.folder.path().join("names.db");
    operator(&path, "CREATE TABLE f AS SELECT name, min(narg) AS n FROM pragma_function_list GROUP BY name")
        .await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options).await.unwrap();
    let found: Vec<(String, i64)> = sqlx::query_as("SELECT name, n FROM f")
        .fetch_all::<&mut sqlx::SqliteConnection>(&mut connection)
        .await
        .unwrap();
    assert!(found.len() > 100, "{}", found.len());
    let own = place.own();
    for (name, arguments) in found {
        let list = vec!["1"; usize::try_from(arguments.max(1)).unwrap()].join(", ");
        let answer = query(&own, &format!("SELECT \"{name}\"({list})")).await;
        let refused = matches!(&answer, Err(DatabaseError::Denied(text)) if text.ends_with("[C0404]"));
        // Some can't be called so at all; none that isn't on the list runs.
        assert!(functions::is_allowed(&name) || refused || answer.is_err(), "{name}: {answer:?}");
        assert!(!(functions::is_allowed(&name) && refused), "{name}");
    }
}

#[tokio::test]
async fn tables_that_show_more_than_rows_are_refused() {
    let place = Place::new();
    let own = place.own();
    execute(&own, "CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, b UNIQUE)").await.unwrap();
    for sql in [
        "SELECT * FROM dbstat",
        "SELECT * FROM pragma_database_list",
        "SELECT * FROM pragma_function_list",
        "SELECT * FROM pragma_compile_options",
    ] {
        let error = query(&own, sql).await.unwrap_err();
        assert!(matches!(error, DatabaseError::Denied(_)), "{sql}: {error}");
    }
    for sql in [
        "INSERT INTO sqlite_schema VALUES ('table', 'x', 'x', 0, 'x')",
        "UPDATE sqlite_schema SET sql = 'x'",
        "DELETE FROM sqlite_master",
        "DROP TABLE sqlite_sequence",
        "CREATE TABLE sqlite_mine (a)",
        "INSERT INTO sqlite_dbpage VALUES (1, x'')",
        "SELECT * FROM sqlite_dbpage",
    ] {
        assert!(execute(&own, sql).await.is_err(), "{sql}");
    }
    // What describes the plugin's own tables can be read.
    for sql in [
        "SELECT name FROM sqlite_schema",
        "SELECT * FROM pragma_table_info('t')",
        "PRAGMA table_info(t)",
        "PRAGMA index_list(t)",
        "PRAGMA table_list",
        "PRAGMA foreign_key_list(t)",
        "EXPLAIN QUERY PLAN SELECT * FROM t WHERE b = 1",
    ] {
        query(&own, sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    for sql in [
        "ALTER TABLE t RENAME TO u",
        "ALTER TABLE u RENAME COLUMN b TO c",
        "ALTER TABLE u ADD COLUMN d DEFAULT 1",
        "ALTER TABLE u DROP COLUMN d",
        "CREATE VIEW v AS SELECT a FROM u",
        "CREATE INDEX i ON u (c, a)",
        "REINDEX u",
        "CREATE TRIGGER r INSTEAD OF INSERT ON v BEGIN INSERT INTO u (c) VALUES (new.a); END",
        "INSERT INTO v VALUES (5)",
        "DROP TRIGGER r",
        "DROP VIEW v",
        "DROP TABLE u",
    ] {
        execute(&own, sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

#[tokio::test]
async fn nothing_of_one_call_is_left_in_a_connection_for_the_next() {
    let place = Place::new();
    let limits = DatabaseLimits { connections: one_connection(), ..DatabaseLimits::default() };
    let own = place.own_within(limits);
    execute(&own, "CREATE TABLE t (a)").await.unwrap();
    denied(&own, "CREATE TEMP TABLE left (a)", "[C0403]").await;
    denied(&own, "PRAGMA case_sensitive_like = 1", "[C0403]").await;
    denied(&own, "PRAGMA foreign_keys = OFF", "[C0403]").await;
    assert_eq!(one(&own, "SELECT count(*) FROM sqlite_temp_schema").await, Value::Int64(0));
    assert_eq!(one(&own, "SELECT 'A' LIKE 'a'").await, Value::Int64(1));
    execute(&own, "CREATE TABLE p (a PRIMARY KEY)").await.unwrap();
    execute(&own, "CREATE TABLE c (a REFERENCES p)").await.unwrap();
    let error = execute(&own, "INSERT INTO c VALUES (1)").await.unwrap_err();
    assert_eq!(error, DatabaseError::Constraint("FOREIGN KEY constraint failed".into()));
}

fn one_connection() -> cofferdam_policy::units::Count {
    cofferdam_policy::units::Quantity::of(1)
}

#[tokio::test]
async fn a_grant_goes_as_far_as_it_says() {
    let place = Place::new();
    let read = place.shop(DatabaseAccess::Read).await;
    let before = std::fs::read(place.shop_file()).unwrap();
    assert_eq!(one(&read, "SELECT count(*) FROM items").await, Value::Int64(2));
    for sql in [
        "INSERT INTO items (name) VALUES ('three')",
        "UPDATE items SET name = ''",
        "DELETE FROM items",
        "WITH a AS (SELECT 1) DELETE FROM items",
        "INSERT INTO items (name) VALUES ('three') RETURNING id",
    ] {
        denied(&read, sql, "[C0402]; to allow it, run: cofferdam grant p database shop write").await;
    }
    for sql in [
        "CREATE TABLE x (a)",
        "DROP TABLE items",
        "ALTER TABLE items ADD COLUMN x",
        "CREATE INDEX i ON items (name)",
    ] {
        denied(&read, sql, "run: cofferdam grant p database shop schema").await;
    }
    let many = read.execute_many("DELETE FROM items WHERE id = ?1", &[vec![Value::Int64(1)]], LONG).await;
    assert!(many.unwrap_err().to_string().contains("[C0402]"));
    assert_eq!(std::fs::read(place.shop_file()).unwrap(), before);

    let write = place.shop(DatabaseAccess::Write).await;
    assert_eq!(execute(&write, "INSERT INTO items (name) VALUES ('three')").await, Ok(1));
    for sql in ["CREATE TABLE x (a)", "DROP TABLE items"] {
        denied(&write, sql, "run: cofferdam grant p database shop schema").await;
    }
    let schema = place.shop(DatabaseAccess::Schema).await;
    execute(&schema, "CREATE TABLE x (a)").await.unwrap();
}

#[tokio::test]
async fn an_operator_s_file_that_may_be_read_can_t_be_written_even_without_the_authorizer() {
    // The second lock: the connection itself is open for reading.
    let place = Place::new();
    let read = place.shop(DatabaseAccess::Read).await;
    assert_eq!(one(&read, "SELECT count(*) FROM items").await, Value::Int64(2));
    let opened = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
    let path = place.shop_file().canonicalize().unwrap();
    let ours: Vec<_> = opened.filter(|fd| std::fs::read_link(fd.path()).is_ok_and(|to| to == path)).collect();
    assert!(!ours.is_empty());
    for fd in ours {
        let info = std::fs::read_to_string(format!("/proc/self/fdinfo/{}", fd.file_name().to_string_lossy()))
            .unwrap();
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).unwrap().trim();
        assert_eq!(u32::from_str_radix(flags, 8).unwrap() & 3, 0, "opened for writing");
    }
}

#[tokio::test]
async fn no_plugin_opens_what_is_another_one_s() {
    let place = Place::new();
    let ids = ["a", "a-b", "b"];
    let databases: Vec<_> = ids
        .iter()
        .map(|id| place.plugin(id, DatabaseAccess::Read, DatabaseLimits::default()).open("private").unwrap())
        .collect();
    for (id, own) in ids.iter().zip(&databases) {
        execute(own, "CREATE TABLE t (a)").await.unwrap();
        execute(own, &format!("INSERT INTO t VALUES ('{id}')")).await.unwrap();
    }
    for (id, own) in ids.iter().zip(&databases) {
        assert_eq!(query(own, "SELECT a FROM t").await.unwrap().rows, [[crate::support::text(id)]]);
    }
    let plugin = place.plugin("a", DatabaseAccess::Read, DatabaseLimits::default());
    for label in ["b", "a-b", "b.sqlite3", "../data/b", "shop2", "main", "", "PRIVATE"] {
        let error = plugin.open(label).err().unwrap();
        assert!(
            matches!(&error, DatabaseError::Denied(text) if text.contains("[C0401]")),
            "{label}: {error}"
        );
    }
}

#[tokio::test]
async fn what_sqlx_can_t_take_is_refused_before_it_does() {
    let place = Place::new();
    let own = place.own();
    // Text after a NUL would keep its thread busy for ever; `$0` and names would end it.
    for (sql, params) in
        [("SELECT 1;\0", 0), ("SELECT $0", 1), ("SELECT :a", 1), ("SELECT $a", 1), ("SELECT 1; SELECT 2", 0)]
    {
        let error = own.query(sql, &vec![Value::Null; params], LONG).await.unwrap_err();
        assert!(matches!(error, DatabaseError::Invalid(_)), "{sql}: {error}");
    }
    assert_eq!(one(&own, "SELECT 1").await, Value::Int64(1));
}

//! Values go in and come out as they were, and none is ever part of a statement.

use cofferdam_capabilities::database::{Column, DatabaseError, Value};

use crate::support::{LONG, Place, execute, one, query, text};

#[tokio::test]
async fn values_come_back_as_they_went_in() {
    let place = Place::new();
    let own = place.own();
    let values = [
        Value::Null,
        Value::Int64(i64::MIN),
        Value::Int64(i64::MAX),
        Value::Float64(-0.1),
        Value::Float64(f64::INFINITY),
        text(""),
        text("a\0b"),
        text("'); DROP TABLE t; --"),
        text("ä\u{202e}🦀"),
        Value::Bytes(vec![]),
        Value::Bytes(vec![0, 255, 39]),
    ];
    for value in values {
        let table = own.query("SELECT ?1 AS v", std::slice::from_ref(&value), LONG).await.unwrap();
        assert_eq!(table.rows, [[value]]);
    }
    let table = own.query("SELECT ?", &[Value::Boolean(true)], LONG).await.unwrap();
    assert_eq!(table.rows, [[Value::Int64(1)]]);
    let table = own.query("SELECT $2, $1", &[text("a"), Value::Decimal("1.50".into())], LONG).await.unwrap();
    assert_eq!(table.rows, [[text("1.50"), text("a")]]);
}

#[tokio::test]
async fn what_has_no_place_in_sqlite_is_refused() {
    let place = Place::new();
    let own = place.own();
    let error = own.query("SELECT ?1", &[Value::Float64(f64::NAN)], LONG).await.unwrap_err();
    assert!(matches!(&error, DatabaseError::Invalid(text) if text.starts_with("value 1: ")), "{error}");
    let error = query(&own, "SELECT CAST(x'ff' AS TEXT) AS broken").await.unwrap_err();
    assert!(matches!(&error, DatabaseError::Failed(text) if text.contains("\"broken\"")), "{error}");
    for (sql, params) in [("SELECT ?1, ?2", 1), ("SELECT ?1", 2), ("SELECT 1", 1)] {
        let params = vec![Value::Null; params];
        let error = own.query(sql, &params, LONG).await.unwrap_err();
        assert!(
            matches!(&error, DatabaseError::Invalid(text) if text.starts_with("the statement takes")),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_result_without_rows_has_columns() {
    let place = Place::new();
    let own = place.own();
    execute(&own, "CREATE TABLE t (a INTEGER, b VARCHAR(9), c)").await.unwrap();
    let table = query(&own, "SELECT a, b, c, 1 AS d FROM t").await.unwrap();
    let column = |name: &str, type_name: &str| Column { name: name.into(), type_name: type_name.into() };
    assert_eq!(
        table.columns,
        [column("a", "INTEGER"), column("b", "TEXT"), column("c", ""), column("d", "")]
    );
    assert_eq!(table.rows, Vec::<Vec<Value>>::new());
}

#[tokio::test]
async fn only_changes_are_counted() {
    let place = Place::new();
    let own = place.own();
    assert_eq!(execute(&own, "CREATE TABLE t (a INTEGER PRIMARY KEY)").await, Ok(0));
    let rows: Vec<_> = (0..100).map(|number| vec![Value::Int64(number)]).collect();
    assert_eq!(own.execute_many("INSERT INTO t VALUES (?1)", &rows, LONG).await, Ok(100));
    assert_eq!(
        execute(&own, "WITH a AS (SELECT 5 AS n) DELETE FROM t WHERE a < (SELECT n FROM a)").await,
        Ok(5)
    );
    // SQLite itself would tell the 5 of the statement before.
    assert_eq!(execute(&own, "CREATE INDEX i ON t (a)").await, Ok(0));
    assert_eq!(execute(&own, "SELECT * FROM t").await, Ok(0));
    let table = query(&own, "UPDATE t SET a = a + 1000 WHERE a > 97 RETURNING a").await.unwrap();
    assert_eq!(table.rows, [[Value::Int64(1098)], [Value::Int64(1099)]]);
    assert_eq!(one(&own, "SELECT count(*) FROM t").await, Value::Int64(95));
}

#[tokio::test]
async fn a_list_of_many_is_done_whole_or_not_at_all() {
    let place = Place::new();
    let own = place.own();
    execute(&own, "CREATE TABLE t (a INTEGER PRIMARY KEY)").await.unwrap();
    let rows: Vec<_> = [1, 2, 1].iter().map(|number| vec![Value::Int64(*number)]).collect();
    let error = own.execute_many("INSERT INTO t VALUES (?1)", &rows, LONG).await.unwrap_err();
    assert_eq!(error, DatabaseError::Constraint("UNIQUE constraint failed: t.a".into()));
    assert_eq!(one(&own, "SELECT count(*) FROM t").await, Value::Int64(0));
}

#[tokio::test]
async fn full_text_and_json_are_there() {
    let place = Place::new();
    let own = place.own();
    execute(&own, "CREATE VIRTUAL TABLE notes USING fts5(title, body)").await.unwrap();
    execute(&own, "INSERT INTO notes VALUES ('crabs', 'they walk sideways'), ('fish', 'they swim')")
        .await
        .unwrap();
    let sql =
        "SELECT title, highlight(notes, 1, '<', '>') FROM notes WHERE notes MATCH ?1 ORDER BY bm25(notes)";
    let table = own.query(sql, &[text("sideways")], LONG).await.unwrap();
    assert_eq!(table.rows, [[text("crabs"), text("they walk <sideways>")]]);
    execute(&own, "INSERT INTO notes(notes) VALUES ('optimize')").await.unwrap();
    assert_eq!(execute(&own, "DELETE FROM notes WHERE title = 'fish'").await, Ok(1));
    execute(&own, "DROP TABLE notes").await.unwrap();
    let sql = "SELECT sum(value) FROM json_each(?1, '$.a')";
    let table = own.query(sql, &[text("{\"a\": [1, 2, 3]}")], LONG).await.unwrap();
    assert_eq!(table.rows, [[Value::Int64(6)]]);
}

//! Migrations run once, whole, one caller at a time.

use cofferdam_capabilities::database::{DatabaseError, Value};
use cofferdam_policy::DatabaseAccess;
use futures::future::join_all;

use crate::support::{LONG, Place, execute, one, query, text};

fn steps(steps: &[&str]) -> Vec<String> {
    steps.iter().map(|step| (*step).to_owned()).collect()
}

const FIRST: &str =
    "CREATE TABLE t (a INTEGER PRIMARY KEY); CREATE INDEX i ON t (a); INSERT INTO t VALUES (1);";
const SECOND: &str = "ALTER TABLE t ADD COLUMN b TEXT;\n\
    CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET b = 'x; y' WHERE a = new.a; END;";

#[tokio::test]
async fn each_step_runs_once() {
    let place = Place::new();
    let own = place.own();
    assert_eq!(own.migrate(&steps(&[FIRST]), LONG).await, Ok(1));
    assert_eq!(own.migrate(&steps(&[FIRST]), LONG).await, Ok(0));
    assert_eq!(own.migrate(&steps(&[FIRST, SECOND]), LONG).await, Ok(1));
    // An older version of the plugin finds its own steps, and more.
    assert_eq!(own.migrate(&steps(&[FIRST]), LONG).await, Ok(0));
    execute(&own, "INSERT INTO t (a) VALUES (2)").await.unwrap();
    assert_eq!(one(&own, "SELECT b FROM t WHERE a = 2").await, text("x; y"));
    let recorded = query(&own, "SELECT step, length(sha256) FROM cofferdam_migrations").await.unwrap();
    assert_eq!(recorded.rows, [[1, 64], [2, 64]].map(|row| row.map(Value::Int64)));
}

#[tokio::test]
async fn a_step_that_was_changed_is_refused_by_its_number() {
    let place = Place::new();
    let own = place.own();
    own.migrate(&steps(&[FIRST, SECOND]), LONG).await.unwrap();
    let error = own.migrate(&steps(&[FIRST, "CREATE TABLE other (a)"]), LONG).await.unwrap_err();
    assert!(
        matches!(&error, DatabaseError::Invalid(text) if text.starts_with("step 2 of the migration is not")),
        "{error}"
    );
}

#[tokio::test]
async fn a_step_that_fails_leaves_nothing_of_any() {
    let place = Place::new();
    let own = place.own();
    for (bad, words) in [
        (
            "CREATE TABLE u (a); INSERT INTO missing VALUES (1)",
            "step 2 of the migration: no such table: missing",
        ),
        ("CREATE TABLE u (a); COMMIT", "[C0403]"),
        ("CREATE TABLE u (a); ATTACH 'x' AS y", "[C0403]"),
        ("CREATE TABLE u (a); DELETE FROM cofferdam_migrations", "[C0405]"),
        ("CREATE TABLE u (a); SELECT ?1", "takes 1 values, found 0"),
        ("CREATE TABLE u (a);\0", "NUL"),
        ("", "step 2 of the migration: the statement is empty"),
    ] {
        let error = own.migrate(&steps(&[FIRST, bad]), LONG).await.unwrap_err();
        assert!(error.to_string().contains(words), "{bad:?}: {error}");
        let tables = one(&own, "SELECT count(*) FROM sqlite_schema").await;
        assert_eq!(tables, Value::Int64(0), "{bad:?}");
    }
}

#[tokio::test]
async fn many_callers_at_once_run_each_step_once() {
    let place = Place::new();
    // Two hosts, each with its own connections.
    let (one_host, other_host) = (place.own(), place.own());
    let steps = steps(&[FIRST, SECOND]);
    let ran = join_all(
        (0..16)
            .map(|n| if n % 2 == 0 { &one_host } else { &other_host })
            .map(|own| own.migrate(&steps, LONG)),
    );
    let ran: Vec<u32> = ran.await.into_iter().map(Result::unwrap).collect();
    assert_eq!(ran.iter().sum::<u32>(), 2, "{ran:?}");
    assert_eq!(one(&one_host, "SELECT count(*) FROM t").await, Value::Int64(1));
}

#[tokio::test]
async fn what_the_host_records_is_not_the_plugin_s_to_change() {
    let place = Place::new();
    let own = place.own();
    own.migrate(&steps(&[FIRST]), LONG).await.unwrap();
    for sql in [
        "DELETE FROM cofferdam_migrations",
        "UPDATE Cofferdam_Migrations SET sha256 = ''",
        "DROP TABLE cofferdam_migrations",
        "ALTER TABLE cofferdam_migrations RENAME TO mine",
        "CREATE TRIGGER r BEFORE INSERT ON cofferdam_migrations BEGIN SELECT 1; END",
        "CREATE INDEX x ON cofferdam_migrations (step)",
        "CREATE TABLE cofferdam_other (a)",
        "INSERT INTO cofferdam_migrations (step, sha256, at) VALUES (?1, ?2, datetime('now'))",
    ] {
        let params = vec![Value::Int64(2); if sql.contains("?2") { 2 } else { 0 }];
        let error = own.execute(sql, &params, LONG).await.unwrap_err();
        assert!(matches!(&error, DatabaseError::Denied(text) if text.ends_with("[C0405]")), "{sql}: {error}");
    }
}

#[tokio::test]
async fn migrations_need_the_right_to_change_tables() {
    let place = Place::new();
    let shop = place.shop(DatabaseAccess::Write).await;
    let error = shop.migrate(&steps(&[FIRST]), LONG).await.unwrap_err();
    assert!(error.to_string().ends_with("run: cofferdam grant p database shop schema"), "{error}");
    let shop = place.shop(DatabaseAccess::Schema).await;
    assert_eq!(shop.migrate(&steps(&[FIRST]), LONG).await, Ok(1));
}

//! Sessions: clean, bounded, stopped; transactions; migrations.

use std::{sync::Arc, time::Duration};

use cofferdam_capabilities::database::{
    DatabaseError, Value,
    backend::{Backend as _, Statement},
    postgres::{Postgres, PostgresSettings},
};
use cofferdam_policy::DatabaseAccess;

use crate::support::{Shop, TIME, execute, query, query_in, settings, single, statement, text};

/// Runs for as long as it is let: threat D07 of Postgres.
const ENDLESS: &str =
    "WITH RECURSIVE t(n) AS (VALUES (1::numeric) UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t";

/// Until the server says what is expected: each look is a connection of its own, so it waits for the server.
fn wait_for(shop: &Shop, sql: &str, expected: &str) {
    let deadline = std::time::Instant::now() + TIME;
    loop {
        let found = shop.psql(sql);
        if found == expected {
            return;
        }
        assert!(std::time::Instant::now() < deadline, "{sql}: {found}");
    }
}

fn active(shop: &Shop) -> String {
    format!("SELECT count(*) FROM pg_stat_activity WHERE usename = '{}' AND state = 'active'", shop.role)
}

fn open(shop: &Shop) -> String {
    format!("SELECT count(*) FROM pg_stat_activity WHERE usename = '{}'", shop.role)
}

fn small(shop: &Shop, access: DatabaseAccess, connections: usize) -> Postgres {
    Postgres::new(&shop.url(), PostgresSettings { connections, ..settings(access) }).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_ends_at_its_deadline_in_the_server_too() {
    let shop = Shop::new("read");
    let database = small(&shop, DatabaseAccess::Read, 1);
    let short = Statement { time: Duration::from_millis(200), ..statement(ENDLESS, &[]) };
    let late = database.query(short).await;
    assert_eq!(late, Err(DatabaseError::Limit("the statement was ended at its deadline [C0411]".into())));
    wait_for(&shop, &active(&shop), "0");
    // With one connection only, this waits until the place is free again.
    assert_eq!(single(&database, "SELECT 1", &[]).await, Value::Int64(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_whose_future_is_dropped_ends_in_the_server_too() {
    let shop = Arc::new(Shop::new("read"));
    let database = Arc::new(small(&shop, DatabaseAccess::Read, 1));
    let running = tokio::spawn({
        let database = Arc::clone(&database);
        async move { query(&database, ENDLESS, &[]).await }
    });
    wait_for(&shop, &active(&shop), "1");
    running.abort();
    wait_for(&shop, &active(&shop), "0");
    assert_eq!(single(&database, "SELECT 1", &[]).await, Value::Int64(1));
}

/// Threat D18: what swallows a cancellation is terminated.
#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_survives_cancellation_is_terminated() {
    let shop = Shop::new("read");
    shop.psql(
        "CREATE FUNCTION stubborn() RETURNS int LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN LOOP BEGIN PERFORM \
         pg_sleep(60); EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END'; \
         CREATE VIEW trap AS SELECT stubborn() AS a",
    );
    shop.psql(&format!("GRANT SELECT ON trap TO {}", shop.role));
    let database = Arc::new(small(&shop, DatabaseAccess::Read, 1));
    let running = tokio::spawn({
        let database = Arc::clone(&database);
        async move { query(&database, "SELECT * FROM trap", &[]).await }
    });
    wait_for(&shop, &active(&shop), "1");
    let pid = shop.psql(&active(&shop).replace("count(*)", "pid"));
    running.abort();
    wait_for(&shop, &active(&shop), "0");
    let ended = format!("[{pid}] FATAL:  terminating connection due to administrator command");
    // It is gone before it has said so.
    let deadline = std::time::Instant::now() + TIME;
    while !shop.server.log().contains(&ended) {
        assert!(std::time::Instant::now() < deadline, "{}", shop.server.log());
        std::thread::yield_now();
    }
    assert_eq!(single(&database, "SELECT 1", &[]).await, Value::Int64(1));
}

/// Threat D26.
#[tokio::test(flavor = "multi_thread")]
async fn no_more_sessions_are_open_than_allowed() {
    let shop = Shop::new("read");
    let database = Arc::new(small(&shop, DatabaseAccess::Read, 3));
    let work = (0..40).map(|n| {
        let database = Arc::clone(&database);
        tokio::spawn(async move { single(&database, "SELECT $1::int", &[Value::Int64(n)]).await })
    });
    for (n, done) in futures::future::join_all(work).await.into_iter().enumerate() {
        assert_eq!(done.unwrap(), Value::Int64(n.try_into().unwrap()));
    }
    assert!(shop.psql(&open(&shop)).parse::<u32>().unwrap() <= 3);
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(database.begin(TIME).await.unwrap());
    }
    let short = Statement { time: Duration::from_millis(100), ..statement("SELECT 1", &[]) };
    let none = database.query(short).await.unwrap_err();
    assert_eq!(
        none,
        DatabaseError::Limit("all 3 connections of `stock` to `shop` stayed in use [C0410]".into())
    );
    drop(held);
    assert_eq!(single(&database, "SELECT 1", &[]).await, Value::Int64(1));
}

/// Threat D27: what a statement could leave in its session, were the gate not there.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_comes_back_clean_and_keeps_what_is_prepared() {
    let shop = Shop::new("write");
    let role = &shop.role;
    shop.psql(&format!(
        "CREATE FUNCTION litter() RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN CREATE TEMP TABLE left_over (a int); \
         PERFORM pg_catalog.set_config(''work_mem'', ''2GB'', false); \
         PERFORM pg_catalog.set_config(''statement_timeout'', ''0'', false); \
         PERFORM pg_advisory_lock(7); RETURN ''done''; END'; CREATE VIEW litterer AS SELECT litter() AS a; \
         CREATE VIEW settings AS SELECT current_setting('work_mem') || current_setting('statement_timeout') AS a; \
         GRANT SELECT ON litterer, settings TO {role}"
    ));
    let database = small(&shop, DatabaseAccess::Write, 1);
    let before = single(&database, "SELECT * FROM settings", &[]).await;
    let process = "SELECT count(*) FROM pg_class WHERE relname = 'left_over'";
    assert_eq!(single(&database, "SELECT * FROM litterer", &[]).await, text("done"));
    assert_eq!(single(&database, "SELECT * FROM settings", &[]).await, before);
    assert_eq!(single(&database, process, &[]).await, Value::Int64(0));
    assert_eq!(shop.psql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"), "0");
    assert_eq!(shop.psql(&open(&shop)), "1", "it was the same session all the time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_is_all_or_nothing() {
    let shop = Shop::new("write");
    let database = small(&shop, DatabaseAccess::Write, 1);
    let insert = |name: &'static str| [text(name)];
    let sql = "INSERT INTO items (name) VALUES ($1)";

    let mut kept = database.begin(TIME).await.unwrap();
    assert_eq!(kept.execute(statement(sql, &insert("kept"))).await, Ok(1));
    assert_eq!(
        kept.execute_many(statement(sql, &[]), &[insert("a").into(), insert("b").into()]).await,
        Ok(2)
    );
    assert_eq!(kept.commit().await, Ok(()));
    assert_eq!(shop.psql("SELECT count(*) FROM items"), "5");

    let mut dropped = database.begin(TIME).await.unwrap();
    assert_eq!(dropped.execute(statement(sql, &insert("dropped"))).await, Ok(1));
    drop(dropped);

    let mut failed = database.begin(TIME).await.unwrap();
    assert_eq!(failed.execute(statement(sql, &insert("failed"))).await, Ok(1));
    let twice = failed.execute(statement(sql, &insert("kept"))).await;
    assert!(
        matches!(&twice, Err(DatabaseError::Constraint(words)) if words.contains("items_name_key")),
        "{twice:?}"
    );
    let after = query_in(&mut failed, "SELECT 1").await;
    assert!(matches!(&after, Err(DatabaseError::Invalid(words)) if words.contains("aborted")), "{after:?}");
    let words = "a statement of the transaction failed, so all of it was rolled back";
    assert_eq!(failed.commit().await, Err(DatabaseError::Failed(words.into())));

    let many = database.execute_many(statement(sql, &[]), &[insert("c").into(), insert("kept").into()]).await;
    assert!(matches!(many, Err(DatabaseError::Constraint(_))));
    assert_eq!(single(&database, "SELECT count(*) FROM items", &[]).await, Value::Int64(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_ends_by_itself_and_lets_go_of_its_locks() {
    let shop = Shop::new("write");
    let database = small(&shop, DatabaseAccess::Write, 1);
    let mut held = database.begin(Duration::from_millis(300)).await.unwrap();
    assert_eq!(held.execute(statement("UPDATE items SET price = 9", &[])).await, Ok(2));
    // It needs the only connection, so it waits for the end of the other.
    assert_eq!(single(&database, "SELECT count(*) FROM items WHERE price = 9", &[]).await, Value::Int64(0));
    let late = DatabaseError::Limit("the statement was ended at its deadline [C0411]".into());
    assert_eq!(held.execute(statement("UPDATE items SET price = 9", &[])).await, Err(late.clone()));
    assert_eq!(held.commit().await, Err(late));
}

#[tokio::test]
async fn a_reader_cannot_write_in_a_transaction_either() {
    let shop = Shop::new("write");
    let mut transaction = shop.open(DatabaseAccess::Read).begin(TIME).await.unwrap();
    let denied = transaction.execute(statement("DELETE FROM items", &[])).await.unwrap_err().to_string();
    assert!(denied.contains("[C0402]"), "{denied}");
    assert_eq!(
        query_in(&mut transaction, "SELECT count(*) FROM items").await.unwrap().rows,
        [[Value::Int64(2)]]
    );
}

#[tokio::test]
async fn migrations_run_once_in_order_and_all_or_none() {
    let shop = Shop::new("schema");
    let database = shop.open(DatabaseAccess::Schema);
    let mut steps = vec![
        "CREATE TABLE notes (id int PRIMARY KEY, body text); CREATE INDEX notes_body ON notes (body);"
            .to_owned(),
        "INSERT INTO notes VALUES (1, 'a;b')".to_owned(),
    ];
    assert_eq!(database.migrate(&steps, TIME).await, Ok(2));
    assert_eq!(database.migrate(&steps, TIME).await, Ok(0));
    steps.push("ALTER TABLE notes ADD COLUMN made date".to_owned());
    steps.push("INSERT INTO notes VALUES (1, 'again')".to_owned());
    let failed = database.migrate(&steps, TIME).await.unwrap_err();
    assert!(failed.to_string().starts_with("step 4: duplicate key value"), "{failed}");
    assert_eq!(single(&database, "SELECT count(*) FROM cofferdam_migrations", &[]).await, Value::Int64(2));
    steps[3] = "INSERT INTO notes VALUES (2, 'b')".to_owned();
    assert_eq!(database.migrate(&steps, TIME).await, Ok(2));
    let changed = vec!["CREATE TABLE other (a int)".to_owned()];
    assert!(database.migrate(&changed, TIME).await.unwrap_err().to_string().contains("3 steps further"));
    steps[0].push(' ');
    let words = database.migrate(&steps, TIME).await.unwrap_err().to_string();
    assert_eq!(
        words,
        "step 1 of the migrations is not the one that was run: add a step instead of changing one"
    );
    let hostile = vec!["CREATE TABLE a (b int); SET work_mem = '2GB'".to_owned()];
    assert!(matches!(database.migrate(&hostile, TIME).await, Err(DatabaseError::Denied(_))));
    let denied = shop.open(DatabaseAccess::Write).migrate(&steps, TIME).await.unwrap_err().to_string();
    assert!(denied.ends_with("cofferdam grant stock database shop schema"), "{denied}");
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_of_many_callers_at_once_run_once() {
    let shop = Shop::new("schema");
    let database = Arc::new(small(&shop, DatabaseAccess::Schema, 8));
    assert_eq!(database.migrate(&[], TIME).await, Ok(0));
    let steps = Arc::new(vec!["CREATE TABLE once (a int)".to_owned()]);
    let all = (0..8).map(|_| {
        let (database, steps) = (Arc::clone(&database), Arc::clone(&steps));
        tokio::spawn(async move { database.migrate(&steps, TIME).await.unwrap() })
    });
    let run: u32 = futures::future::join_all(all).await.into_iter().map(Result::unwrap).sum();
    assert_eq!(run, 1);
}

#[tokio::test]
async fn a_statement_that_waits_for_a_lock_is_busy_or_late() {
    let shop = Shop::new("write");
    let database = shop.open(DatabaseAccess::Write);
    let mut holder = database.begin(TIME).await.unwrap();
    assert_eq!(holder.execute(statement("UPDATE items SET price = 1", &[])).await, Ok(2));
    let short =
        Statement { time: Duration::from_millis(200), ..statement("UPDATE items SET price = 2", &[]) };
    assert!(matches!(database.execute(short).await, Err(DatabaseError::Limit(_))));
    let skip = query(&database, "SELECT * FROM items FOR UPDATE NOWAIT", &[]).await;
    assert!(matches!(skip, Err(DatabaseError::Busy(_))), "{skip:?}");
    assert_eq!(holder.commit().await, Ok(()));
    assert_eq!(execute(&database, "UPDATE items SET price = 3", &[]).await, Ok(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_changed_is_read_as_it_is_now() {
    let shop = Shop::new("write");
    let database = small(&shop, DatabaseAccess::Write, 1);
    let columns = async || query(&database, "SELECT * FROM items ORDER BY name DESC", &[]).await.unwrap();
    let before = columns().await;
    assert_eq!((before.columns.len(), &before.rows[0][1]), (6, &text("nut")));
    shop.psql("ALTER TABLE items ADD COLUMN size int");
    assert_eq!(columns().await.columns.len(), 7);
    shop.psql("ALTER TABLE items DROP COLUMN size");
    let mut transaction = database.begin(TIME).await.unwrap();
    let stale = query_in(&mut transaction, "SELECT * FROM items ORDER BY name DESC").await;
    assert_eq!(stale, Err(DatabaseError::Busy("a table was changed meanwhile, try again".into())));
    drop(transaction);
    let mut transaction = database.begin(TIME).await.unwrap();
    let fresh = query_in(&mut transaction, "SELECT * FROM items ORDER BY name DESC").await.unwrap();
    assert_eq!(fresh.columns.len(), 6);
}

//! Every bound ends what hits it, names itself, and leaves the database as it was.

use std::time::Duration;

use cofferdam_capabilities::database::{Database, DatabaseError, Holder, Value};
use cofferdam_policy::{
    DatabaseAccess, DatabaseLimits,
    units::{Bytes, Count, Millis, Quantity as _},
};
use futures::future::join_all;

use crate::support::{LONG, Place, execute, one, query};

const ENDLESS: &str =
    "WITH RECURSIVE n(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n) SELECT count(*) FROM n";

/// Asserts that a statement hits a bound, whose text has these words in it.
async fn limited(database: &Database, sql: &str, words: &str) {
    let error = query(database, sql).await.unwrap_err();
    assert!(matches!(&error, DatabaseError::Limit(text) if text.contains(words)), "{sql:.60}: {error}");
}

#[tokio::test]
async fn work_ends_with_its_time() {
    let place = Place::new();
    let own = place.own_within(DatabaseLimits { statement: Millis::of(100), ..DatabaseLimits::default() });
    execute(&own, "CREATE TABLE t (a)").await.unwrap();
    for sql in [
        ENDLESS,
        "SELECT count(*) FROM pragma_table_list a, pragma_table_list b, pragma_table_list c, pragma_table_list d, \
         pragma_table_list e, pragma_table_list f, pragma_table_list g, pragma_table_list h, pragma_table_list i, \
         pragma_table_list j, pragma_table_list k, pragma_table_list l, pragma_table_list m, pragma_table_list n, \
         pragma_table_list o, pragma_table_list p, pragma_table_list q, pragma_table_list r, pragma_table_list s, \
         pragma_table_list u, pragma_table_list v, pragma_table_list w, pragma_table_list x, pragma_table_list y, \
         pragma_table_list z",
        "WITH RECURSIVE n(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n) SELECT json_group_array(a) FROM n",
        "WITH RECURSIVE n(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n) SELECT a FROM n ORDER BY a DESC",
        "WITH RECURSIVE n(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n) INSERT INTO t SELECT a FROM n",
    ] {
        limited(&own, sql, "[C0411]").await;
    }
    assert_eq!(one(&own, "SELECT count(*) FROM t").await, Value::Int64(0));
}

#[tokio::test]
async fn what_is_left_of_a_call_counts_too() {
    let place = Place::new();
    let own = place.own();
    let error = own.query(ENDLESS, &[], Duration::from_millis(50)).await.unwrap_err();
    assert!(matches!(&error, DatabaseError::Limit(text) if text.ends_with("[C0411]")), "{error}");
}

#[tokio::test]
async fn work_ends_when_nobody_waits_for_it() {
    let place = Place::new();
    let hour = Duration::from_secs(3_600);
    // Nothing but that nobody waits ends them.
    let limits = DatabaseLimits {
        connections: Count::of(2),
        statement: Millis::of(3_600_000),
        ..DatabaseLimits::default()
    };
    let own = place.own_within(limits);
    execute(&own, "CREATE TABLE t (a)").await.unwrap();
    for _ in 0..8 {
        let endless = own.query(ENDLESS, &[], hour);
        assert!(tokio::time::timeout(Duration::from_millis(20), endless).await.is_err());
    }
    // The threads of the eight end: each had one of its own.
    let ended = async {
        while sqlite_threads() > 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, ended).await.unwrap();
    assert_eq!(one(&own, "SELECT count(*) FROM t").await, Value::Int64(0));
}

/// Threads of connections of this process that are busy.
fn sqlite_threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let running = |task: &std::fs::DirEntry| {
        let stat = std::fs::read_to_string(task.path().join("stat")).unwrap_or_default();
        stat.contains("(sqlite) R")
    };
    tasks.filter(running).count()
}

#[tokio::test]
async fn results_have_bounds() {
    let place = Place::new();
    let limits =
        DatabaseLimits { rows: Count::of(100), result: Bytes::of(4_000), ..DatabaseLimits::default() };
    let own = place.own_within(limits);
    let numbers = |count: usize| {
        format!(
            "WITH RECURSIVE n(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n LIMIT {count}) SELECT a FROM n"
        )
    };
    assert_eq!(query(&own, &numbers(100)).await.unwrap().rows.len(), 100);
    limited(&own, &numbers(101), "more than 100 rows (`rows` of `database_limits`) [C0410]").await;
    limited(&own, &numbers(10_000_000), "`rows`").await;
    limited(&own, "SELECT zeroblob(4000)", "(`result` of `database_limits`) [C0410]").await;
    limited(&own, "SELECT zeroblob(1000), zeroblob(1000), zeroblob(1000), zeroblob(1000)", "`result`").await;
    assert_eq!(query(&own, "SELECT zeroblob(3900)").await.unwrap().rows.len(), 1);
}

#[tokio::test]
async fn bombs_of_memory_and_of_the_parser_are_small() {
    let place = Place::new();
    let own = place.own();
    let nested = format!("SELECT {}1{}", "abs(".repeat(5_000), ")".repeat(5_000));
    let deep = format!("SELECT {}1", "1 + ".repeat(200));
    let compound = vec!["SELECT 1"; 600].join(" UNION ALL ");
    let columns = format!("SELECT {}", vec!["1"; 20_000].join(", "));
    let like = format!("SELECT '{}' LIKE '{}b'", "a".repeat(1_000), "%a".repeat(100));
    for sql in [
        "SELECT zeroblob(900000000)",
        "SELECT hex(zeroblob(1000000))",
        "SELECT replace(hex(zeroblob(500000)), '0', 'xxxxxxxxxxxxxxxxxxxx')",
        "SELECT randomblob(2000000000)",
        &nested,
        &deep,
        &compound,
        &columns,
        &like,
    ] {
        let error = query(&own, sql).await.unwrap_err();
        assert!(matches!(error, DatabaseError::Limit(_)), "{sql:.60}: {error}");
    }
    // This one gives up by itself.
    assert_eq!(one(&own, "SELECT printf('%.*c', 900000000, 'x')").await, Value::Null);
    let long = format!("SELECT 1 -- {}", "x".repeat(200_000));
    limited(&own, &long, "(`sql` of `database_limits`) [C0410]").await;
    let error = own.query("SELECT 1", &vec![Value::Null; 1_001], LONG).await.unwrap_err();
    assert!(matches!(&error, DatabaseError::Limit(text) if text.contains("`parameters`")), "{error}");
    let many = vec![vec![]; 10_001];
    let error = own.execute_many("SELECT 1", &many, LONG).await.unwrap_err();
    assert!(matches!(&error, DatabaseError::Limit(text) if text.contains("`batch`")), "{error}");
}

#[tokio::test]
async fn a_file_does_not_grow_beyond_its_size() {
    let place = Place::new();
    let size = 1 << 20;
    let own = place.own_within(DatabaseLimits { size: Bytes::of(size), ..DatabaseLimits::default() });
    execute(&own, "CREATE TABLE t (a)").await.unwrap();
    let mut written = 0;
    let error = loop {
        match execute(&own, "INSERT INTO t VALUES (randomblob(100000))").await {
            Ok(_) => written += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(&error, DatabaseError::Limit(text) if text.ends_with("[C0412]")), "{error}");
    assert!((8..=10).contains(&written), "{written}");
    assert!(std::fs::metadata(place.own_file()).unwrap().len() <= size);
    assert_eq!(one(&own, "SELECT count(*) FROM t").await, Value::Int64(written));
    // What is deleted makes room.
    execute(&own, "DELETE FROM t").await.unwrap();
    assert_eq!(execute(&own, "INSERT INTO t VALUES (randomblob(100000))").await, Ok(1));
}

#[tokio::test]
async fn a_plugin_takes_its_own_connections_and_no_other_s() {
    let place = Place::new();
    let limits =
        DatabaseLimits { connections: Count::of(2), statement: Millis::of(300), ..DatabaseLimits::default() };
    let shop = place.shop(DatabaseAccess::Read).await;
    let hog = place.plugin("hog", DatabaseAccess::Read, limits);
    let (hogs, private) = (hog.open("shop").unwrap(), hog.open("private").unwrap());
    let (first, second) = (Holder::default(), Holder::default());
    let held = (hogs.begin(&first, LONG).await.unwrap(), hogs.begin(&second, LONG).await.unwrap());
    let refused = join_all((0..20).map(|_| query(&hogs, "SELECT 1"))).await;
    for error in refused.into_iter().map(Result::unwrap_err) {
        assert!(matches!(&error, DatabaseError::Limit(text) if text.contains("`connections`")), "{error}");
    }
    assert_eq!(one(&private, "SELECT 1").await, Value::Int64(1));
    assert_eq!(one(&shop, "SELECT count(*) FROM items").await, Value::Int64(2));
    drop(held);
    assert_eq!(one(&hogs, "SELECT 1").await, Value::Int64(1));
}

//! Transactions are done whole or not at all, end by themselves, and hold nobody up for long.

use cofferdam_capabilities::database::{DatabaseError, Holder, Value};
use cofferdam_policy::{
    DatabaseAccess, DatabaseLimits,
    units::{Millis, Quantity as _},
};

use crate::support::{LONG, Place, execute, one, query};

const COUNT: &str = "SELECT count(*) FROM t";

async fn with_table() -> (Place, cofferdam_capabilities::database::Database) {
    let place = Place::new();
    let own = place.own();
    execute(&own, "CREATE TABLE t (a INTEGER PRIMARY KEY)").await.unwrap();
    (place, own)
}

#[tokio::test]
async fn a_transaction_lasts_when_it_is_committed_and_else_not() {
    let (_place, own) = with_table().await;
    let holder = Holder::default();
    let mut transaction = own.begin(&holder, LONG).await.unwrap();
    assert_eq!(transaction.execute("INSERT INTO t VALUES (1), (2)", &[], LONG).await, Ok(2));
    assert_eq!(transaction.query(COUNT, &[], LONG).await.unwrap().rows, [[Value::Int64(2)]]);
    assert_eq!(one(&own, COUNT).await, Value::Int64(0), "seen from outside");
    transaction.commit().await.unwrap();
    assert_eq!(one(&own, COUNT).await, Value::Int64(2));

    let mut dropped = own.begin(&holder, LONG).await.unwrap();
    dropped.execute("DELETE FROM t", &[], LONG).await.unwrap();
    drop(dropped);
    assert_eq!(one(&own, COUNT).await, Value::Int64(2));
    assert_eq!(execute(&own, "INSERT INTO t VALUES (3)").await, Ok(1), "nobody holds the file");
}

#[tokio::test]
async fn there_is_one_transaction_for_each_call_and_database() {
    let (_place, own) = with_table().await;
    let holder = Holder::default();
    let first = own.begin(&holder, LONG).await.unwrap();
    let error = own.begin(&holder, LONG).await.err().unwrap();
    assert!(matches!(&error, DatabaseError::Invalid(text) if text.contains("`private`")), "{error}");
    first.commit().await.unwrap();
    own.begin(&holder, LONG).await.unwrap().commit().await.unwrap();
}

#[tokio::test]
async fn a_statement_that_is_refused_leaves_the_others_of_its_transaction() {
    let (_place, own) = with_table().await;
    let mut transaction = own.begin(&Holder::default(), LONG).await.unwrap();
    transaction.execute("INSERT INTO t VALUES (1)", &[], LONG).await.unwrap();
    for sql in ["INSERT INTO t VALUES (1)", "INSERT INTO missing VALUES (1)", "ATTACH 'x' AS y", "COMMIT"] {
        assert!(transaction.execute(sql, &[], LONG).await.is_err(), "{sql}");
    }
    let many = [vec![Value::Int64(2)], vec![Value::Int64(1)]];
    assert!(transaction.execute_many("INSERT INTO t VALUES (?1)", &many, LONG).await.is_err());
    assert_eq!(transaction.query(COUNT, &[], LONG).await.unwrap().rows, [[Value::Int64(1)]]);
    let many = [vec![Value::Int64(2)], vec![Value::Int64(3)]];
    assert_eq!(transaction.execute_many("INSERT INTO t VALUES (?1)", &many, LONG).await, Ok(2));
    transaction.commit().await.unwrap();
    assert_eq!(one(&own, COUNT).await, Value::Int64(3));
}

#[tokio::test]
async fn nothing_runs_beside_a_transaction_that_the_database_rolled_back() {
    let (_place, own) = with_table().await;
    let mut transaction = own.begin(&Holder::default(), LONG).await.unwrap();
    transaction.execute("INSERT INTO t VALUES (1)", &[], LONG).await.unwrap();
    let error = transaction.execute("INSERT OR ROLLBACK INTO t VALUES (1)", &[], LONG).await.unwrap_err();
    assert!(matches!(error, DatabaseError::Constraint(_)), "{error}");
    // By itself this would last at once.
    let error = transaction.execute("INSERT INTO t VALUES (5)", &[], LONG).await.unwrap_err();
    assert_eq!(error, DatabaseError::Failed("the transaction was rolled back after an error".into()));
    assert!(transaction.commit().await.is_err());
    assert_eq!(one(&own, COUNT).await, Value::Int64(0));
}

#[tokio::test]
async fn a_transaction_ends_by_itself_when_its_time_is_over() {
    let (place, own) = with_table().await;
    let short = DatabaseLimits { transaction: Millis::of(50), ..DatabaseLimits::default() };
    let hurried = place.own_within(short);
    let mut transaction = hurried.begin(&Holder::default(), LONG).await.unwrap();
    transaction.execute("INSERT INTO t VALUES (1)", &[], LONG).await.unwrap();
    // Waits until the other one lets go, which nobody makes it do.
    while matches!(execute(&own, "INSERT INTO t VALUES (2)").await, Err(DatabaseError::Busy(_))) {}
    let error = transaction.commit().await.unwrap_err();
    assert!(
        matches!(&error, DatabaseError::Limit(text) if text.contains("`transaction`") && text.ends_with("[C0411]"))
    );
    assert_eq!(query(&own, "SELECT a FROM t").await.unwrap().rows, [[Value::Int64(2)]]);
}

#[tokio::test]
async fn a_writer_that_waits_too_long_is_told_so() {
    let (place, own) = with_table().await;
    let mut transaction = own.begin(&Holder::default(), LONG).await.unwrap();
    transaction.execute("INSERT INTO t VALUES (1)", &[], LONG).await.unwrap();
    let other = place.own();
    let error = execute(&other, "INSERT INTO t VALUES (2)").await.unwrap_err();
    assert_eq!(error, DatabaseError::Busy("someone else is writing to the database".into()));
    assert_eq!(one(&other, COUNT).await, Value::Int64(0), "who reads doesn't wait");
    transaction.commit().await.unwrap();
    assert_eq!(execute(&other, "INSERT INTO t VALUES (2)").await, Ok(1));
}

#[tokio::test]
async fn who_may_only_read_has_transactions_that_read() {
    let place = Place::new();
    let shop = place.shop(DatabaseAccess::Read).await;
    let mut transaction = shop.begin(&Holder::default(), LONG).await.unwrap();
    assert_eq!(
        transaction.query("SELECT count(*) FROM items", &[], LONG).await.unwrap().rows,
        [[Value::Int64(2)]]
    );
    let error = transaction.execute("DELETE FROM items", &[], LONG).await.unwrap_err();
    assert!(matches!(error, DatabaseError::Denied(_)), "{error}");
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn a_connection_is_clean_when_it_comes_back() {
    let (_place, own) = with_table().await;
    for _ in 0..8 {
        let mut transaction = own.begin(&Holder::default(), LONG).await.unwrap();
        transaction.execute("INSERT INTO t VALUES (1)", &[], LONG).await.unwrap();
        drop(transaction);
        // In a connection that was still in the transaction this would be 1.
        assert_eq!(one(&own, COUNT).await, Value::Int64(0));
    }
}

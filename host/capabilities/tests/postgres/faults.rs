//! A server that is down, goes down, hangs or throws sessions out.

use std::{sync::Arc, time::Duration};

use cofferdam_capabilities::database::{
    DatabaseError, Value,
    backend::{Backend as _, Statement},
    postgres::{Postgres, PostgresSettings},
};
use cofferdam_policy::DatabaseAccess;

use crate::{
    server::Server,
    support::{Shop, query, settings, single, statement},
};

fn database(server: &Server) -> Postgres {
    let url = server.url("postgres", "postgres");
    Postgres::new(&url, PostgresSettings { connections: 2, ..settings(DatabaseAccess::Read) }).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_down_is_unavailable_and_used_again_once_it_is_up() {
    let server = Server::start();
    let database = database(&server);
    server.crash();
    for _ in 0..20 {
        let down = query(&database, "SELECT 1", &[]).await;
        assert_eq!(down, Err(DatabaseError::Unavailable("the connection to the database broke".into())));
    }
    server.restart();
    assert_eq!(single(&database, "SELECT 1", &[]).await, Value::Int64(1));
    // Sessions that were idle when the server went are replaced.
    server.crash();
    server.restart();
    assert_eq!(single(&database, "SELECT 2", &[]).await, Value::Int64(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_in_the_middle_of_a_statement_is_unavailable() {
    let server = Server::start();
    let database = Arc::new(database(&server));
    let endless = "SELECT count(*) FROM generate_series(1, 100000000000)";
    let running = tokio::spawn({
        let database = Arc::clone(&database);
        async move { query(&database, endless, &[]).await }
    });
    while server.psql("postgres", "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%generate_series%' AND state = 'active' AND pid <> pg_backend_pid()") != "1" {}
    server.crash();
    assert!(matches!(running.await.unwrap(), Err(DatabaseError::Unavailable(_))));
    server.restart();
    assert_eq!(single(&database, "SELECT 1", &[]).await, Value::Int64(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_costs_no_more_than_the_deadline() {
    let server = Server::start();
    let database = database(&server);
    assert_eq!(single(&database, "SELECT 1", &[]).await, Value::Int64(1));
    server.signal("STOP");
    // New connections get no answer; each of these ends at its own deadline, and gives its place back.
    let one = || database.begin(Duration::from_millis(300));
    let (a, b, c) = tokio::join!(one(), one(), one());
    for transaction in [a, b, c] {
        // One of them may have got the session that was idle: its process wasn't stopped.
        if let Err(error) = transaction {
            assert!(matches!(error, DatabaseError::Unavailable(_) | DatabaseError::Limit(_)), "{error:?}");
        }
    }
    server.signal("CONT");
    assert_eq!(single(&database, "SELECT 2", &[]).await, Value::Int64(2));
}

/// Threat S9: sessions that are thrown out all the time.
#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_are_thrown_out_are_replaced_and_pile_up_nowhere() {
    let shop = Shop::new("read");
    let database = shop.open(DatabaseAccess::Read);
    for round in 0..20 {
        let throw = format!(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = '{}'",
            shop.role
        );
        shop.psql(&throw);
        match query(&database, "SELECT 1", &[]).await {
            Ok(table) => assert_eq!(table.rows, [[Value::Int64(1)]]),
            // Thrown out between being looked at and being used.
            Err(error) => assert!(matches!(error, DatabaseError::Unavailable(_)), "{round}: {error:?}"),
        }
    }
    assert_eq!(single(&database, "SELECT 1", &[]).await, Value::Int64(1));
    let open = shop.psql(&format!("SELECT count(*) FROM pg_stat_activity WHERE usename = '{}'", shop.role));
    assert!(open.parse::<u32>().unwrap() <= 5, "{open}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_whose_session_is_thrown_out_cannot_be_committed() {
    let shop = Shop::new("write");
    let database = shop.open(DatabaseAccess::Write);
    let mut transaction = database.begin(Duration::from_secs(10)).await.unwrap();
    let insert = Statement { ..statement("INSERT INTO items (name) VALUES ('lost')", &[]) };
    assert_eq!(transaction.execute(insert).await, Ok(1));
    shop.psql(&format!(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = '{}'",
        shop.role
    ));
    assert!(matches!(transaction.commit().await, Err(DatabaseError::Unavailable(_))));
    assert_eq!(single(&database, "SELECT count(*) FROM items", &[]).await, Value::Int64(2));
}

/// Threat D29: who answers.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_prove_who_it_is_gets_no_session() {
    let server = Server::start();
    let open = |more: &str| {
        let url = server.url("postgres", "postgres").replace("127.0.0.1", "localhost") + more;
        Postgres::new(&url, settings(DatabaseAccess::Read)).unwrap()
    };
    let unproven = "the database could not prove who it is, or speaks no TLS";
    let refused = query(&open("?sslmode=verify-full"), "SELECT 1", &[]).await;
    assert_eq!(refused, Err(DatabaseError::Unavailable(unproven.into())), "it speaks no TLS");

    let proof = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let root = server.enable_tls(&proof.cert.pem(), &proof.signing_key.serialize_pem());
    let refused = query(&open("?sslmode=verify-full"), "SELECT 1", &[]).await;
    assert_eq!(refused, Err(DatabaseError::Unavailable(unproven.into())), "nobody vouches for it");
    let trusting = open(&format!("?sslmode=verify-full&sslrootcert={}", root.display()));
    assert_eq!(single(&trusting, "SELECT 1", &[]).await, Value::Int64(1));
    let elsewhere =
        server.url("postgres", "postgres") + &format!("?sslmode=verify-full&sslrootcert={}", root.display());
    let elsewhere = Postgres::new(&elsewhere, settings(DatabaseAccess::Read)).unwrap();
    let refused = query(&elsewhere, "SELECT 1", &[]).await;
    assert_eq!(refused, Err(DatabaseError::Unavailable(unproven.into())), "it is for another name");
}

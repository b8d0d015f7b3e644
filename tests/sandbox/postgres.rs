//! A label in Postgres through the real path: judged, bounded, and out of the way of every other tool when the server is.

use std::sync::Arc;

use cofferdam_runtime::{
    PluginSpec,
    capabilities::{DatabaseSpec, database::DatabaseUrl},
    policy::{DatabaseAccess, DatabaseGrant, DatabaseLimits, Label},
};
use cofferdam_tests::{Setup, TestHost, guest::Sandbox};
use serde_json::{Value, json};

#[path = "../../host/capabilities/tests/support/postgres.rs"]
#[allow(dead_code, unreachable_pub, reason = "other suites use the rest")]
mod server;

use self::server::Server;

/// `p` may write in the server's database; `other` has nothing to do with it.
async fn host(server: &Server) -> TestHost {
    let label = Label::parse("shop").unwrap();
    let url = DatabaseUrl::Postgres(server.url("postgres", "postgres"));
    let databases = DatabaseSpec {
        data_dir: None,
        grant: DatabaseGrant::new([(label.clone(), DatabaseAccess::Write)]),
        shared: Arc::new([(label, url)].into()),
        limits: DatabaseLimits::default(),
    };
    let spec = PluginSpec { databases, ..PluginSpec::default() };
    let p = Setup::of(Sandbox::Database).id("p").spec(spec);
    TestHost::start([p, Setup::of(Sandbox::Cache).id("other")]).await
}

async fn run(host: &TestHost, steps: Value) -> Vec<Value> {
    let result = host.result("p_run", json!({ "label": "shop", "steps": steps })).await;
    result.structured.unwrap()["result"].as_array().unwrap().clone()
}

async fn query(host: &TestHost, sql: &str) -> Value {
    run(host, json!([{ "act": "query", "sql": sql }])).await.remove(0)
}

fn kind(answer: &Value) -> &str {
    answer["error"][0].as_str().unwrap_or_else(|| panic!("no refusal: {answer}"))
}

/// The other plugin goes on.
async fn others_go_on(host: &TestHost) {
    host.result("other_set", json!({ "key": "key", "value": "value" })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_grant_does_not_cover_never_reaches_the_server() {
    let server = Server::start();
    server.psql("postgres", "CREATE TABLE items (id int PRIMARY KEY, name text)");
    let host = host(&server).await;
    let insert = json!({ "act": "execute", "sql": "INSERT INTO items VALUES ($1, $2)", "params": [1, "'; DROP TABLE items; --"] });
    let done = run(&host, json!([insert, { "act": "query", "sql": "SELECT name FROM items" }])).await;
    assert_eq!(done, [json!(1), json!([["'; DROP TABLE items; --"]])]);
    for (sql, expected) in [
        ("DROP TABLE items", "denied"),
        ("SET statement_timeout = 0", "denied"),
        ("SELECT pg_sleep(60)", "denied"),
        ("COPY items TO PROGRAM 'id'", "denied"),
        ("SELECT rolpassword FROM pg_authid", "denied"),
        ("SELECT 1; DROP TABLE items", "invalid"),
    ] {
        for act in ["query", "execute"] {
            let done = run(&host, json!([{ "act": act, "sql": sql }])).await;
            assert_eq!(kind(&done[0]), expected, "{sql}: {done:?}");
        }
    }
    assert_eq!(server.psql("postgres", "SELECT count(*) FROM items"), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_down_dies_and_comes_back_concerns_its_own_calls_alone() {
    let server = Server::start();
    server.crash();
    let host = host(&server).await;
    // Down at the start, and up, and down again.
    for _ in 0..3 {
        assert_eq!(kind(&query(&host, "SELECT 1").await), "unavailable");
        others_go_on(&host).await;
        server.restart();
        assert_eq!(query(&host, "SELECT 1").await, json!([[1]]));
        server.crash();
    }
    // In the middle of a call.
    server.restart();
    let endless = query(&host, "SELECT count(*) FROM generate_series(1, 100000000000)");
    let active = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%generate_series(1, 1000%' AND state = 'active' \
                  AND pid <> pg_backend_pid()";
    let end = async {
        while tokio::task::block_in_place(|| server.psql("postgres", active)) == "0" {
            tokio::task::yield_now().await;
        }
        tokio::task::block_in_place(|| server.crash());
        others_go_on(&host).await;
    };
    let (answer, ()) = tokio::join!(endless, end);
    assert_eq!(kind(&answer), "unavailable");
    server.restart();
    assert_eq!(query(&host, "SELECT 2").await, json!([[2]]));
}

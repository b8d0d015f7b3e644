//! The plugin `sql` at work: a file of SQLite and a real Postgres, to read until a command says otherwise.

use cofferdam_tests::cargo;
use serde_json::json;

use crate::{
    desk::{Client, Desk, sqlite},
    postgres::Server,
};

const SHOP: [&str; 2] = [
    "CREATE TABLE item (id integer PRIMARY KEY, name text NOT NULL UNIQUE, price real)",
    "INSERT INTO item (name, price) VALUES ('tea', 4.5), ('milk', 1.25), ('coffee', 8)",
];

/// A Postgres with the same table, for the role that our documentation makes.
fn stock() -> (Server, String) {
    let server = Server::start();
    server.psql("postgres", "CREATE DATABASE stock");
    for sql in ["CREATE TABLE item (id int PRIMARY KEY, name text NOT NULL UNIQUE, price float8)", SHOP[1]] {
        let sql = sql.replace("(name, price)", "(id, name, price)");
        let sql =
            sql.replace("('tea", "(1, 'tea").replace("('milk", "(2, 'milk").replace("('cof", "(3, 'cof");
        server.psql("stock", &sql);
    }
    let script = cargo::workspace().join("docs/postgres-role.sql");
    let variables =
        ["-v", "role=clerk", "-v", "password=x", "-v", "schema=public", "-v", "access=write", "-f"];
    server.psql_with("stock", &[&variables[..], &[script.to_str().unwrap()]].concat());
    let url = server.url("clerk", "stock");
    (server, url)
}

fn desk(url: &str) -> Desk {
    let config = format!(
        "[databases.shop]\nurl = \"sqlite:shop.db\"\n[databases.stock]\nurl = \"{url}\"\n\
         [plugins.sql]\ndatabases = {{ shop = \"read\", stock = \"read\" }}\n\
         [plugins.sql.config]\ndatabases = [\"shop\", \"stock\"]\n"
    );
    let desk = Desk::with(&["sql"], &config);
    sqlite(&desk.path("shop.db"), &SHOP);
    desk
}

#[tokio::test]
async fn a_file_and_a_postgres_are_explored_and_queried_alike() {
    let (_server, url) = stock();
    let desk = desk(&url);
    let host = desk.serve().await;
    let client = Client::modern(&host).await;
    let known = client.value("sql_databases", json!({})).await;
    let expected =
        json!([{ "database": "shop", "dialect": "sqlite" }, { "database": "stock", "dialect": "postgres" }]);
    assert_eq!(known["databases"], expected);
    for label in ["shop", "stock"] {
        let schema = client.value("sql_schema", json!({ "database": label })).await;
        assert_eq!(schema["tables"][0]["name"], "item", "{schema}");
        let columns = schema["tables"][0]["columns"].as_array().unwrap();
        let names: Vec<_> = columns.iter().map(|column| column["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["id", "name", "price"], "{label}");

        let page = |offset: u64| {
            let sql = "select name, price from item where price > $1 order by price";
            client.value(
                "sql_query",
                json!({ "database": label, "sql": sql, "params": [1], "limit": 2, "offset": offset }),
            )
        };
        let first = page(0).await;
        assert_eq!(first["rows"], json!([["milk", 1.25], ["tea", 4.5]]), "{label}");
        let second = page(first["next_offset"].as_u64().unwrap()).await;
        assert_eq!(
            (&second["rows"], second.get("next_offset")),
            (&json!([["coffee", 8.0]]), None),
            "{label}"
        );

        let by_name = json!({ "database": label, "sql": "select id from item where name = 'tea'" });
        let plan = client.text("sql_explain", by_name).await;
        assert!(plan.to_lowercase().contains("item"), "{label}: {plan}");
    }
}

#[tokio::test]
async fn a_write_is_denied_until_the_command_that_the_denial_names_is_run() {
    let (server, url) = stock();
    let desk = desk(&url);
    let host = desk.serve().await;
    let client = Client::legacy(&host).await;
    for label in ["shop", "stock"] {
        let insert = json!({ "database": label, "sql": "insert into item (id, name) values (9, 'salt')" });
        let denied = client.error("sql_execute", insert.clone()).await;
        let count = json!({ "database": label, "sql": "select count(*) from item" });
        assert_eq!(client.value("sql_query", count.clone()).await["rows"], json!([[3]]), "{label}");

        let remedy = desk.follow(&denied);
        assert_eq!(remedy, format!("cofferdam grant sql database {label} write"), "{denied}");
        client.once_allowed("sql_execute", insert).await;
        assert_eq!(client.value("sql_query", count).await["rows"], json!([[4]]), "{label}");
        // Tables are another matter still.
        let drop = json!({ "database": label, "sql": "drop table item" });
        let denied = client.error("sql_execute", drop).await;
        assert!(denied.ends_with(&format!("cofferdam grant sql database {label} schema")), "{denied}");
    }
    assert_eq!(sqlite(&desk.path("shop.db"), &["SELECT name FROM item WHERE id = 9"]), ["salt"]);
    assert_eq!(server.psql("stock", "SELECT name FROM item WHERE id = 9"), "salt");
}

#[tokio::test]
async fn a_postgres_that_stops_is_an_error_and_used_again_once_it_is_back() {
    let (server, url) = stock();
    let desk = desk(&url);
    let host = desk.serve().await;
    let client = Client::modern(&host).await;
    let endless = json!({ "database": "stock", "sql": "select count(*) from (select generate_series(1, 100000000000)) as series" });
    let count = json!({ "database": "stock", "sql": "select count(*) from item" });
    let stopped = async {
        let running = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'clerk' AND state = 'active'";
        while server.psql("stock", running) != "1" {
            tokio::task::yield_now().await;
        }
        server.crash();
    };
    let (broken, ()) = futures::future::join(client.error("sql_query", endless.clone()), stopped).await;
    // The server may still say so, or not.
    let ends = ["the connection to the database broke", "the database ended the connection"];
    assert!(ends.iter().any(|end| broken == format!("unavailable: {end}")), "{broken}");
    let down = client.error("sql_query", count.clone()).await;
    assert_eq!(down, "unavailable: the connection to the database broke");
    // Others don't notice.
    let other = json!({ "database": "shop", "sql": "select count(*) from item" });
    assert_eq!(client.value("sql_query", other).await["rows"], json!([[3]]));

    server.restart();
    assert_eq!(client.value("sql_query", count.clone()).await["rows"], json!([[3]]));
    // And what takes too long is ended in the server, too.
    let late = client.error("sql_query", endless).await;
    assert_eq!(late, "the statement was ended at its deadline [C0411]");
    assert_eq!(client.value("sql_query", count).await["rows"], json!([[3]]));
}

//! A query, against sqlx used directly: the same statement on the same rows, read into the same types.
//!
//! The plain pool comes twice: as it is made by default, which tests a connection before it gives it out, and without
//! that test, which is the least that a pool does.

use std::{io, path::Path};

use cofferdam_bench::{Limit, Report, capabilities::Options};
use serde_json::{Value, json};
use sqlx::{
    ConnectOptions as _,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    host::Host,
    pairs::{Pairs, table},
    postgres::Server,
};

const QUERY: &str = "select id, title, body, size, price from item where id > $1 order by id limit $2";
const TABLE: &str = "create table item (id bigint primary key, title text not null, body text not null, \
    size bigint not null, price double precision not null)";
const FILL: &str = "insert into item select id, 'item ' || id, repeat('of a hundred bytes or so ', 4), id * 7, id / 8.0 \
    from generate_series(1, 1000) as id; analyze item";
/// How many rows there are, and how many the larger query finds.
const ROWS: i64 = 1_000;
const MANY: i64 = 20;
const CONNECTIONS: u32 = 4;
const DIRECTORY: &str = "/usr/lib/postgresql";
const TARGETS: [Limit; 2] = [
    Limit { what: "SQLite query of 20 rows to plain sqlx's", most: 1.3, unit: "" },
    Limit { what: "Postgres query of 20 rows to plain sqlx's", most: 1.3, unit: "" },
];

/// The plugin's queries, through a pool: a statement at a time, all its rows, each as Rust's types.
macro_rules! queries {
    ($pool:ident) => {
        move |rows: i64, times: u64| {
            let pool = $pool.clone();
            async move {
                let mut sum = 0;
                for time in 0..times.cast_signed() {
                    let query = sqlx::query_as::<_, (i64, String, String, i64, f64)>(QUERY);
                    let query = query.bind(time * 7 % (ROWS - rows)).bind(rows);
                    let items = query.fetch_all(&pool).await.expect("the query is run");
                    sum += items.iter().map(|item| item.3).sum::<i64>();
                }
                json!(sum)
            }
        }
    };
}

/// A Postgres with the same rows, and a role as the documentation makes it.
pub(crate) struct Shop(Server);

impl Shop {
    /// None if it isn't installed.
    pub(crate) fn start() -> Option<Self> {
        if !Path::new(DIRECTORY).exists() {
            return None;
        }
        let server = Server::start();
        server.psql("postgres", "create database shop");
        server.psql("shop", &format!("{TABLE}; {FILL}"));
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/postgres-role.sql");
        let settings = ["role=reader", "password=x", "schema=public", "access=read"];
        let mut arguments: Vec<_> = settings.iter().flat_map(|setting| ["-v", setting]).collect();
        arguments.extend(["-f", script]);
        server.psql_with("shop", &arguments);
        Some(Self(server))
    }

    /// As its role.
    pub(crate) fn url(&self) -> String {
        self.0.url("reader", "shop")
    }
}

/// Prints the comparisons.
pub(crate) async fn measure(
    options: &Options,
    host: &Host,
    shop: Option<&Shop>,
    report: &mut Report,
) -> io::Result<()> {
    let [lite, server] = TARGETS;
    let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS);
    let at = copied(host).await;
    let [tested, bare] = [true, false].map(|test| {
        let pool = pool.clone().test_before_acquire(test).connect_lazy_with(at.clone());
        queries!(pool)
    });
    let what = What { title: "SQLite", label: Value::Null, target: lite };
    compare(options, host, what, tested, bare, report).await?;
    if let Some(shop) = shop {
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS);
        let at: PgConnectOptions = shop.url().parse().expect("a valid address");
        let [tested, bare] = [true, false].map(|test| {
            let pool = pool.clone().test_before_acquire(test).connect_lazy_with(at.clone());
            queries!(pool)
        });
        let what = What { title: "Postgres", label: json!("shop"), target: server };
        compare(options, host, what, tested, bare, report).await?;
    }
    Ok(())
}

/// A copy of the plugin's own database, and the settings that the host has for that.
async fn copied(host: &Host) -> SqliteConnectOptions {
    let copy = host.copy();
    let mut file =
        SqliteConnectOptions::new().filename(host.file()).connect().await.expect("the file is opened");
    let into = sqlx::query("vacuum into ?1").bind(copy.to_string_lossy().into_owned());
    into.execute(&mut file).await.expect("the file is copied");
    SqliteConnectOptions::new()
        .filename(copy)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .statement_cache_capacity(64)
        .row_buffer_size(16)
        .disable_statement_logging()
        .pragma("cell_size_check", "ON")
        .pragma("mmap_size", "0")
        .pragma("temp_store", "MEMORY")
}

/// What is compared.
struct What {
    title: &'static str,
    /// By which the plugin knows the database.
    label: Value,
    target: Limit,
}

async fn compare<F, G>(
    options: &Options,
    host: &Host,
    what: What,
    tested: impl Fn(i64, u64) -> F,
    bare: impl Fn(i64, u64) -> G,
    report: &mut Report,
) -> io::Result<()>
where
    F: Future<Output = Value> + Send + 'static,
    G: Future<Output = Value> + Send + 'static,
{
    let mut rows = Vec::new();
    for count in [1, MANY] {
        let ask = || ("query", json!({ "label": what.label, "rows": count }));
        let (rounds, times) = (options.rounds, options.times);
        let usual = Pairs::take(rounds, times, host, ask(), |times| tested(count, times)).await;
        let least = Pairs::take(rounds, times, host, ask(), |times| bare(count, times)).await;
        rows.push(usual.row(&format!("{count} rows")));
        rows.push(least.row(&format!("{count} rows, plain without a test of the connection")));
        if count == MANY {
            report.limit(what.target, usual.ratio())?;
        }
    }
    table(report, what.title, &rows)
}

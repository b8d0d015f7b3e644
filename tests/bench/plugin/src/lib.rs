//! What the benchmark of capabilities calls: one kind of work, as often as it is told.

use cofferdam_sdk::prelude::*;

/// How many rows there are.
const ROWS: i64 = 1_000;
const STEPS: &[&str] =
    &["create table item (id integer primary key, title text not null, body text not null, \
     size integer not null, price double precision not null)"];
const INSERT: &str = "insert into item (id, title, body, size, price) values ($1, $2, $3, $4, $5)";
const QUERY: &str = "select id, title, body, size, price from item where id > $1 order by id limit $2";

#[derive(Serialize, Deserialize, JsonSchema)]
struct Item {
    id: i64,
    title: String,
    body: String,
    size: i64,
    price: f64,
}

#[derive(Deserialize, JsonSchema)]
struct Value {
    bytes: usize,
}

/// Fill the plugin's own database, and keep a value of so many bytes.
#[tool]
fn prepare(value: Value, db: Db, cache: Cache) -> Result<()> {
    db.migrate(STEPS)?;
    let item =
        |id: i64| (id, format!("item {id}"), "of a hundred bytes or so ".repeat(4), id * 7, id as f64 / 8.0);
    db.execute_many(INSERT, (1..=ROWS).map(item))?;
    cache.set_bytes("value", vec![b'x'; value.bytes], None)
}

#[derive(Deserialize, JsonSchema)]
struct Query {
    /// Of a shared database; none: the plugin's own.
    label: Option<String>,
    rows: i64,
    times: i64,
}

/// Find so many rows, each time others; what all their sizes come to.
#[tool(read_only, db("shop"))]
fn query(query: Query, db: Db) -> Result<i64> {
    let db = match &query.label {
        Some(label) => db.named(label)?,
        None => db,
    };
    let mut sum = 0;
    for time in 0..query.times {
        let after = time * 7 % (ROWS - query.rows);
        let items = db.query(QUERY, (after, query.rows))?.rows::<Item>()?;
        sum += items.iter().map(|item| item.size).sum::<i64>();
    }
    Ok(sum)
}

#[derive(Deserialize, JsonSchema)]
struct Times {
    times: u64,
}

/// Read the value that was kept; how many bytes came in all.
#[tool(read_only)]
fn get(times: Times, cache: Cache) -> Result<u64> {
    let mut bytes = 0;
    for _ in 0..times.times {
        bytes += cache.get_bytes("value")?.map_or(0, |value| value.len() as u64);
    }
    Ok(bytes)
}

#[derive(Deserialize, JsonSchema)]
struct Send {
    url: String,
    times: u64,
}

/// Ask an address again and again; how many bytes came in all.
#[tool(read_only)]
fn send(send: Send, http: Http) -> Result<u64> {
    let mut bytes = 0;
    for _ in 0..send.times {
        bytes += http.get(&send.url).bytes()?.len() as u64;
    }
    Ok(bytes)
}

plugin!(prepare, query, get, send);

use cofferdam_sdk::prelude::*;

/// Add one.
#[tool(readonly)]
fn unknown() {}

/// Add one.
#[tool(read_only, destructive)]
fn contradiction() {}

/// Add one.
#[tool(title = "a", title = "b")]
fn twice() {}

/// Add one.
#[tool(idempotent = "yes")]
fn not_a_flag() {}

/// Add one.
#[tool(name = "add one")]
fn bad_name() {}

/// Add one.
#[tool(name = "")]
fn no_name() {}

/// Add one.
#[tool]
fn größe() {}

/// Add one.
#[tool(cache = "10m")]
fn kept_change() {}

/// Add one.
#[tool(read_only, cache = "10 days")]
fn no_time() {}

/// Add one.
#[tool(http("get https://a.example/*"))]
fn no_method() {}

/// Add one.
#[tool(http("GET https://a.example"))]
fn no_path() {}

/// Add one.
#[tool(http())]
fn no_line() {}

/// Add one.
#[tool(db("private"))]
fn own_database() {}

/// Add one.
#[tool(db("My Shop"))]
fn no_label() {}

/// Add one.
#[tool(db("shop", delete))]
fn no_access() {}

/// Add one.
#[tool(db)]
fn no_database() {}

/// Add one.
#[tool(db("shop"), db("shop", read))]
fn same_database() {}

plugin!(own_database, no_label, no_access, no_database, same_database, no_method, no_path, no_line, kept_change, no_time, unknown, contradiction, twice, not_a_flag, bad_name, no_name, größe);

fn main() {}

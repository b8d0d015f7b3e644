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

plugin!(unknown, contradiction, twice, not_a_flag, bad_name, no_name, größe);

fn main() {}

use cofferdam_sdk::prelude::*;

/// Add one.
#[tool]
fn add() {}

plugin!(add());

fn main() {}

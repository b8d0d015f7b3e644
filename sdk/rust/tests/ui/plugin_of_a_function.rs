use cofferdam_sdk::prelude::*;

/// Not a tool.
fn add() {}

plugin!(add);

fn main() {}

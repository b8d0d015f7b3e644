use cofferdam_sdk::prelude::*;

struct Sorry;

/// Add one.
#[tool]
fn add() -> Result<i64, Sorry> {
    Err(Sorry)
}

plugin!(add);

fn main() {}

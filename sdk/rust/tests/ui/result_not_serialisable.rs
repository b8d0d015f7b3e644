use cofferdam_sdk::prelude::*;

struct Sum {
    sum: i64,
}

/// Add one.
#[tool]
fn plain() -> Sum {
    Sum { sum: 1 }
}

/// Add one, or not.
#[tool]
fn fallible() -> Result<Sum> {
    Ok(Sum { sum: 1 })
}

plugin!(plain, fallible);

fn main() {}

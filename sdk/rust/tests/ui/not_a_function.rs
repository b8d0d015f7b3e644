use cofferdam_sdk::prelude::*;

/// Add two numbers.
#[tool]
struct Add {
    a: i64,
}

fn main() {}

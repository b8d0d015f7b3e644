use cofferdam_sdk::prelude::*;

#[tool]
fn add() -> i64 {
    1
}

/// # Panics
///
/// A heading is not a description.
#[tool]
fn subtract() -> i64 {
    1
}

plugin!(add, subtract);

fn main() {}

use cofferdam_sdk::prelude::*;

#[derive(Serialize)]
struct Sum {
    sum: i64,
}

/// Add one.
#[tool]
fn add() -> Result<Sum> {
    Ok(Sum { sum: 1 })
}

plugin!(add);

fn main() {}

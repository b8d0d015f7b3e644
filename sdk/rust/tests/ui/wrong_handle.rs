use cofferdam_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
struct Add {
    a: i64,
}

/// Add two numbers.
#[tool]
fn add(x: Add, b: u8) -> i64 {
    x.a + i64::from(b)
}

plugin!(add);

fn main() {}

use cofferdam_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
struct Add {
    a: i64,
}

/// Add one.
#[tool]
fn add(x: &Add) -> i64 {
    x.a + 1
}

plugin!(add);

fn main() {}

use cofferdam_sdk::prelude::*;

/// Add two numbers.
#[tool]
fn add<T: Serialize>(x: T) -> String {
    json!(x).to_string()
}

/// Add two numbers.
#[tool]
fn hidden(x: impl Serialize) -> impl Serialize {
    x
}

plugin!(add, hidden);

fn main() {}

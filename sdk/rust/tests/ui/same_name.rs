use cofferdam_sdk::prelude::*;

mod text {
    use super::*;

    /// Add one.
    #[tool]
    pub fn add() {}
}

/// Add one.
#[tool]
fn add() {}

plugin!(add, text::add);

fn main() {}

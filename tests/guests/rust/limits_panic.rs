//! Panics.

use cofferdam_sdk::prelude::*;

/// Panic.
#[expect(clippy::panic, reason = "that is what it is for")]
#[tool]
fn run() -> Result<Reply> {
    panic!("on purpose")
}

plugin!(run);

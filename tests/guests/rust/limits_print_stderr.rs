//! Prints to stderr for ever.

use cofferdam_sdk::prelude::*;

/// Print for ever.
#[tool]
#[expect(clippy::print_stderr, reason = "that is what it is for")]
fn run() -> Reply {
    loop {
        eprintln!("again");
    }
}

plugin!(run);

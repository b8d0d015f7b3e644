//! Prints to stdout for ever.

use cofferdam_sdk::prelude::*;

/// Print for ever.
#[tool]
#[expect(clippy::print_stdout, reason = "that is what it is for")]
fn run() -> Reply {
    loop {
        println!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{{}}}}");
    }
}

plugin!(run);

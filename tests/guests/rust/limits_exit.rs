//! Calls `exit`.

use cofferdam_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
struct Exit {
    /// The exit code.
    code: i32,
}

/// End the process, if it were one.
#[tool]
fn run(exit: Exit) -> Result<Reply> {
    std::process::exit(exit.code)
}

plugin!(run);

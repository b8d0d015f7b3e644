//! Answers with something new each time, so that it shows whether it ran.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    time::Duration,
};

use cofferdam_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
struct Args {
    a: Option<i64>,
    b: Option<i64>,
}

fn new() -> Reply {
    Reply::new().text(RandomState::new().build_hasher().finish().to_string())
}

/// Answer, for an hour, and take a while for it.
#[tool(read_only, cache = "1h")]
fn kept(args: Args) -> Reply {
    std::thread::sleep(Duration::from_millis(20));
    let _ = (args.a, args.b);
    new()
}

/// Answer, for now.
#[tool(read_only)]
fn fresh(_: Args) -> Reply {
    new()
}

/// Answer, for a millisecond.
#[tool(read_only, cache = "1ms")]
fn brief(_: Args) -> Reply {
    new()
}

/// Fail.
#[tool(read_only, cache = "1h")]
fn fails(_: Args) -> Result<Reply> {
    Err(ToolError::failed(RandomState::new().build_hasher().finish().to_string()))
}

plugin!(kept, fresh, brief, fails);

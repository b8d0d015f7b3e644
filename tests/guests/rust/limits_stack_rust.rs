//! Recurses for ever, as compiled code does: with data on the stack in linear memory.

use std::hint::black_box;

use cofferdam_sdk::prelude::*;

#[expect(unconditional_recursion, reason = "that is what it is for")]
fn down(depth: u64) -> u64 {
    let room = black_box([depth; 32]);
    down(depth + 1) + room.iter().sum::<u64>()
}

/// Recurse for ever.
#[tool]
fn run() -> Reply {
    Reply::new().text(down(0).to_string())
}

plugin!(run);

//! Counts its calls, in a variable that outlives a call if anything does.

use std::sync::atomic::{AtomicU32, Ordering};

use cofferdam_sdk::prelude::*;

static CALLS: AtomicU32 = AtomicU32::new(0);

/// Count this call, and say how many there were.
#[tool]
fn count() -> Reply {
    let calls = CALLS.fetch_add(1, Ordering::Relaxed) + 1;
    Reply::new().text(calls.to_string())
}

plugin!(count);

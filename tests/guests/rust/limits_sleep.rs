//! Sleeps for ever: parked in the host, using no fuel at all.

use std::time::Duration;

use cofferdam_sdk::prelude::*;

/// Sleep for ever.
#[tool]
fn run() -> Reply {
    std::thread::sleep(Duration::from_secs(u64::MAX / 1_000_000_000));
    Reply::new()
}

plugin!(run);

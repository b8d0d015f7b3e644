//! Holds ever more resources of the host.

use cofferdam_sdk::prelude::*;

/// Hold a pollable, and another one.
#[tool]
fn run() -> Reply {
    #[cfg(target_arch = "wasm32")]
    {
        let mut held = Vec::new();
        loop {
            held.push(wasip2::clocks::monotonic_clock::subscribe_duration(u64::MAX));
        }
    }
    #[cfg(not(target_arch = "wasm32"))]
    Reply::new()
}

plugin!(run);

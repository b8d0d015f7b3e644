//! Reads the clocks, finely.

use cofferdam_sdk::prelude::*;

/// Read both clocks many times: the greatest common divisor of what they showed, in nanoseconds.
#[tool]
fn grain() -> Result<Reply> {
    #[cfg(target_arch = "wasm32")]
    let (monotonic, wall) = {
        use wasip2::clocks::{monotonic_clock, wall_clock};
        let (mut monotonic, mut wall) = (0, 0);
        for _ in 0..1_000 {
            monotonic = gcd(monotonic_clock::now(), monotonic);
            wall = gcd(u64::from(wall_clock::now().nanoseconds), wall);
        }
        (
            gcd(monotonic_clock::resolution(), monotonic),
            gcd(u64::from(wall_clock::resolution().nanoseconds), wall),
        )
    };
    #[cfg(not(target_arch = "wasm32"))]
    let (monotonic, wall) = (gcd(0, 0), 0);
    Ok(Reply::new().structured(json!({ "monotonic": monotonic, "wall": wall })))
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

plugin!(grain);

//! Asks for random bytes.

use cofferdam_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
struct Random {
    /// How many; a number beyond 2^53 is a text.
    bytes: String,
}

/// Ask for random bytes, and say how many came.
#[tool]
fn run(random: Random) -> Result<Reply> {
    let bytes: u64 = random.bytes.parse()?;
    #[cfg(target_arch = "wasm32")]
    let bytes = wasip2::random::random::get_random_bytes(bytes).len();
    Ok(Reply::new().text(bytes.to_string()))
}

plugin!(run);

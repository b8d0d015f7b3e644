use cofferdam_sdk::prelude::*;

/// Wait.
#[tool]
async fn wait() {}

/// Wait without a net.
#[tool]
unsafe fn dangerous() {}

/// Wait for C.
#[tool]
extern "C" fn foreign() {}

plugin!(wait, dangerous, foreign);

fn main() {}

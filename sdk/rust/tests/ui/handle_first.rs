use cofferdam_sdk::prelude::*;

/// Who calls.
#[tool]
fn who(call: Call) -> String {
    call.id()
}

plugin!(who);

fn main() {}

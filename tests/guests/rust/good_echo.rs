//! Says what it was told.

use cofferdam_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
struct Echo {
    /// What to say.
    text: String,
}

/// Say `text`.
#[tool(read_only)]
fn echo(echo: Echo) -> Reply {
    Reply::new().text(echo.text)
}

plugin!(echo);

//! Results of every kind.

use cofferdam_sdk::{Content, Resource, ResourceLink, Role, prelude::*};

/// One block of every kind.
#[tool(read_only)]
fn every() -> Reply {
    Reply::new()
        .with(
            Content::text("a note")
                .audience([Role::User])
                .priority(0.5)
                .last_modified("2026-01-01T00:00:00Z")
                .meta("example.com/key", 1),
        )
        .image(b"\x89PNG".to_vec(), "image/png")
        .audio(b"RIFF".to_vec(), "audio/wav")
        .with(ResourceLink::new("file:///a.txt", "a.txt").mime_type("text/plain").description("A file."))
        .with(Resource::text("test://text", "body").mime_type("text/plain"))
        .with(Resource::blob("test://blob", vec![0, 255]))
        .structured(json!({ "kinds": 6 }))
        .meta("example.com/result", true)
        // Not a guest's to set.
        .meta("cofferdam/usage", "forged")
        .meta("io.modelcontextprotocol/related-task", "forged")
}

/// A tool that ran, and says that it failed.
#[tool]
fn failed() -> Reply {
    Reply::new().text("line 3: expected `;`").error()
}

#[derive(Deserialize, JsonSchema)]
struct Fail {
    /// In which way.
    how: String,
}

/// Fail.
#[tool]
#[expect(clippy::panic, reason = "that is what it is for")]
fn fail(fail: Fail) -> Result<Reply> {
    match fail.how.as_str() {
        "invalid" => Err(ToolError::invalid("`how` is out of range")),
        "not-found" => Err(ToolError::not_found("no such thing")),
        "denied" => Err(ToolError::denied("not allowed")),
        "unavailable" => Err(ToolError::unavailable("come back later")),
        "failed" => Err(ToolError::failed("it went wrong\u{1b}[31m")),
        "panic" => panic!("on purpose"),
        _ => Ok(Reply::new().text("it didn't fail")),
    }
}

#[derive(Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Order {
    /// How many.
    #[schemars(range(min = 1, max = 10))]
    count: u32,
    /// Of what.
    items: Vec<String>,
}

/// Take an order.
#[tool]
fn order(order: Order) -> Reply {
    Reply::new().structured(json!({ "count": order.count, "items": order.items }))
}

plugin!(every, failed, fail, order);

//! Messages of the protocol, of both eras, as plain JSON.

use serde_json::{Value, json};

/// The stateless revision.
pub const MODERN: &str = "2026-07-28";
/// The revisions with sessions, oldest first.
pub const LEGACY: [&str; 4] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

/// A request of the era with sessions.
#[must_use]
pub fn request(id: impl Into<Value>, method: &str, params: Value) -> Value {
    let mut request = json!({ "jsonrpc": "2.0", "id": id.into(), "method": method });
    if !params.is_null() {
        request["params"] = params;
    }
    request
}

/// A request of the stateless era, with the `_meta` that every one needs.
///
/// # Panics
/// If the parameters are no object.
#[must_use]
pub fn modern(id: impl Into<Value>, method: &str, params: Value) -> Value {
    let mut request = request(id, method, params);
    let meta = request["params"]["_meta"].take();
    let mut meta = match meta {
        Value::Object(meta) => meta,
        _ => serde_json::Map::new(),
    };
    for (key, value) in [
        ("protocolVersion", json!(MODERN)),
        ("clientInfo", json!({ "name": "tests", "version": "1.0" })),
        ("clientCapabilities", json!({})),
    ] {
        meta.entry(format!("io.modelcontextprotocol/{key}")).or_insert(value);
    }
    request["params"]["_meta"] = Value::Object(meta);
    request
}

/// The first request of a session.
#[must_use]
pub fn initialize(version: &str) -> Value {
    let params = json!({
        "protocolVersion": version,
        "capabilities": {},
        "clientInfo": { "name": "tests", "version": "1.0" },
    });
    request("init", "initialize", params)
}

/// The parameters of a call.
#[must_use]
pub fn call(tool: &str, arguments: Value) -> Value {
    json!({ "name": tool, "arguments": arguments })
}

/// The text of a result's first block.
#[must_use]
pub fn text(answer: &Value) -> &str {
    answer["result"]["content"][0]["text"].as_str().unwrap_or_default()
}

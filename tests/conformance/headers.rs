//! Headers of the stateless era: they say what the body says, or the request is refused.

use cofferdam_tests::messages::{call, modern};
use serde_json::json;

use crate::host;

#[tokio::test]
async fn a_header_that_contradicts_the_body_is_refused() {
    let (_host, http, _folder) = host().await;
    let message = modern(1, "tools/call", call("a_tool-00", json!({})));
    let right = http.for_message(&message);
    assert_eq!(right.send(message.to_string()).await.status, 200);
    for (what, wrong) in [
        ("another method", right.clone().with("mcp-method", "tools/list")),
        ("the method in capitals", right.clone().with("mcp-method", "TOOLS/CALL")),
        ("no method", right.clone().without("mcp-method")),
        ("another name", right.clone().with("mcp-name", "a_tool-01")),
        ("no name", right.clone().without("mcp-name")),
        ("another version", right.clone().with("mcp-protocol-version", "2025-11-25")),
    ] {
        let reply = wrong.send(message.to_string()).await;
        assert_eq!(reply.status, 400, "{what}: {}", reply.body);
        let code = reply.answer()["error"]["code"].as_i64();
        assert!(matches!(code, Some(-32020 | -32022)), "{what}: {}", reply.body);
    }
}

#[tokio::test]
async fn a_header_may_be_encoded() {
    let (_host, http, _folder) = host().await;
    let message = modern(1, "tools/call", call("a_tool-00", json!({})));
    // a_tool-00
    let encoded = http.for_message(&message).with("mcp-name", "=?base64?YV90b29sLTAw?=");
    assert_eq!(encoded.send(message.to_string()).await.status, 200);
}

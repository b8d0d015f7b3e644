//! The stateless era, 2026-07-28: every request stands for itself.

use cofferdam_tests::messages::{LEGACY, MODERN, call, modern};
use serde_json::{Value, json};

use crate::host;

const VERSION: &str = "io.modelcontextprotocol/protocolVersion";

#[tokio::test]
async fn discovery_tells_versions_capabilities_and_who_serves() {
    let (_host, http, _folder) = host().await;
    let reply = http.modern(&modern("d", "server/discover", json!({}))).await;
    assert_eq!(reply.status, 200);
    let answer = reply.answer();
    assert_eq!(answer["id"], "d");
    let result = &answer["result"];
    let versions: Vec<_> = result["supportedVersions"].as_array().unwrap().iter().collect();
    for version in LEGACY.into_iter().chain([MODERN]) {
        assert!(versions.contains(&&json!(version)), "{version} in {versions:?}");
    }
    assert!(result["capabilities"]["tools"].is_object(), "{result}");
    assert!(result["capabilities"]["logging"].is_object(), "{result}");
    for missing in ["prompts", "resources", "completions"] {
        assert_eq!(result["capabilities"].get(missing), None);
    }
    assert_eq!(result["resultType"], "complete");
    assert!(result["ttlMs"].is_u64() && result["cacheScope"].is_string(), "{result}");
    assert_eq!(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "cofferdam", "{result}");
}

#[tokio::test]
async fn a_request_without_its_version_is_malformed() {
    let (_host, http, _folder) = host().await;
    for key in [VERSION, "io.modelcontextprotocol/clientCapabilities"] {
        let mut message = modern(1, "tools/list", json!({}));
        message["params"]["_meta"].as_object_mut().unwrap().remove(key);
        let reply = http.modern(&message).await;
        assert_eq!(reply.status, 400, "{key}: {}", reply.body);
        assert_eq!(reply.answer()["error"]["code"], -32602, "{key}");
    }
}

#[tokio::test]
async fn a_version_that_is_not_served_is_answered_with_those_that_are() {
    let (_host, http, _folder) = host().await;
    for version in ["2099-01-01", "DRAFT", ""] {
        let mut message = modern(1, "tools/list", json!({}));
        message["params"]["_meta"][VERSION] = json!(version);
        let http = http.for_message(&message).with("mcp-protocol-version", version);
        let reply = http.send(message.to_string()).await;
        assert_eq!(reply.status, 400, "{version}: {}", reply.body);
        let error = reply.answer()["error"].clone();
        assert_eq!(error["code"], -32022, "{version}: {error}");
        assert_eq!(error["data"]["requested"], version);
        let supported = error["data"]["supported"].as_array().unwrap();
        assert!(supported.contains(&json!(MODERN)), "{supported:?}");
    }
}

#[tokio::test]
async fn a_method_that_there_is_not_is_not_found() {
    let (_host, http, _folder) = host().await;
    // Those of the other era, those of capabilities that are not offered, and one of nobody.
    for (method, params) in [
        ("ping", json!({})),
        ("logging/setLevel", json!({ "level": "info" })),
        ("resources/subscribe", json!({ "uri": "test://x" })),
        ("resources/unsubscribe", json!({ "uri": "test://x" })),
        ("tasks/list", json!({})),
        ("no/such/method", json!({})),
    ] {
        let reply = http.modern(&modern(3, method, params)).await;
        let answer = reply.answer();
        assert_eq!(
            (reply.status.as_u16(), &answer["error"]["code"]),
            (404, &json!(-32601)),
            "{method}: {answer}"
        );
        assert_eq!(answer["id"], 3);
    }
}

#[tokio::test]
async fn an_answer_carries_the_id_that_was_asked_with() {
    let (_host, http, _folder) = host().await;
    for id in [json!(0), json!(-7), json!(9_007_199_254_740_991_i64), json!("text"), json!("")] {
        let answer = http.modern(&modern(id.clone(), "tools/list", json!({}))).await.answer();
        assert_eq!((&answer["id"], answer["result"].is_object()), (&id, true), "{answer}");
    }
}

#[tokio::test]
async fn a_result_says_that_it_is_complete_and_an_error_has_no_result() {
    let (_host, http, _folder) = host().await;
    let answer = http.modern(&modern(1, "tools/call", call("a_tool-00", json!({})))).await.answer();
    assert_eq!(answer["result"]["resultType"], "complete");
    assert_eq!(answer["result"]["content"], json!([]));
    assert_eq!(answer["result"]["isError"], false);
    let answer = http.modern(&modern(1, "tools/call", call("none", json!({})))).await.answer();
    assert_eq!((answer.get("result"), answer["error"]["code"].as_i64()), (None, Some(-32602)));
}

#[tokio::test]
async fn arguments_may_be_left_out() {
    let (_host, http, _folder) = host().await;
    let answer = http.modern(&modern(1, "tools/call", json!({ "name": "a_tool-00" }))).await.answer();
    assert_eq!(answer["result"]["isError"], false, "{answer}");
}

#[tokio::test]
async fn structured_output_that_doesn_t_match_is_not_passed_on() {
    let (_host, http, _folder) = host().await;
    // It declares an array and gives nothing.
    let answer = http.modern(&modern(1, "tools/call", call("a_tool-01", json!({})))).await.answer();
    assert_eq!(answer["result"]["isError"], true);
    assert_eq!(
        answer["result"]["content"][0]["text"],
        "the tool's structured result doesn't match its output schema: it has none"
    );
    assert_eq!(answer["result"].get("structuredContent"), None);
}

#[tokio::test]
async fn a_notification_is_taken_without_an_answer() {
    let (_host, http, _folder) = host().await;
    let mut message = modern(1, "notifications/cancelled", json!({ "requestId": 99 }));
    message.as_object_mut().unwrap().remove("id");
    let reply = http.modern(&message).await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (202, ""));
}

#[tokio::test]
async fn a_session_id_is_neither_given_nor_heeded() {
    let (_host, http, _folder) = host().await;
    let reply =
        http.clone().with("mcp-session-id", "made-up").modern(&modern(1, "tools/list", json!({}))).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.headers.get("mcp-session-id"), None);
    assert!(reply.answer()["result"]["tools"].as_array().is_some_and(|tools| !tools.is_empty()));
}

#[tokio::test]
async fn listening_is_acknowledged_first() {
    let (_host, http, _folder) = host().await;
    let message =
        modern("sub", "subscriptions/listen", json!({ "notifications": { "toolsListChanged": true } }));
    let reply = http.running(&message, "notifications/subscriptions/acknowledged").await;
    drop(reply);
}

/// The protocol says that it should be refused; the library drops it before the host sees it.
#[tokio::test]
async fn a_log_level_that_there_is_not_asks_for_nothing() {
    let (_host, http, _folder) = host().await;
    let mut params = call("a_tool-00", json!({}));
    params["_meta"] = json!({ "io.modelcontextprotocol/logLevel": "loud" });
    let answer: Value = http.modern(&modern(1, "tools/call", params)).await.answer();
    assert_eq!(answer["result"]["isError"], false, "{answer}");
}

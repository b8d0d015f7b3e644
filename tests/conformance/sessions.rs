//! The era with sessions: 2024-11-05 to 2025-11-25.

use cofferdam_tests::messages::{LEGACY, MODERN, call, initialize, request};
use serde_json::{Value, json};

use crate::host;

#[tokio::test]
async fn every_revision_is_spoken_as_it_was_asked_for() {
    let (_host, http, _folder) = host().await;
    for version in LEGACY {
        let (session, answer) = http.initialize(version).await;
        let result = &answer["result"];
        assert_eq!(result["protocolVersion"], version);
        assert_eq!(result["serverInfo"]["name"], "cofferdam");
        assert!(result["serverInfo"]["version"].is_string());
        assert!(result["capabilities"]["tools"].is_object());
        assert!(result["capabilities"]["logging"].is_object());
        assert_eq!(result["capabilities"].get("prompts"), None);
        let ping = session.send(request("p", "ping", Value::Null).to_string()).await.answer();
        assert_eq!(ping, json!({ "jsonrpc": "2.0", "id": "p", "result": {} }));
    }
}

#[tokio::test]
async fn an_unknown_revision_is_answered_with_one_that_is_spoken() {
    let (_host, http, _folder) = host().await;
    for version in ["1999-01-01", "2099-12-31", "x"] {
        let answer = http.send(initialize(version).to_string()).await.answer();
        let agreed = answer["result"]["protocolVersion"].as_str().unwrap();
        assert!(LEGACY.contains(&agreed), "{version}: {agreed}");
    }
}

#[tokio::test]
async fn a_session_id_is_of_visible_characters_and_differs_each_time() {
    let (_host, http, _folder) = host().await;
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let reply = http.send(initialize("2025-11-25").to_string()).await;
        let id = reply.headers["mcp-session-id"].to_str().unwrap().to_owned();
        assert!(id.len() >= 16 && id.bytes().all(|b| (0x21..=0x7e).contains(&b)), "{id:?}");
        assert!(seen.insert(id));
    }
}

#[tokio::test]
async fn without_a_session_there_is_no_answer_but_to_initialize() {
    let (_host, http, _folder) = host().await;
    let reply = http.send(request(1, "tools/list", Value::Null).to_string()).await;
    assert!(reply.status.is_client_error(), "{} {}", reply.status, reply.body);
    let (session, _) = http.initialize("2025-11-25").await;
    let reply = session.clone().with("mcp-protocol-version", "1999-01-01");
    let reply = reply.send(request(1, "tools/list", Value::Null).to_string()).await;
    assert_eq!(reply.status, 400, "{}", reply.body);
}

#[tokio::test]
async fn a_method_that_there_is_not_is_an_error_of_the_answer() {
    let (_host, http, _folder) = host().await;
    let (session, _) = http.initialize("2025-11-25").await;
    for (method, params) in [
        ("no/such/method", json!({})),
        ("tasks/list", json!({})),
        ("resources/subscribe", json!({ "uri": "test://x" })),
    ] {
        let reply = session.send(request(5, method, params).to_string()).await;
        let answer = reply.answer();
        assert_eq!(reply.status, 200, "{method}: {}", reply.body);
        assert_eq!(
            (&answer["id"], &answer["error"]["code"]),
            (&json!(5), &json!(-32601)),
            "{method}: {answer}"
        );
    }
}

/// Capabilities that are not declared; the library answers for them.
#[tokio::test]
async fn lists_of_what_there_is_none_of_are_empty() {
    let (_host, http, _folder) = host().await;
    let (session, _) = http.initialize("2025-11-25").await;
    for (method, key) in [
        ("prompts/list", "prompts"),
        ("resources/list", "resources"),
        ("resources/templates/list", "resourceTemplates"),
    ] {
        let answer = session.send(request(5, method, json!({})).to_string()).await.answer();
        assert_eq!(answer["result"][key], json!([]), "{method}: {answer}");
    }
}

#[tokio::test]
async fn malformed_parameters_are_told_from_unknown_methods() {
    let (_host, http, _folder) = host().await;
    let (session, _) = http.initialize("2025-11-25").await;
    for (method, params) in [
        ("tools/call", json!({ "arguments": {} })),
        ("tools/call", json!({ "name": 7 })),
        ("tools/call", json!({ "name": "a_tool-00", "arguments": "{}" })),
        ("logging/setLevel", json!({})),
    ] {
        let answer = session.send(request(6, method, params.clone()).to_string()).await.answer();
        assert_eq!(answer["error"]["code"], -32602, "{method} {params}: {answer}");
    }
}

#[tokio::test]
async fn results_have_nothing_of_the_later_era() {
    let (_host, http, _folder) = host().await;
    for version in LEGACY {
        let (session, _) = http.initialize(version).await;
        let message = request(1, "tools/call", call("a_tool-00", json!({})));
        let result = session.send(message.to_string()).await.answer()["result"].clone();
        assert_eq!(result["content"], json!([]), "{version}");
        assert_eq!(result.get("resultType"), None, "{version}");
    }
}

#[tokio::test]
async fn the_stateless_era_is_not_entered_by_a_handshake() {
    let (_host, http, _folder) = host().await;
    let answer = http.send(initialize(MODERN).to_string()).await.answer();
    let agreed = answer["result"]["protocolVersion"].as_str().unwrap_or_default();
    assert!(LEGACY.contains(&agreed), "{answer}");
}

#[tokio::test]
async fn sessions_run_beside_each_other() {
    let (_host, http, _folder) = host().await;
    let mut sessions = Vec::new();
    for version in LEGACY {
        sessions.push(http.initialize(version).await.0);
    }
    for (id, session) in sessions.iter().enumerate() {
        let message = request(id, "tools/call", call("b_tool-19", json!({})));
        assert_eq!(session.send(message.to_string()).await.answer()["id"], id);
    }
}

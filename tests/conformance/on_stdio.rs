//! Stdio: the same answers, line by line.

use cofferdam_tests::{
    StdioProcess,
    messages::{LEGACY, MODERN, call, initialize, modern, request},
};
use serde_json::{Value, json};

use crate::folder;

async fn ask(process: &mut StdioProcess, message: Value) -> Value {
    let mut meanwhile = Vec::new();
    let answer = process.ask(&message, &mut meanwhile).await;
    assert_eq!(meanwhile, Vec::<Value>::new());
    answer
}

#[tokio::test]
async fn every_revision_with_a_handshake_is_spoken() {
    let (folder, file) = folder();
    for version in LEGACY {
        let mut process = StdioProcess::serve(folder.path(), &["--config", &file]);
        let answer = ask(&mut process, initialize(version)).await;
        assert_eq!(answer["result"]["protocolVersion"], version);
        process.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
        assert_eq!(ask(&mut process, request(1, "ping", Value::Null)).await["result"], json!({}));
        let list = ask(&mut process, request(2, "tools/list", Value::Null)).await;
        assert_eq!(list["result"]["tools"][0]["name"], "a_tool-00");
        assert_eq!(list["result"].get("ttlMs"), None);
        let unknown = ask(&mut process, request(3, "no/such/method", json!({}))).await;
        assert_eq!(unknown["error"]["code"], -32601);
        let unknown = ask(&mut process, request(4, "tools/call", call("none", json!({})))).await;
        assert_eq!(unknown["error"]["code"], -32602);
        let malformed = ask(&mut process, request(5, "tools/call", json!({ "arguments": [] }))).await;
        assert_eq!(malformed["error"]["code"], -32602);
    }
}

#[tokio::test]
async fn the_stateless_era_needs_no_handshake() {
    let (folder, file) = folder();
    let mut process = StdioProcess::serve(folder.path(), &["--config", &file]);
    let discovered = ask(&mut process, modern(1, "server/discover", json!({}))).await;
    assert!(discovered["result"]["supportedVersions"].as_array().unwrap().contains(&json!(MODERN)));
    let list = ask(&mut process, modern(2, "tools/list", json!({}))).await;
    assert_eq!(list["result"]["ttlMs"], 300_000);
    let result = ask(&mut process, modern(3, "tools/call", call("a_tool-00", json!({})))).await;
    assert_eq!(result["result"]["resultType"], "complete");
    for (method, params, code) in [
        ("no/such/method", json!({}), -32601),
        ("tools/call", call("none", json!({})), -32602),
        ("tools/call", json!({ "name": 1 }), -32602),
        ("tools/list", json!({ "cursor": "made up" }), -32602),
    ] {
        let answer = ask(&mut process, modern("e", method, params)).await;
        assert_eq!(answer["error"]["code"], code, "{method}: {answer}");
    }
}

#[tokio::test]
async fn a_version_that_is_not_served_is_answered_with_those_that_are() {
    let (folder, file) = folder();
    let mut process = StdioProcess::serve(folder.path(), &["--config", &file]);
    let mut message = modern(1, "tools/list", json!({}));
    message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("2099-01-01");
    let answer = ask(&mut process, message).await;
    assert_eq!(answer["error"]["code"], -32022, "{answer}");
    assert!(answer["error"]["data"]["supported"].as_array().unwrap().contains(&json!(MODERN)));
}

//! Calls: what arrives of a result, and which reply each failure becomes.

use cofferdam_tests::{
    HostProcess, Http,
    guest::{E2e, Guest, Limits},
    messages::{call, modern, request, text},
    plugins,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A host with one of the guests under the name `guest`, and a client.
async fn host(guest: impl Into<Guest> + Copy, arguments: &[&str]) -> (HostProcess, Http, TempDir) {
    let folder = plugins::folder(&[("guest", guest)]);
    let host = HostProcess::serve(folder.path(), arguments).await;
    let http = Http::new(&host.url());
    (host, http, folder)
}

async fn ask(http: &Http, tool: &str, arguments: Value) -> Value {
    http.modern(&modern(1, "tools/call", call(tool, arguments))).await.answer()
}

/// The text and the code of a result that is an error.
fn failure(answer: &Value) -> (&str, &str) {
    assert_eq!(answer["result"]["isError"], true, "{answer}");
    (text(answer), answer["result"]["_meta"]["cofferdam/error"].as_str().unwrap())
}

#[tokio::test]
pub(crate) async fn every_kind_of_content_arrives() {
    let (_host, http, _folder) = host(E2e::Content, &[]).await;
    let mut answer = ask(&http, "guest_every", json!({})).await;
    let usage = answer["result"]["_meta"]["cofferdam/usage"].take();
    assert!(usage["fuel"].as_u64().unwrap() > 0, "{usage}");
    assert!(usage["memoryBytes"].as_u64().unwrap() >= 65_536, "{usage}");
    assert!(usage["milliseconds"].as_f64().unwrap() > 0.0, "{usage}");
    assert_eq!(
        answer["result"],
        json!({
            "resultType": "complete",
            "isError": false,
            "content": [
                {
                    "type": "text",
                    "text": "a note",
                    "annotations": {
                        "audience": ["user"], "priority": 0.5, "lastModified": "2026-01-01T00:00:00Z"
                    },
                    "_meta": { "example.com/key": 1 },
                },
                { "type": "image", "data": "iVBORw==", "mimeType": "image/png" },
                { "type": "audio", "data": "UklGRg==", "mimeType": "audio/wav" },
                {
                    "type": "resource_link",
                    "uri": "file:///a.txt",
                    "name": "a.txt",
                    "description": "A file.",
                    "mimeType": "text/plain",
                },
                {
                    "type": "resource",
                    "resource": { "uri": "test://text", "mimeType": "text/plain", "text": "body" },
                },
                { "type": "resource", "resource": { "uri": "test://blob", "blob": "AP8=" } },
            ],
            "structuredContent": { "kinds": 6 },
            "_meta": { "example.com/result": true, "cofferdam/usage": null },
        })
    );
}

#[tokio::test]
async fn usage_is_left_out_where_the_operator_says_so() {
    let folder = plugins::folder(&[("guest", E2e::Content)]);
    let file = folder.path().join("cofferdam.toml");
    std::fs::write(&file, "[server]\nusage_meta = false\n").unwrap();
    let host = HostProcess::serve(folder.path(), &["--config", file.to_str().unwrap()]).await;
    let answer = ask(&Http::new(&host.url()), "guest_every", json!({})).await;
    assert_eq!(answer["result"]["_meta"], json!({ "example.com/result": true }));
}

#[tokio::test]
async fn what_a_tool_says_of_its_failure_is_a_result_that_a_model_can_read() {
    let (_host, http, _folder) = host(E2e::Content, &[]).await;
    for (how, said, code) in [
        ("invalid", "invalid arguments: `how` is out of range", "invalid-arguments"),
        ("not-found", "not found: no such thing", "not-found"),
        ("denied", "denied: not allowed", "denied"),
        ("unavailable", "unavailable: come back later", "unavailable"),
        ("failed", "it went wrong[31m", "failed"),
        ("panic", "the tool crashed: it panicked or aborted; its log may say why", "crashed"),
    ] {
        let answer = ask(&http, "guest_fail", json!({ "how": how })).await;
        assert_eq!(failure(&answer), (said, code));
    }
    let answer = ask(&http, "guest_failed", json!({})).await;
    assert_eq!((text(&answer), &answer["result"]["isError"]), ("line 3: expected `;`", &json!(true)));
}

#[tokio::test]
async fn arguments_that_don_t_fit_are_named_with_what_was_expected_and_what_came() {
    let (_host, http, _folder) = host(E2e::Content, &[]).await;
    for (arguments, said) in [
        (json!({}), "`count` is required, but missing; `items` is required, but missing"),
        (json!({ "count": "many", "items": [] }), "`count`: expected integer, found string \"many\""),
        (json!({ "count": 11, "items": [] }), "`count`: 11 is greater than the maximum of 10"),
        (json!({ "count": 1, "items": ["a", 2] }), "`items[1]`: expected string, found number 2"),
        (
            json!({ "count": 1, "items": [], "colour": "red" }),
            "`colour` is not an argument of this tool; known: `count`, `items`",
        ),
    ] {
        let answer = ask(&http, "guest_order", arguments).await;
        assert_eq!(failure(&answer), (format!("invalid arguments: {said}").as_str(), "invalid-arguments"));
        assert_eq!(answer["result"]["_meta"].get("cofferdam/usage"), None, "a guest has run");
    }
}

#[tokio::test]
async fn what_a_model_got_wrong_without_doubt_is_put_right() {
    let (_host, http, _folder) = host(E2e::Content, &[]).await;
    for arguments in [
        json!({ "count": 2, "items": ["a"] }),
        json!({ "count": "2", "items": ["a"] }),
        json!({ "count": 2.0, "items": "[\"a\"]" }),
    ] {
        let answer = ask(&http, "guest_order", arguments).await;
        assert_eq!(answer["result"]["structuredContent"], json!({ "count": 2, "items": ["a"] }), "{answer}");
    }
}

#[tokio::test]
async fn what_no_model_can_repair_is_an_error_of_the_protocol() {
    let (_host, http, _folder) = host(E2e::Content, &[]).await;
    for (params, message) in [
        (call("guest_evry", json!({})), "unknown tool: \"guest_evry\"; did you mean \"guest_every\"?"),
        (call("utterly-different-name", json!({})), "unknown tool: \"utterly-different-name\""),
        (
            json!({ "name": "guest_every", "arguments": [1, 2] }),
            "malformed parameters of tools/call: expected `name` (string) and `arguments` (object)",
        ),
        (
            json!({ "arguments": {} }),
            "malformed parameters of tools/call: expected `name` (string) and `arguments` (object)",
        ),
    ] {
        let answer = http.modern(&modern(7, "tools/call", params)).await.answer();
        assert_eq!(answer["id"], 7);
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
        assert_eq!(answer["error"]["message"], message);
    }
}

#[tokio::test]
pub(crate) async fn settings_and_caller_reach_the_guest() {
    let folder = plugins::folder(&[("guest", E2e::Caller)]);
    let file = folder.path().join("cofferdam.toml");
    std::fs::write(
        &file,
        "[plugins.guest]\nnamespace = \"me\"\nconfig = { unit = \"kelvin\", list = [1, 2] }\n",
    )
    .unwrap();
    let host = HostProcess::serve(folder.path(), &["--config", file.to_str().unwrap()]).await;
    let http = Http::new(&host.url());
    let known = json!({
        "principal": null, "has_id": true, "in_time": true,
        "unit": "kelvin", "list": [1, 2], "missing": null,
    });
    let with = |client: Value, meta: Value| {
        let mut all = known.clone();
        (all["client"], all["meta"]) = (client, meta);
        all
    };

    let mut params = call("me_who", json!({}));
    params["_meta"] = json!({ "traceparent": "00-a-b-01", "progressToken": 1 });
    let answer = http.modern(&modern(1, "tools/call", params)).await.answer();
    let client = json!({ "name": "tests", "version": "1.0", "protocol": "2026-07-28" });
    let meta = json!({ "traceparent": "00-a-b-01" });
    assert_eq!(answer["result"]["structuredContent"], with(client, meta), "{answer}");

    let (session, _) = http.initialize("2025-06-18").await;
    let message = request(2, "tools/call", call("me_who", json!({})));
    let answer = session.send(message.to_string()).await.answer();
    let client = json!({ "name": "tests", "version": "1.0", "protocol": "2025-06-18" });
    assert_eq!(answer["result"]["structuredContent"], with(client, json!({})), "{answer}");
}

#[tokio::test]
async fn a_limit_of_the_operator_s_file_ends_a_call_with_its_name() {
    let folder = plugins::folder(&[("spin", Limits::LoopExport)]);
    let file = folder.path().join("cofferdam.toml");
    std::fs::write(&file, "[limits]\nfuel = 5_000_000\n\n[plugins.spin.limits]\nfuel = 2_000_000\n").unwrap();
    let host = HostProcess::serve(folder.path(), &["--config", file.to_str().unwrap()]).await;
    let answer = ask(&Http::new(&host.url()), "spin_run", json!({})).await;
    let said = "the tool used up its fuel (2000000); the operator can raise `fuel` in cofferdam.toml";
    assert_eq!(failure(&answer), (said, "limit/fuel"));
    assert_eq!(answer["result"]["_meta"]["cofferdam/usage"]["fuel"], 2_000_000);
}

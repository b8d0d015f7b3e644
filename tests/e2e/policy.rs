//! What is granted is the operator's alone: whatever a client sends, the file, the lock and what plugins may reach stay.

use std::{fs, process::Stdio};

use cofferdam_tests::{
    HostProcess, Http,
    guest::Sandbox,
    messages::{call, modern},
    plugins, process,
    upstream::Upstream,
};
use serde_json::{Value, json};

/// Every method of the protocol that there is or was, from either side, and some that there never were.
const METHODS: &[&str] = &[
    "initialize",
    "ping",
    "server/discover",
    "tools/list",
    "tools/call",
    "resources/list",
    "resources/read",
    "resources/templates/list",
    "resources/subscribe",
    "resources/unsubscribe",
    "prompts/list",
    "prompts/get",
    "completion/complete",
    "logging/setLevel",
    "roots/list",
    "sampling/createMessage",
    "elicitation/create",
    "subscriptions/listen",
    "tasks/list",
    "tasks/get",
    "tasks/result",
    "tasks/cancel",
    "notifications/initialized",
    "notifications/cancelled",
    "notifications/roots/list_changed",
    "notifications/elicitation/complete",
    "policy/set",
    "grants/add",
    "config/set",
    "plugins/approve",
    "plugins/load",
    "cofferdam/grant",
    "approve",
    "grant",
    "",
];

/// What would widen a grant, if anything took it.
fn hostile() -> Vec<Value> {
    let line = "GET http://*/* dangerous-any";
    vec![
        json!({}),
        json!({ "plugin": "p", "http": [line], "allow_private": ["127.0.0.1:80"], "dangerous-any": true }),
        json!({ "name": "cofferdam_grant", "arguments": { "plugin": "p", "kind": "http", "what": line } }),
        json!({ "name": "p_send", "arguments": { "requests": [], "grant": line } }),
        json!({ "uri": "file:///cofferdam.toml", "text": format!("[plugins.p]\nhttp = [{line:?}]") }),
        json!({ "level": "debug", "plugins": { "p": { "http": [line] } }, "trust": "off" }),
        json!({ "action": "accept", "content": { "grant": line, "approve": "all" } }),
        json!({ "_meta": { "cofferdam/grant": line, "io.modelcontextprotocol/clientCapabilities": { "grant": line } } }),
    ]
}

async fn sent(http: &Http, url: &str) -> Value {
    let message = call("p_send", json!({ "requests": [{ "url": url }] }));
    let answer = http.modern(&modern(1, "tools/call", message)).await.answer();
    answer["result"]["structuredContent"]["result"][0].clone()
}

async fn listed(http: &Http) -> Value {
    http.modern(&modern(1, "tools/list", json!({}))).await.answer()["result"]["tools"].clone()
}

/// The file, and what the command says is granted.
fn granted(file: &str) -> (Vec<u8>, Vec<u8>) {
    let said =
        process::command(&["grants", "--json", "--config", file]).stdout(Stdio::piped()).output().unwrap();
    assert!(said.status.success());
    (fs::read(file).unwrap(), said.stdout)
}

#[tokio::test]
async fn no_message_of_a_client_changes_what_is_granted() {
    let upstream = Upstream::ok().await;
    let folder = plugins::folder(&[("p", Sandbox::Http), ("c", Sandbox::Cache)]);
    let above = tempfile::tempdir().unwrap();
    let path = above.path().join("cofferdam.toml");
    let private = format!("allow_private = [\"{}\"]", upstream.address);
    let base = format!("http://{}", upstream.address);
    fs::write(
        &path,
        format!(
            "# mine\n[server]\nmeta_tools = true\n[plugins.p]\n{private}\nhttp = [\"GET {base}/granted\"]\n"
        ),
    )
    .unwrap();
    let file = path.to_str().unwrap();
    let host = HostProcess::serve(folder.path(), &["--config", file]).await;
    let http = Http::new(&host.url());
    let (before, tools) = (granted(file), listed(&http).await);
    assert_eq!(sent(&http, &format!("{base}/granted")).await["came"]["text"], "hello");

    for method in METHODS {
        for params in hostile() {
            http.modern(&modern(7, method, params.clone())).await;
            let legacy = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
            http.send(legacy.to_string()).await;
        }
    }
    let names: Vec<_> = tools.as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    for name in names.iter().chain(&["grant", "cofferdam_grant", "approve", "config", "../p_send"]) {
        for arguments in hostile() {
            http.modern(&modern(8, "tools/call", call(name, arguments))).await;
        }
    }

    assert_eq!(granted(file), before);
    assert_eq!(listed(&http).await, tools);
    let others: Vec<_> =
        fs::read_dir(above.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(others, ["cofferdam.toml"]);
    let denied = sent(&http, &format!("{base}/other")).await;
    assert!(denied["denied"].as_str().is_some_and(|said| said.contains("[C0205]")), "{denied}");
    assert!(upstream.seen().iter().all(|seen| seen.starts_with("GET /granted ")), "{:?}", upstream.seen());
}

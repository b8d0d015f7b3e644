//! What clients hear of changes: one that doesn't listen holds up no other, and many changes are few messages.

use std::fs;

use cofferdam_tests::{
    HostProcess, Http,
    guest::versions,
    http::Running,
    messages::{modern, request},
    plugins::put,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{CHANGED, replace, tools};

async fn host() -> (HostProcess, Http, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "p", &versions::component(1));
    let host = HostProcess::serve(folder.path(), &[]).await;
    let http = Http::new(&host.url());
    (host, http, folder)
}

/// A subscription of the stateless era.
async fn subscription(http: &Http) -> Running {
    let listen = modern(7, "subscriptions/listen", json!({ "notifications": { "toolsListChanged": true } }));
    http.running(&listen, "subscriptions/acknowledged").await
}

/// The standalone stream of a session of the era before.
async fn session(http: &Http) -> Running {
    http.initialize("2025-11-25").await.0.stream().await
}

async fn names(http: &Http) -> Vec<String> {
    let answer = http.modern(&modern(1, "tools/list", json!({}))).await.answer();
    let tools = answer["result"]["tools"].as_array().unwrap();
    tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_client_that_reads_nothing_holds_up_no_other() {
    let (_host, http, folder) = host().await;
    // Each with a connection of its own, on which nothing is read any more.
    let mut deaf = Vec::new();
    for _ in 0..3 {
        deaf.push(subscription(&Http::new(http.url())).await);
        deaf.push(session(&Http::new(http.url())).await);
    }
    let (mut stateless, mut legacy) = (subscription(&http).await, session(&http).await);
    for change in 1..=15 {
        replace(folder.path(), "p", &versions::component(change + 1));
        let count = usize::try_from(change).unwrap();
        stateless.until(CHANGED, count).await;
        legacy.until(CHANGED, count).await;
    }
    drop(deaf);
}

#[tokio::test]
async fn many_changes_of_one_plugin_arrive_as_few() {
    let (_host, http, folder) = host().await;
    let (mut stateless, mut legacy) = (subscription(&http).await, session(&http).await);
    let all: Vec<_> = (2..=51).map(versions::component).collect();
    for component in &all {
        replace(folder.path(), "p", component);
    }
    let last = versions::tools(51).map(|name| format!("p_{name}"));
    let mut heard = 0;
    while heard == 0 || !said(&http, 51).await {
        heard += 1;
        stateless.until(CHANGED, heard).await;
        legacy.until(CHANGED, heard).await;
    }
    assert!(heard < 25, "{heard} messages");
    assert_eq!(names(&http).await, last);
    // And none after the last change, but of the next one.
    replace(folder.path(), "p", &versions::component(52));
    stateless.until(CHANGED, heard + 1).await;
    assert!(said(&http, 52).await);
}

async fn said(http: &Http, version: u32) -> bool {
    let answer = http.modern(&modern(1, "tools/list", json!({}))).await.answer();
    answer["result"]["tools"][0]["description"] == versions::said(version)
}

#[tokio::test]
async fn many_plugins_at_once_arrive_as_fewer_changes_and_the_last_list_is_whole() {
    let (host, http, folder) = host().await;
    let mut stateless = subscription(&http).await;
    let component = tools(&["one"]);
    for number in 0..50 {
        // The same bytes: compiled once.
        put(folder.path(), &format!("many-{number}"), &component);
    }
    host.log.until_events("plugin loaded", 51).await;
    let mut heard = 0;
    while heard == 0 || names(&http).await.len() < 52 {
        heard += 1;
        stateless.until(CHANGED, heard).await;
    }
    assert!(heard < 25, "{heard} messages");
    fs::remove_file(folder.path().join("p.wasm")).unwrap();
    while names(&http).await.len() > 50 {
        heard += 1;
        stateless.until(CHANGED, heard).await;
    }
    assert!(heard < 25, "{heard} messages");
}

#[tokio::test]
async fn a_session_that_lists_again_after_each_change_always_sees_it() {
    let (_host, http, folder) = host().await;
    let (session, _) = http.initialize("2025-11-25").await;
    let mut stream = session.stream().await;
    for change in 1..=5 {
        replace(folder.path(), "p", &versions::component(change + 1));
        stream.until(CHANGED, usize::try_from(change).unwrap()).await;
        let list = request(change, "tools/list", Value::Null);
        let answer = session.send(list.to_string()).await.answer();
        assert_eq!(answer["result"]["tools"][0]["description"], versions::said(change + 1), "{answer}");
    }
}

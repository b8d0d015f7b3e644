//! Plugins that go: the calls that they have run to their end, and their memory comes back.

use std::{fs, path::Path};

use cofferdam_tests::{
    HostProcess, Http,
    guest::{E2e, Guest, wat},
    messages::{call, modern},
    plugins::{self, put},
    process::resident,
};
use serde_json::json;

use super::{same_but, tools};

/// What stays of an allocator's room.
const KEPT: u64 = 30 << 20;

#[tokio::test]
async fn a_call_that_runs_ends_with_its_result_when_its_plugin_is_removed_or_replaced() {
    let folder = plugins::folder(&[("talk", E2e::Talk)]);
    let host = HostProcess::serve(folder.path(), &[]).await;
    let http = Http::new(&host.url());
    let wait = |id: &str| {
        let mut message = modern(id, "tools/call", call("talk_wait", json!({ "milliseconds": 1_500 })));
        message["params"]["_meta"]["progressToken"] = json!(id);
        message
    };
    let (first, second) = (wait("first"), wait("second"));
    let replaced = http.running(&first, "notifications/progress").await;
    put(folder.path(), "talk", &tools(&["other"]));
    host.log.until_events("plugin loaded", 2).await;
    put(folder.path(), "talk", &Guest::from(E2e::Talk).component());
    host.log.until_events("plugin loaded", 3).await;
    let removed = http.running(&second, "notifications/progress").await;
    fs::remove_file(folder.path().join("talk.wasm")).unwrap();
    host.log.until_events("plugin removed; calls that run go on", 1).await;
    for running in [replaced, removed] {
        let said = running.rest().await;
        assert!(said.contains("waited"), "{said}");
    }
    let gone = http.modern(&wait("gone")).await.answer();
    assert_eq!(gone["error"]["code"], -32602, "{gone}");
}

/// A component with so many MiB of data, which are in its native code too.
pub(super) fn big(mebibytes: usize) -> Vec<u8> {
    let data = "abcdefghijklmnop".repeat(mebibytes << 16);
    wat::component(&format!(
        "(memory (export \"memory\") {})
         (data (i32.const 131072) \"{data}\")",
        16 * (mebibytes + 1)
    ))
}

/// Waits until the host has at most so much memory. It gives it back a little after its last word of a plugin.
async fn shrinks_to(host: &HostProcess, http: &Http, most: u64) {
    for _ in 0..300 {
        http.modern(&modern(1, "tools/list", json!({}))).await;
        if resident(host.id()) <= most {
            return;
        }
    }
    panic!("{} KiB, more than {} KiB", resident(host.id()) >> 10, most >> 10);
}

async fn load(host: &HostProcess, folder: &Path, component: &[u8], number: usize) {
    put(folder, "big", component);
    host.log.until_events("plugin loaded", number).await;
}

#[tokio::test]
async fn the_memory_of_versions_and_of_a_plugin_that_is_removed_comes_back() {
    let folder = plugins::folder::<Guest>(&[]);
    put(folder.path(), "small", &tools(&["one"]));
    let host = HostProcess::serve(folder.path(), &[]).await;
    let http = Http::new(&host.url());
    let big = big(8);
    let base = resident(host.id());
    load(&host, folder.path(), &big, 2).await;
    let one = resident(host.id());
    for version in 1..20_u8 {
        load(&host, folder.path(), &same_but(&big, version), 2 + usize::from(version)).await;
        let answer = http.modern(&modern(1, "tools/call", call("big_run", json!({})))).await.answer();
        assert_eq!(answer["result"]["isError"], false, "{answer}");
    }
    // One version serves, and one may be going; twenty would be far above.
    shrinks_to(&host, &http, one + KEPT).await;
    fs::remove_file(folder.path().join("big.wasm")).unwrap();
    host.log.until_events("plugin removed; calls that run go on", 1).await;
    shrinks_to(&host, &http, base + KEPT).await;
}

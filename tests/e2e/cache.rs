//! A plugin's cache through the real binary: what it outlives, what it costs, and what an operator sees of it.

use std::{fs, path::Path, process::Stdio};

use cofferdam_tests::{
    HostProcess, Http,
    guest::{Guest, Sandbox},
    messages::{call, modern},
    plugins::{self, put},
    process::{self, peak, resident},
    redis::{Redis, free_port},
};
use futures::future::join_all;
use serde_json::{Value, json};

const MIB: u64 = 1 << 20;

/// The structured result of a call, without the object around it.
async fn result(http: &Http, tool: &str, arguments: Value) -> Value {
    let answer = http.modern(&modern(1, "tools/call", call(tool, arguments))).await.answer();
    assert_ne!(answer["result"]["isError"], true, "{answer}");
    answer["result"]["structuredContent"]["result"].clone()
}

async fn kept(http: &Http) -> Value {
    result(http, "cache_get", json!({ "keys": ["key"] })).await
}

/// Waits until the list of tools has this one. The log knows of a plugin a moment before clients do.
async fn listed(http: &Http, tool: &str) {
    loop {
        let answer = http.modern(&modern(1, "tools/list", json!({}))).await.answer();
        let tools = answer["result"]["tools"].as_array().unwrap();
        if tools.iter().any(|listed| listed["name"] == tool) {
            return;
        }
    }
}

fn configured(folder: &Path, text: &str) -> String {
    let file = folder.join("cofferdam.toml");
    fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_a_plugin_keeps_outlives_its_version_and_goes_with_it() {
    let folder = plugins::folder(&[("cache", Sandbox::Cache), ("other", Sandbox::Cache)]);
    let component = Guest::from(Sandbox::Cache).component();
    let host = HostProcess::serve(folder.path(), &[]).await;
    let http = Http::new(&host.url());
    result(&http, "cache_set", json!({ "key": "key", "value": "kept" })).await;
    assert_eq!(kept(&http).await, json!(["kept"]));
    result(&http, "other_set", json!({ "key": "key", "value": "of the other" })).await;

    // A custom section: other bytes, the same tools.
    put(folder.path(), "cache", &[&component[..], &[0, 4, 2, b'n', b'o', 1]].concat());
    host.log.until_events("plugin loaded", 3).await;
    assert_eq!(kept(&http).await, json!(["kept"]));

    fs::remove_file(folder.path().join("cache.wasm")).unwrap();
    host.log.until_events("plugin removed; calls that run go on", 1).await;
    put(folder.path(), "cache", &component);
    host.log.until_events("plugin loaded", 4).await;
    listed(&http, "cache_get").await;
    assert_eq!(kept(&http).await, json!([null]));
    let other = result(&http, "other_get", json!({ "keys": ["key"] })).await;
    assert_eq!(other, json!(["of the other"]));
}

/// How much more memory a host has after four calls at once have kept so many values of one size, and kept them again.
async fn grown(sets: u32, bytes: u32) -> u64 {
    let folder = plugins::folder(&[("cache", Sandbox::Cache)]);
    let above = tempfile::tempdir().unwrap();
    let file = configured(above.path(), "[cache]\nbytes = \"64 MiB\"\nentries = 100_000\n");
    let host = HostProcess::serve(folder.path(), &["--config", &file]).await;
    let http = Http::new(&host.url());
    let bomb = |sets: u32, prefix: usize| {
        let arguments = json!({ "sets": sets, "bytes": bytes, "prefix": prefix.to_string() });
        let http = http.clone();
        async move { result(&http, "cache_bomb", arguments).await }
    };
    // What calls themselves need is there from now on.
    join_all((0..4).map(|prefix| bomb(4, prefix))).await;
    let before = resident(host.id());
    for _ in 0..2 {
        join_all((0..4).map(|prefix| bomb(sets, prefix))).await;
    }
    let grown = peak(host.id()).saturating_sub(before);
    // The last ones are there.
    bomb(20, 4).await;
    let left = result(&http, "cache_survivors", json!({ "sets": 20, "bytes": 0, "prefix": "4" })).await;
    assert_eq!(left, 20);
    grown
}

#[tokio::test]
async fn a_bomb_takes_no_more_memory_than_the_quota_and_a_tenth() {
    // A quarter of a million entries, and several times the quota.
    for (sets, bytes) in [(30_000, 100), (4_000, 16 << 10), (500, 256 << 10)] {
        let grown = grown(sets, bytes).await;
        assert!(grown <= 64 * MIB * 11 / 10, "{} MiB more for values of {bytes} bytes", grown / MIB);
    }
}

#[test]
fn inspect_shows_the_cache_with_its_quota() {
    let folder = plugins::folder(&[("cache", Sandbox::Cache)]);
    let component = folder.path().join("cache.wasm");
    let file = configured(
        folder.path(),
        "[cache]\nentries = 500\nvalue = \"1 MiB\"\n[plugins.cache.cache]\nbytes = \"64 MiB\"\n[plugins.other]\n",
    );
    let shown = |arguments: &[&str]| {
        let mut inspect = process::command(&["inspect"]);
        let output = inspect.arg(&component).args(arguments).stdout(Stdio::piped()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let plain = shown(&[]);
    let line = "  has a private cache (16 MiB, 10000 entries) (cofferdam:plugin/cache)\n";
    assert!(plain.contains(line), "{plain}");
    let configured = shown(&["--config", &file]);
    let line = "  has a private cache (64 MiB, 500 entries) (cofferdam:plugin/cache)\n";
    assert!(configured.contains(line), "{configured}");
    let json: Value = serde_json::from_str(&shown(&["--json"])).unwrap();
    let imports = json["imports"].as_array().unwrap();
    let cache = imports.iter().find(|import| import["name"] == "cofferdam:plugin/cache@0.1.0").unwrap();
    assert_eq!(cache["meaning"], "has a private cache (16 MiB, 10000 entries)");
}

#[tokio::test]
async fn a_changed_quota_holds_without_a_restart() {
    let folder = plugins::folder(&[("cache", Sandbox::Cache)]);
    let above = tempfile::tempdir().unwrap();
    let file = configured(above.path(), "");
    let host = HostProcess::serve(folder.path(), &["--config", &file]).await;
    let http = Http::new(&host.url());
    result(&http, "cache_set", json!({ "key": "key", "value": "kept" })).await;
    configured(above.path(), "[plugins.cache.cache]\nvalue = \"4 B\"\n");
    host.log.until_events("plugin under its new policy", 1).await;
    assert_eq!(kept(&http).await, json!([null]));
    let set = call("cache_set", json!({ "key": "key", "value": "kept" }));
    let answer = http.modern(&modern(1, "tools/call", set)).await.answer();
    assert_eq!(
        answer["result"]["content"][0]["text"],
        "the value has 6 bytes, and the cache takes values of up to 4B"
    );
}

#[tokio::test]
async fn hosts_share_what_is_kept_in_a_redis_and_it_outlives_them() {
    let redis = Redis::start();
    let folder = plugins::folder(&[("cache", Sandbox::Cache)]);
    let above = tempfile::tempdir().unwrap();
    let text = format!("[cache]\nurl = {:?}\nstale = \"0ms\"\ntimeout = \"5s\"\n", redis.url());
    let file = configured(above.path(), &text);
    let arguments = ["--config", &file];
    let serve = || HostProcess::serve(folder.path(), &arguments);
    let (one, other) = (serve().await, serve().await);
    result(&Http::new(&one.url()), "cache_set", json!({ "key": "key", "value": "kept" })).await;
    assert_eq!(kept(&Http::new(&other.url())).await, json!(["kept"]));
    drop((one, other));
    let later = serve().await;
    assert_eq!(kept(&Http::new(&later.url())).await, json!(["kept"]));
}

#[tokio::test]
async fn a_host_serves_without_its_redis_and_says_so_once() {
    let folder = plugins::folder(&[("cache", Sandbox::Cache)]);
    let above = tempfile::tempdir().unwrap();
    let text = format!("[cache]\nurl = \"redis://:hunter2@127.0.0.1:{}\"\n", free_port());
    let file = configured(above.path(), &text);
    let host = HostProcess::serve(folder.path(), &["--config", &file]).await;
    let http = Http::new(&host.url());
    for _ in 0..5 {
        result(&http, "cache_set", json!({ "key": "key", "value": "kept" })).await;
        assert_eq!(kept(&http).await, json!(["kept"]));
    }
    let said =
        host.log.until_events("the cache's Redis doesn't answer, so caches go on in memory alone", 1).await;
    drop(said);
    let shown =
        process::command(&["config", "show", "--config", &file]).stdout(Stdio::piped()).output().unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("url = \"redis://…@127.0.0.1:"), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
}

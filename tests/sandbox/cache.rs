//! The cache: what a plugin keeps is its own, bounded, computed once, and goes when the plugin does.

use std::time::Duration;

use cofferdam_runtime::{
    CallError, PluginSpec,
    content::Outcome,
    error::{GuestError, GuestErrorKind, LimitHit},
    policy::{
        CacheLimits, CallLimits, LimitKind, LimitsConfig,
        units::{Bytes, Count, Quantity},
    },
};
use cofferdam_tests::{Setup, TestHost, guest::Sandbox};
use futures::future::join_all;
use serde_json::{Value, json};

fn plugin(id: &str) -> Setup {
    Setup::of(Sandbox::Cache).id(id)
}

fn with(cache: CacheLimits) -> Setup {
    plugin("p").spec(PluginSpec { cache, ..PluginSpec::default() })
}

/// The structured result without the object around it.
async fn result(host: &TestHost, tool: &str, arguments: Value) -> Value {
    let structured = host.result(tool, arguments).await.structured.unwrap_or_default();
    structured.get("result").cloned().unwrap_or_default()
}

async fn set(host: &TestHost, plugin: &str, key: &str, value: &str) {
    host.result(&format!("{plugin}_set"), json!({ "key": key, "value": value })).await;
}

async fn get(host: &TestHost, plugin: &str, keys: &[&str]) -> Value {
    result(host, &format!("{plugin}_get"), json!({ "keys": keys })).await
}

async fn error(host: &TestHost, tool: &str, arguments: Value) -> CallError {
    host.call(tool, arguments).await.result.unwrap_err()
}

fn failed(text: &str) -> CallError {
    CallError::Guest(GuestError { kind: GuestErrorKind::Failed, message: text.to_owned() })
}

fn limit(kind: LimitKind, ceiling: &str) -> CallError {
    CallError::Limit(LimitHit { kind, ceiling: ceiling.to_owned() })
}

#[tokio::test]
pub(crate) async fn no_plugin_reads_what_another_one_keeps() {
    // What separators, escapes, globs and protocols of caches would make of a key; twins that Unicode makes equal.
    let long = "k".repeat(512);
    let ids = ["a", "a-b", "b", "ab"];
    let keys = [
        "key",
        "a:key",
        "a-b:key",
        "b:key",
        ":key",
        "a\0key",
        "\0",
        "..",
        "../b/key",
        "a/key",
        "*",
        "?",
        "a*",
        "%2e%2e",
        "\r\nFLUSHALL\r\n",
        "KEYS *",
        "\u{e9}",
        "e\u{301}",
        "\u{212b}",
        "\u{c5}",
        "\u{202e}key",
        " key",
        "key ",
        "KEY",
        "1a",
        "3a-b3key",
        &long,
    ];
    let host = TestHost::start(ids.map(plugin)).await;
    for id in ids {
        for (index, key) in keys.iter().enumerate() {
            set(&host, id, key, &format!("{id} {index}")).await;
        }
    }
    for id in ids {
        let own: Vec<_> = (0..keys.len()).map(|index| format!("{id} {index}")).collect();
        assert_eq!(get(&host, id, &keys).await, json!(own), "{id}");
    }
    host.result("a_delete", json!({ "keys": keys })).await;
    assert_eq!(get(&host, "a", &keys).await, json!(vec![Value::Null; keys.len()]));
    for id in &ids[1..] {
        let own: Vec<_> = (0..keys.len()).map(|index| format!("{id} {index}")).collect();
        assert_eq!(get(&host, id, &keys).await, json!(own), "{id}");
    }
}

#[tokio::test]
async fn a_bomb_of_entries_stays_within_the_quota_and_hurts_no_other() {
    let cache = CacheLimits { bytes: Bytes::of(1 << 20), entries: Count::of(100), ..CacheLimits::default() };
    let host = TestHost::start([with(cache), plugin("neighbour")]).await;
    set(&host, "neighbour", "key", "kept").await;
    let small = json!({ "sets": 99_000, "bytes": 1, "prefix": "small" });
    host.result("p_bomb", small.clone()).await;
    let left = result(&host, "p_survivors", small).await;
    assert_eq!(left, 100);
    let large = json!({ "sets": 2_000, "bytes": 64 << 10, "prefix": "large" });
    join_all((0..4).map(|_| host.result("p_bomb", large.clone()))).await;
    // Each counts one and a half times.
    let left = result(&host, "p_survivors", large).await.as_u64().unwrap();
    assert!((1..=10).contains(&left), "{left} are left");
    assert_eq!(get(&host, "neighbour", &["key"]).await, json!(["kept"]));
}

#[tokio::test]
async fn sizes_are_refused_exactly_and_change_nothing() {
    let host = TestHost::start([plugin("p")]).await;
    let entry = |key: usize, value: usize| json!({ "key": "k".repeat(key), "value": "v".repeat(value) });
    for (key, value) in [(1, 1), (512, 1), (1, (256 << 10) - 2)] {
        host.result("p_set", entry(key, value)).await;
    }
    for (key, value, expected) in [
        (0, 1, "the key has 0 bytes, and a key of the cache has 1 to 512"),
        (513, 1, "the key has 513 bytes, and a key of the cache has 1 to 512"),
        // As JSON it has two quotes.
        (1, (256 << 10) - 1, "the value has 262145 bytes, and the cache takes values of up to 256 KiB"),
    ] {
        assert_eq!(error(&host, "p_set", entry(key, value)).await, failed(expected));
    }
    let kept = get(&host, "p", &["k"]).await;
    assert_eq!(kept[0].as_str().map(str::len), Some((256 << 10) - 2));
}

#[tokio::test]
async fn what_the_cache_gives_back_and_is_asked_counts_as_any_host_call() {
    let limits = LimitsConfig {
        host_calls: Some(Count::of(1_000)),
        host_call_bytes: Some(Bytes::of(1 << 20)),
        ..LimitsConfig::default()
    };
    let host = TestHost::start([plugin("p").limits(&limits)]).await;
    let many = |sets, bytes| json!({ "sets": sets, "bytes": bytes, "prefix": "" });
    assert_eq!(result(&host, "p_many", many(16, 64 << 10)).await, 16);
    let expected = limit(LimitKind::HostCallBytes, "1 MiB");
    assert_eq!(error(&host, "p_many", many(17, 64 << 10)).await, expected);
    assert_eq!(result(&host, "p_many", many(999, 1)).await, 999);
    let expected = limit(LimitKind::HostCalls, "1000");
    assert_eq!(error(&host, "p_many", many(1_000, 1)).await, expected);
    assert_eq!(error(&host, "p_bomb", many(1_001, 1)).await, expected);
}

#[tokio::test]
async fn no_increment_of_many_calls_is_lost() {
    let host = TestHost::start([plugin("p")]).await;
    let count = |by: i64, times: u32| json!({ "by": by, "times": times });
    join_all((0..50).map(|_| host.result("p_count", count(3, 20)))).await;
    assert_eq!(result(&host, "p_count", count(0, 1)).await, 3_000);
    let expected = "3000 and 9223372036854775807 are more than a number of the cache can be: it has 64 bits";
    assert_eq!(error(&host, "p_count", count(i64::MAX, 1)).await, failed(expected));
    set(&host, "p", "count", "no number").await;
    let expected = "what is under this key is no whole number, so nothing can be added to it";
    assert_eq!(error(&host, "p_count", count(1, 1)).await, failed(expected));
    assert_eq!(get(&host, "p", &["count"]).await, json!(["no number"]));
}

async fn two_hundred(failures: i64, how: &str, fuel: u64) -> Vec<Result<Value, CallError>> {
    at_once(200, failures, how, fuel).await
}

/// So many calls want one value at once; the first one computes only when all of them wait.
async fn at_once(calls: u32, failures: i64, how: &str, fuel: u64) -> Vec<Result<Value, CallError>> {
    // One place more, for the call that lets them go on.
    let limits = LimitsConfig {
        concurrent_calls: Some(Count::of(u64::from(calls) + 1)),
        fuel: Some(Count::of(fuel)),
        ..LimitsConfig::default()
    };
    let host = TestHost::with_places(calls + 1);
    host.publish([plugin("p").limits(&limits)]).await;
    let all = (0..calls).map(|_| host.call("p_once", json!({ "failures": failures, "how": how })));
    let go = async {
        while host.runtime.running() < calls as usize {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        set(&host, "p", "go", "").await;
    };
    let (reports, ()) = tokio::join!(join_all(all), go);
    let value = |outcome| match outcome {
        Outcome::Complete(result) => result.structured.unwrap()["result"].clone(),
        other => panic!("{other:?}"),
    };
    reports.into_iter().map(|report| report.result.map(value)).collect()
}

#[tokio::test]
async fn two_hundred_calls_that_miss_at_once_compute_once() {
    let results = two_hundred(0, "fail", CallLimits::default().fuel.value()).await;
    assert_eq!(results, vec![Ok(json!(1)); 200]);
}

#[tokio::test]
async fn a_thousand_calls_that_miss_at_once_compute_once() {
    let results = at_once(999, 0, "fail", CallLimits::default().fuel.value()).await;
    assert_eq!(results, vec![Ok(json!(1)); 999]);
}

#[tokio::test]
async fn if_the_first_computation_fails_panics_or_is_killed_the_next_one_computes() {
    let panicked = "it panicked or aborted; its log may say why".to_owned();
    for (how, expected) in [
        ("fail", failed("the first one fails")),
        ("panic", CallError::Trap(panicked)),
        ("spin", limit(LimitKind::Fuel, "50000000")),
    ] {
        let results = two_hundred(1, how, 50_000_000).await;
        let (good, bad): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        assert_eq!(bad, [Err(expected)], "{how}");
        assert_eq!(good, vec![Ok(json!(2)); 199], "{how}");
    }
}

#[tokio::test]
async fn a_call_that_computes_within_a_computation_never_waits_for_itself() {
    let host = TestHost::start([plugin("p")]).await;
    let nest = |depth: u32, same: bool| json!({ "depth": depth, "same": same });
    assert_eq!(result(&host, "p_nest", nest(10, true)).await, 10);
    host.result("p_delete", json!({ "keys": ["same"] })).await;
    assert_eq!(result(&host, "p_nest", nest(64, false)).await, 64);
    host.publish([]).await;
    host.publish([plugin("p")]).await;
    let expected = "this call has 64 leases of the cache, and that is the most that it can have";
    assert_eq!(error(&host, "p_nest", nest(65, false)).await, failed(expected));
    // The leases went with the call.
    assert_eq!(result(&host, "p_nest", nest(64, false)).await, 64);
}

#[tokio::test]
async fn a_cache_outlives_a_version_and_not_its_plugin() {
    let host = TestHost::start([plugin("p"), plugin("other")]).await;
    set(&host, "p", "key", "kept").await;
    let old = host.tool("p_get");
    host.publish([plugin("p"), plugin("other")]).await;
    assert!(!std::sync::Arc::ptr_eq(&old.plugin, &host.tool("p_get").plugin));
    assert_eq!(get(&host, "p", &["key"]).await, json!(["kept"]));

    // The plugin goes, while somebody still holds what it was; then comes another one of that id.
    host.publish([plugin("other")]).await;
    host.publish([plugin("p"), plugin("other")]).await;
    assert_eq!(get(&host, "p", &["key"]).await, json!([null]));
    set(&host, "p", "key", "new").await;
    drop(old);
    assert_eq!(get(&host, "p", &["key"]).await, json!(["new"]));

    // Another quota is another cache.
    let cache = CacheLimits { entries: Count::of(7), ..CacheLimits::default() };
    host.publish([with(cache)]).await;
    assert_eq!(get(&host, "p", &["key"]).await, json!([null]));
}

#[tokio::test]
async fn an_entry_lives_as_long_as_it_was_given() {
    let host = TestHost::start([plugin("p")]).await;
    let entry = |key: &str, ttl: u64| json!({ "key": key, "value": "v", "ttl_ms": ttl });
    host.result("p_set", entry("none", 0)).await;
    host.result("p_set", entry("long", u64::MAX)).await;
    assert_eq!(get(&host, "p", &["none", "long"]).await, json!([null, "v"]));
}

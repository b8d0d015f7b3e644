//! `wasi:keyvalue` and `wasi:config`: the same cache and the same settings, for components that know nothing of us.

use std::sync::Arc;

use cofferdam_runtime::{
    CallError, PluginSpec,
    capabilities::Settings,
    error::LimitHit,
    policy::{
        AddressRule, CacheLimits, HttpGrant, LimitKind, LimitsConfig, PluginId,
        units::{Bytes, Count, Quantity as _},
    },
};
use cofferdam_tests::{Setup, TestHost, guest::Sandbox};
use serde_json::{Value, json};

fn plugin(id: &str) -> Setup {
    Setup::of(Sandbox::WasiStore).id(id)
}

async fn steps(host: &TestHost, plugin: &str, bucket: &str, steps: Value) -> Value {
    let arguments = json!({ "bucket": bucket, "steps": steps });
    host.result(&format!("{plugin}_steps"), arguments).await.structured.unwrap()["result"].clone()
}

#[tokio::test]
pub(crate) async fn a_bucket_is_the_plugin_s_own_cache() {
    let host = TestHost::start([plugin("p"), plugin("q")]).await;
    let done = steps(
        &host,
        "p",
        "default",
        json!([
            { "get": "a" }, { "set": ["a", "1"] }, { "get": "a" }, { "exists": "a" }, { "exists": "b" },
            { "increment": ["a", 41] }, { "increment": ["n", 2] }, { "get": "a" },
            { "set-many": [["b", "2"], ["c", "3"]] }, { "get-many": ["c", "z", "b"] },
            { "delete-many": ["b", "z"] }, { "delete": "c" }, { "get-many": ["b", "c"] },
        ]),
    )
    .await;
    let expected = json!([
        null,
        null,
        "1",
        true,
        false,
        42,
        2,
        "42",
        null,
        [["c", "3"], null, ["b", "2"]],
        null,
        null,
        [null, null],
    ]);
    assert_eq!(done, expected);
    // It is there in the next call, under the bucket's other name, and not in another plugin.
    assert_eq!(steps(&host, "p", "", json!([{ "get": "a" }])).await, json!(["42"]));
    assert_eq!(steps(&host, "q", "", json!([{ "get": "a" }])).await, json!([null]));
    assert_eq!(steps(&host, "p", "q", json!([])).await, json!([{ "error": "Error::NoSuchStore" }]));
}

#[tokio::test]
async fn a_bucket_has_the_bounds_of_the_cache() {
    let cache = CacheLimits { value: Bytes::of(1024), ..CacheLimits::default() };
    let host = TestHost::start([plugin("p").spec(PluginSpec { cache, ..PluginSpec::default() })]).await;
    let done = steps(
        &host,
        "p",
        "",
        json!([
            { "set": ["a", "x".repeat(1025)] }, { "get": "" }, { "get": "k".repeat(513) }, "list-keys",
            { "set": ["word", "x"] }, { "increment": ["word", 1] }, { "set": ["less", "-5"] }, { "increment": ["less", 1] },
            { "increment": ["n", u64::MAX] },
            // What came before the one that is refused is kept.
            { "set-many": [["first", "1"], ["", "2"], ["third", "3"]] }, { "get-many": ["first", "third"] },
        ]),
    )
    .await;
    let error = |text: &str| json!({ "error": text });
    let key = "the key has 0 bytes, and a key of the cache has 1 to 512";
    let expected = json!([
        error("the value has 1025 bytes, and the cache takes values of up to 1 KiB"),
        error(key),
        error("the key has 513 bytes, and a key of the cache has 1 to 512"),
        error("the keys of a cache are not listed, remember those that you need"),
        null,
        error("what is under this key is no whole number, so nothing can be added to it"),
        null,
        error("-4 is no number that both the cache and wasi:keyvalue have"),
        error("18446744073709551615 is no number that both the cache and wasi:keyvalue have"),
        error(key),
        [["first", "1"], null],
    ]);
    assert_eq!(done, expected);
}

#[tokio::test]
async fn each_use_is_a_call_into_the_host_and_each_answer_is_bounded() {
    let limit = |kind, ceiling: &str| CallError::Limit(LimitHit { kind, ceiling: ceiling.to_owned() });
    let calls = LimitsConfig { host_calls: Some(Count::of(4)), ..LimitsConfig::default() };
    let bytes = LimitsConfig { host_call_bytes: Some(Bytes::of(1 << 20)), ..LimitsConfig::default() };
    let host = TestHost::start([plugin("p").call_limits(&calls), plugin("q").call_limits(&bytes)]).await;
    // One opens the bucket.
    let three = json!([{ "get-many": ["a", "b", "c"] }]);
    assert_eq!(steps(&host, "p", "", three).await, json!([[null, null, null]]));
    for steps in [
        json!([{ "get-many": ["a", "b", "c", "d"] }]),
        json!([{ "set-many": [["a", "1"], ["b", "1"], ["c", "1"], ["d", "1"]] }]),
        json!([{ "get": "a" }, { "exists": "a" }, { "increment": ["n", 1] }, "list-keys"]),
    ] {
        let report = host.call("p_steps", json!({ "bucket": "", "steps": steps })).await;
        assert_eq!(report.result.unwrap_err(), limit(LimitKind::HostCalls, "4"), "{steps}");
    }
    let large = "x".repeat(200_000);
    assert_eq!(steps(&host, "q", "", json!([{ "set": ["k", large] }])).await, json!([null]));
    let keys = |count: usize| json!({ "keys": vec!["k"; count] });
    assert_eq!(host.result("q_many", keys(5)).await.structured.unwrap()["result"], 5);
    let error = host.call("q_many", keys(6)).await.result.unwrap_err();
    assert_eq!(error, limit(LimitKind::HostCallBytes, "1 MiB"));
}

#[tokio::test]
async fn settings_are_read_as_text() {
    let Value::Object(table) = json!({ "city": "Oslo", "days": 3, "nested": { "on": true } }) else {
        unreachable!()
    };
    let settings = Arc::new(Settings::new(table));
    let host =
        TestHost::start([plugin("p").spec(PluginSpec { settings, ..PluginSpec::default() }), plugin("q")])
            .await;
    let keys = json!({ "keys": ["city", "days", "nested", "none"] });
    let found = host.result("p_settings", keys.clone()).await.structured.unwrap();
    let expected = json!({
        "each": ["Oslo", "3", "{\"on\":true}", null],
        "all": [["city", "Oslo"], ["days", "3"], ["nested", "{\"on\":true}"]],
    });
    assert_eq!(found, expected);
    let found = host.result("q_settings", keys).await.structured.unwrap();
    let expected = json!({ "each": [null, null, null, null], "all": [] });
    assert_eq!(found, expected);
}

#[tokio::test]
pub(crate) async fn standard_interfaces_lead_nowhere_while_tools_are_listed() {
    let id = PluginId::parse("p").unwrap();
    let grant = HttpGrant::parse(id, ["GET http://up.example/*"], AddressRule::default()).unwrap();
    let Value::Object(table) = json!({ "city": "Oslo" }) else { unreachable!() };
    let settings = Arc::new(Settings::new(table));
    let spec = PluginSpec { http: Some(grant), settings, ..PluginSpec::default() };
    let host = TestHost::start([Setup::of(Sandbox::WasiEarly).id("p").spec(spec)]).await;
    let tool = host.tool("p_nothing").tool;
    let expected = "ErrorCode::HttpRequestDenied; there is no cache while tools are listed; Ok([])";
    assert_eq!(tool.input.source()["description"], expected);
}

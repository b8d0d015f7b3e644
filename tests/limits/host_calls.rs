//! What a guest makes the host do: how often, how much at once, and how many resources it holds.

use cofferdam_runtime::{
    CallError,
    policy::{LimitKind, LimitsConfig},
};
use cofferdam_tests::{Setup, TestHost, guest::Limits, host::text};
use serde_json::json;

use crate::check::{count, ends, kib, limit, none};

#[tokio::test]
pub(crate) async fn calls_into_the_host_are_counted() {
    let limits = LimitsConfig { host_calls: count(1_000), ..none() };
    let hostile = Setup::of(Limits::HostCalls).limits(&limits);
    ends(hostile, json!({}), limit(LimitKind::HostCalls, "1000")).await;
}

#[tokio::test]
pub(crate) async fn a_text_for_the_host_has_a_size_limit() {
    let limits = LimitsConfig { host_call_bytes: kib(1024), ..none() };
    let hostile = Setup::of(Limits::HostString).limits(&limits);
    ends(hostile, json!({}), limit(LimitKind::HostCallBytes, "1 MiB")).await;
}

#[tokio::test]
pub(crate) async fn resources_of_the_host_are_counted() {
    for ceiling in [100, 900] {
        let limits = LimitsConfig { handles: count(ceiling), ..none() };
        let hostile = Setup::of(Limits::HandlesHost).limits(&limits);
        ends(hostile, json!({}), limit(LimitKind::Handles, &ceiling.to_string())).await;
    }
}

#[tokio::test]
async fn resources_of_the_host_have_a_ceiling_that_no_operator_raises() {
    let limits = LimitsConfig { handles: count(1_000_000), ..none() };
    let hostile = Setup::of(Limits::HandlesHost).limits(&limits);
    ends(hostile, json!({}), limit(LimitKind::Handles, "1000000")).await;
}

#[tokio::test]
pub(crate) async fn resources_of_the_guest_are_counted() {
    let hostile = Setup::of(Limits::HandlesOwn);
    ends(hostile, json!({}), limit(LimitKind::Handles, "10000")).await;
}

#[tokio::test]
pub(crate) async fn random_bytes_come_in_small_portions() {
    let host = TestHost::start([Setup::of(Limits::Random)]).await;
    let result = host.result("limits-random_run", json!({ "bytes": "65536" })).await;
    assert_eq!(text(&result), "65536");
    for bytes in ["65537", "9223372036854775808", "18446744073709551615"] {
        let expected = CallError::Trap("it asked for too many random bytes at once".to_owned());
        ends(Setup::of(Limits::Random), json!({ "bytes": bytes }), expected).await;
    }
}

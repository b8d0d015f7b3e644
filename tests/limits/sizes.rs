//! Sizes: arguments that are too large, and results that are.

use cofferdam_runtime::{
    CallError, Usage,
    error::{GuestError, GuestErrorKind},
    policy::{LimitKind, LimitsConfig},
};
use cofferdam_tests::{
    Setup, TestHost,
    guest::{Good, Limits},
};
use serde_json::json;

use crate::check::{ends, kib, limit, none};

#[tokio::test]
async fn arguments_have_a_size_limit_before_any_guest_runs() {
    let limits = LimitsConfig { arguments: kib(1), ..none() };
    let host = TestHost::start([Setup::of(Good::Echo).limits(&limits)]).await;
    // {"text":"…"} is 11 bytes and the text.
    let fits = host.call("good-echo_echo", json!({ "text": "a".repeat(1013) })).await;
    assert!(fits.result.is_ok(), "{:?}", fits.result);
    let report = host.call("good-echo_echo", json!({ "text": "a".repeat(1014) })).await;
    assert_eq!(report.result, Err(limit(LimitKind::Arguments, "1 KiB")));
    assert_eq!(report.usage, Usage::default());
}

#[tokio::test]
pub(crate) async fn a_result_has_a_size_limit() {
    let limits = LimitsConfig { result: kib(1024), ..none() };
    let hostile = Setup::of(Limits::ResultString).limits(&limits);
    ends(hostile, json!({}), limit(LimitKind::Result, "1 MiB")).await;
}

#[tokio::test]
async fn a_result_is_not_even_copied_beyond_the_limit_of_one_crossing() {
    let limits = LimitsConfig { host_call_bytes: kib(1024), ..none() };
    for guest in [Limits::ResultString, Limits::ResultList, Limits::ResultError] {
        let hostile = Setup::of(guest).limits(&limits);
        ends(hostile, json!({}), limit(LimitKind::HostCallBytes, "1 MiB")).await;
    }
}

#[tokio::test]
pub(crate) async fn a_list_of_empty_blocks_is_no_small_result() {
    let limits = LimitsConfig { result: kib(256), ..none() };
    let hostile = Setup::of(Limits::ResultList).limits(&limits);
    ends(hostile, json!({}), limit(LimitKind::Result, "256 KiB")).await;
}

#[tokio::test]
pub(crate) async fn an_error_has_a_size_limit_too() {
    let limits = LimitsConfig { result: kib(1024), ..none() };
    let hostile = Setup::of(Limits::ResultError).limits(&limits);
    ends(hostile, json!({}), limit(LimitKind::Result, "1 MiB")).await;
}

#[tokio::test]
pub(crate) async fn a_result_that_is_nested_too_deep_is_malformed() {
    let message = "the structured result is not JSON: recursion limit exceeded at line 1 column 128";
    let expected =
        CallError::Guest(GuestError { kind: GuestErrorKind::Malformed, message: message.to_owned() });
    ends(Setup::of(Limits::ResultDeep), json!({}), expected).await;
}

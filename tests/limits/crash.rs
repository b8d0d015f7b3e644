//! Guests that end by their own fault: recursion, panic, exit, trap.

use cofferdam_runtime::{CallError, policy::LimitKind};
use cofferdam_tests::{Setup, TestHost, guest::Limits, neighbour};
use serde_json::json;

use crate::check::{ends, limit};

const PANICKED: &str = "it panicked or aborted; its log may say why";

fn trap(text: &str) -> CallError {
    CallError::Trap(text.to_owned())
}

#[tokio::test]
pub(crate) async fn recursion_on_the_native_stack_ends_at_the_limit() {
    ends(Setup::of(Limits::StackNative), json!({}), limit(LimitKind::Stack, "512 KiB")).await;
}

#[tokio::test]
pub(crate) async fn recursion_of_compiled_code_is_a_crash_of_the_guest() {
    let expected = trap("out of bounds memory access, or recursion that is too deep");
    ends(Setup::of(Limits::StackRust), json!({}), expected).await;
}

#[tokio::test]
pub(crate) async fn a_panic_is_the_guest_s_own() {
    ends(Setup::of(Limits::Panic), json!({}), trap(PANICKED)).await;
}

#[tokio::test]
pub(crate) async fn exit_ends_the_guest_and_not_the_host() {
    for (code, seen) in [(0, 0), (1, 1), (255, 1), (-1, 1)] {
        ends(Setup::of(Limits::Exit), json!({ "code": code }), CallError::Exit(seen)).await;
    }
}

const TOO_MUCH: &str = "it wrote more to a stream than the stream had room for";

#[tokio::test]
pub(crate) async fn misuse_of_wasi_is_the_guest_s_own_fault() {
    for (how, bytes, said) in [
        ("write-zeroes", "65537", TOO_MUCH),
        ("write-zeroes", "18446744073709551615", TOO_MUCH),
        ("write-and-flush", "4097", TOO_MUCH),
        ("write-zeroes-and-flush", "4097", TOO_MUCH),
        ("poll-nothing", "0", "it waited for nothing"),
        ("close-the-parent", "0", "it closed something of which it still holds parts"),
    ] {
        ends(Setup::of(Limits::Misuse), json!({ "how": how, "bytes": bytes }), trap(said)).await;
    }
    let host = TestHost::start([Setup::of(Limits::Misuse)]).await;
    let fits = host.call("limits-misuse_run", json!({ "how": "write-zeroes", "bytes": "65536" })).await;
    assert!(fits.result.is_ok(), "{:?}", fits.result);
}

#[tokio::test]
async fn ten_thousand_traps_leave_no_place_taken() {
    let host = TestHost::start([Setup::of(Limits::Panic).id("hostile"), neighbour::setup()]).await;
    for _ in 0..10_000 {
        assert_eq!(host.call("hostile_run", json!({})).await.result, Err(trap(PANICKED)));
    }
    assert_eq!(host.runtime.running(), 0);
    assert!(host.call("neighbour_echo", json!({ "text": "" })).await.result.is_ok());
}

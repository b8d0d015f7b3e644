//! Places: how many calls run at once, how long others wait, and what frees a place.

use cofferdam_runtime::{
    CallError, CallReport,
    capabilities::{CallContext, Event},
    policy::{
        LimitsConfig,
        units::{Millis, Quantity},
    },
};
use cofferdam_tests::{
    Setup, TestHost,
    guest::{Good, Limits},
};
use futures::{
    FutureExt, StreamExt,
    future::{LocalBoxFuture, join_all},
    stream::FuturesUnordered,
};
use serde_json::json;
use tokio::sync::mpsc::{self, Receiver};

use crate::check::{count, none};

/// A plugin whose calls tell that they run, and then spin until they are dropped.
fn told(limits: &LimitsConfig) -> Setup {
    Setup::of(Limits::Told).id("told").limits(limits)
}

fn few_places() -> LimitsConfig {
    LimitsConfig { concurrent_calls: count(1), queue_wait: Some(Millis::of(1)), ..none() }
}

/// A context whose events come out of the receiver; it closes when the call's store is gone.
fn listened() -> (CallContext, Receiver<Event>) {
    let (events, received) = mpsc::channel(1);
    (CallContext { events: Some(events), wants_progress: true, ..CallContext::default() }, received)
}

/// A call that runs, for certain, and goes on until it is dropped.
async fn running(host: &TestHost) -> (LocalBoxFuture<'_, CallReport>, Receiver<Event>) {
    let (context, mut events) = listened();
    let mut call = host.call_in("told_run", json!({}), context).boxed_local();
    tokio::select! {
        report = &mut call => panic!("the call ended: {report:?}"),
        event = events.recv() => assert!(matches!(event, Some(Event::Progress { .. })), "{event:?}"),
    }
    (call, events)
}

fn is_busy(report: &CallReport, of_host: bool) -> bool {
    matches!(report.result, Err(CallError::Busy { host, .. }) if host == of_host)
}

#[tokio::test]
pub(crate) async fn a_call_that_is_dropped_ends_and_frees_its_place() {
    let limits = LimitsConfig { concurrent_calls: count(1), ..none() };
    let host = TestHost::start([told(&limits)]).await;
    for _ in 0..20 {
        // The only place: the next round's call starts when this one's is free again.
        let (call, mut events) = running(&host).await;
        assert_eq!(host.runtime.running(), 1);
        drop(call);
        assert_eq!(events.recv().await, None, "the guest goes on");
    }
}

#[tokio::test]
async fn a_plugin_whose_places_are_taken_is_busy_and_others_are_not() {
    let host = TestHost::start([told(&few_places()), Setup::of(Good::Echo)]).await;
    let (call, _events) = running(&host).await;
    let report = host.call("told_run", json!({})).await;
    assert!(is_busy(&report, false), "{report:?}");
    assert_eq!(report.usage.fuel, 0);
    assert!(host.call("good-echo_echo", json!({ "text": "" })).await.result.is_ok());
    drop(call);
}

#[tokio::test]
async fn a_host_whose_places_are_taken_is_busy_for_every_plugin() {
    let host = TestHost::with_places(1);
    let waits = LimitsConfig { queue_wait: Some(Millis::of(1)), ..none() };
    host.publish([told(&waits), Setup::of(Good::Echo).limits(&waits)]).await;
    let (call, _events) = running(&host).await;
    let report = host.call("good-echo_echo", json!({ "text": "" })).await;
    assert!(is_busy(&report, true), "{report:?}");
    drop(call);
}

#[tokio::test]
async fn a_call_waits_for_a_place_that_comes_free() {
    let limits = LimitsConfig { concurrent_calls: count(1), ..none() };
    let host = TestHost::start([told(&limits)]).await;
    let (first, mut first_events) = running(&host).await;
    let mut second = std::pin::pin!(running(&host));
    assert!(second.as_mut().now_or_never().is_none());
    drop(first);
    assert_eq!(first_events.recv().await, None);
    let (_second, _events) = second.await;
    assert_eq!(host.runtime.running(), 1);
}

#[tokio::test]
async fn a_thousand_calls_at_once_share_the_places_and_all_get_through() {
    let limits = LimitsConfig { concurrent_calls: count(4), ..none() };
    let host = TestHost::start([Setup::of(Good::Echo).limits(&limits)]).await;
    let calls = (0..1_000).map(|_| host.call("good-echo_echo", json!({ "text": "x" })));
    for report in join_all(calls).await {
        assert!(report.result.is_ok(), "{report:?}");
    }
    assert_eq!(host.runtime.running(), 0);
}

#[tokio::test]
async fn beyond_the_bounds_of_the_queue_calls_are_refused_at_once() {
    let limits = LimitsConfig { concurrent_calls: count(1), ..none() };
    let host = TestHost::start([told(&limits)]).await;
    let (call, _events) = running(&host).await;
    let mut waiting = FuturesUnordered::new();
    for _ in 0..10_000 {
        waiting.push(host.call("told_run", json!({})));
    }
    for _ in 0..10_000 - 1_024 {
        let report = waiting.next().await.unwrap();
        assert!(is_busy(&report, false), "{report:?}");
    }
    drop(waiting);
    drop(call);
}

#[tokio::test]
pub(crate) async fn calls_that_need_much_of_the_pool_leave_enough_for_others() {
    let limits = LimitsConfig { instances: count(128), queue_wait: Some(Millis::of(1)), ..none() };
    let hog = Setup::of(Limits::PoolHog).id("told").limits(&limits);
    let host = TestHost::start([hog, Setup::of(Good::Echo)]).await;
    let mut hogs = Vec::new();
    for _ in 0..16 {
        let (context, mut events) = listened();
        let mut call = host.call_in("told_run", json!({}), context).boxed_local();
        tokio::select! {
            report = &mut call => assert!(is_busy(&report, false), "{report:?}"),
            _told = events.recv() => hogs.push((call, events)),
        }
    }
    assert!(!hogs.is_empty());
    let calls = (0..100).map(|_| host.call("good-echo_echo", json!({ "text": "x" })));
    for report in join_all(calls).await {
        assert!(report.result.is_ok(), "{report:?}");
    }
}

//! What every test of a limit does: the exact error, and a neighbour that goes on.

use cofferdam_runtime::{
    CallError,
    error::LimitHit,
    policy::{
        LimitKind, LimitsConfig,
        units::{Bytes, Count, Millis, Quantity},
    },
};
use cofferdam_tests::{
    Setup, TestHost,
    neighbour::{self, Beside},
};
use serde_json::{Value, json};

/// The error of a limit, with its ceiling as an operator would write it.
pub(crate) fn limit(kind: LimitKind, ceiling: &str) -> CallError {
    CallError::Limit(LimitHit { kind, ceiling: ceiling.to_owned() })
}

/// Calls of `run` end with `expected`, again and again, and the neighbour's calls go on.
pub(crate) async fn ends(hostile: Setup, arguments: Value, expected: CallError) {
    beside(hostile, arguments, expected).await;
}

/// The same for a call that lasts until its deadline: within one such time the neighbour has got through.
pub(crate) async fn ends_at_deadline(hostile: Setup) {
    let hostile = hostile.call_limits(&deadline());
    let beside = beside(hostile, json!({}), limit(LimitKind::Deadline, "400ms")).await;
    assert_eq!(beside.rounds, 1, "the neighbour had to wait for the hostile calls' end");
}

async fn beside(hostile: Setup, arguments: Value, expected: CallError) -> Beside {
    let host = TestHost::start([hostile.id("hostile"), neighbour::setup()]).await;
    let beside = neighbour::beside(&host, || host.call("hostile_run", arguments.clone())).await;
    for report in &beside.reports {
        // A hostile result may be huge; a failure that repeats it must not be.
        let found: String = format!("{:?}", report.result).chars().take(400).collect();
        assert!(report.result == Err(expected.clone()), "expected {expected:?}, found {found}");
    }
    assert_eq!(host.runtime.running(), 0);
    beside
}

/// Time enough for the neighbour on a busy machine, and fuel for much more of it.
fn deadline() -> LimitsConfig {
    LimitsConfig {
        deadline: Some(Millis::of(400)),
        fuel: count(100_000_000_000_000),
        ..LimitsConfig::default()
    }
}

pub(crate) fn kib(kib: u64) -> Option<Bytes> {
    Some(Bytes::of(kib << 10))
}

pub(crate) fn count(count: u64) -> Option<Count> {
    Some(Count::of(count))
}

/// No limit but the defaults.
pub(crate) fn none() -> LimitsConfig {
    LimitsConfig::default()
}

//! What a call used, as it is reported.

use cofferdam_runtime::policy::{LimitKind, LimitsConfig};
use cofferdam_tests::{
    Setup, TestHost,
    guest::{Good, Limits},
};
use serde_json::json;

use crate::check::{count, limit, none};

const PAGE: u64 = 65_536;

#[tokio::test]
pub(crate) async fn the_peak_of_memory_is_reported() {
    let host = TestHost::start([Setup::of(Limits::MemoryGrown)]).await;
    let report = host.call("limits-memory-grown_run", json!({})).await;
    assert!(report.result.is_ok());
    assert_eq!(report.usage.memory, 3 * PAGE);
}

#[tokio::test]
async fn fuel_is_the_same_for_the_same_work_and_more_for_more() {
    let host = TestHost::start([Setup::of(Good::Echo)]).await;
    let mut fuel = Vec::new();
    for length in [10, 10, 10_000] {
        let report = host.call("good-echo_echo", json!({ "text": "a".repeat(length) })).await;
        assert!(report.result.is_ok());
        fuel.push(report.usage.fuel);
    }
    assert!(fuel[0] > 0);
    assert_eq!(fuel[0], fuel[1]);
    assert!(fuel[2] > fuel[1] + 10_000, "{fuel:?}");
}

#[tokio::test]
async fn a_call_that_ran_out_of_fuel_used_all_of_it() {
    let limits = LimitsConfig { fuel: count(2_000_000), ..none() };
    let host = TestHost::start([Setup::of(Limits::LoopExport).limits(&limits)]).await;
    let report = host.call("limits-loop-export_run", json!({})).await;
    assert_eq!(report.result, Err(limit(LimitKind::Fuel, "2000000")));
    assert_eq!(report.usage.fuel, 2_000_000);
}

//! Time: guest code that doesn't end, wherever it runs.

use cofferdam_runtime::policy::{LimitKind, LimitsConfig};
use cofferdam_tests::{Setup, TestHost, guest::Limits, neighbour};
use serde_json::json;

use crate::check::{count, ends, ends_at_deadline, limit, none};

#[tokio::test]
pub(crate) async fn a_loop_in_an_export_ends_at_the_deadline() {
    ends_at_deadline(Setup::of(Limits::LoopExport)).await;
}

#[tokio::test]
async fn a_loop_in_an_export_ends_when_its_fuel_is_used_up() {
    let limits = LimitsConfig { fuel: count(3_000_000), ..none() };
    let hostile = Setup::of(Limits::LoopExport).limits(&limits);
    ends(hostile, json!({}), limit(LimitKind::Fuel, "3000000")).await;
}

#[tokio::test]
pub(crate) async fn a_loop_in_a_start_function_ends_at_the_deadline() {
    ends_at_deadline(Setup::of(Limits::LoopStart)).await;
}

#[tokio::test]
pub(crate) async fn a_loop_in_the_guest_s_allocator_ends_at_the_deadline() {
    ends_at_deadline(Setup::of(Limits::LoopRealloc)).await;
}

#[tokio::test]
pub(crate) async fn a_loop_of_bulk_memory_operations_ends_at_the_deadline() {
    ends_at_deadline(Setup::of(Limits::LoopBulk)).await;
}

#[tokio::test]
async fn bulk_memory_operations_are_paid_for_by_the_byte() {
    let limits = LimitsConfig { fuel: count(3_000_000), ..none() };
    let hostile = Setup::of(Limits::LoopBulk).limits(&limits);
    ends(hostile, json!({}), limit(LimitKind::Fuel, "3000000")).await;
}

#[tokio::test]
pub(crate) async fn a_loop_behind_the_result_ends_at_the_deadline() {
    ends_at_deadline(Setup::of(Limits::LoopPostReturn)).await;
}

#[tokio::test]
pub(crate) async fn sleep_without_end_ends_at_the_deadline() {
    ends_at_deadline(Setup::of(Limits::Sleep)).await;
}

#[tokio::test]
pub(crate) async fn a_loop_in_list_tools_refuses_the_plugin() {
    let host = TestHost::start([neighbour::setup()]).await;
    let error = host.load(Setup::of(Limits::LoopList)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "`list-tools` didn't answer: the tool used up its fuel (2000000000); the operator can raise `fuel` in cofferdam.toml"
    );
    assert!(host.call("neighbour_echo", json!({ "text": "" })).await.result.is_ok());
}

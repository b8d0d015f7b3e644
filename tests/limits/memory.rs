//! Memory: linear memories, tables and instances, summed over all that one call has.

use cofferdam_runtime::policy::{LimitKind, LimitsConfig};
use cofferdam_tests::{Setup, guest::Limits};
use serde_json::json;

use crate::check::{count, ends, kib, limit, none};

#[tokio::test]
pub(crate) async fn a_memory_grows_up_to_the_limit() {
    let limits = LimitsConfig { memory: kib(1024), ..none() };
    let hostile = Setup::of(Limits::MemoryOne).limits(&limits);
    ends(hostile, json!({}), limit(LimitKind::Memory, "1 MiB")).await;
}

#[tokio::test]
pub(crate) async fn the_memory_limit_counts_all_memories() {
    let limits = LimitsConfig { memory: kib(4096), ..none() };
    let hostile = Setup::of(Limits::MemoryEight).call_limits(&limits);
    ends(hostile, json!({}), limit(LimitKind::Memory, "4 MiB")).await;
}

#[tokio::test]
pub(crate) async fn a_memory_that_is_too_large_from_the_start_is_refused() {
    let limits = LimitsConfig { memory: kib(1024), ..none() };
    let hostile = Setup::of(Limits::MemoryInitial).call_limits(&limits);
    ends(hostile, json!({}), limit(LimitKind::Memory, "1 MiB")).await;
}

#[tokio::test]
pub(crate) async fn a_table_grows_up_to_the_limit() {
    let hostile = Setup::of(Limits::TableOne);
    ends(hostile, json!({}), limit(LimitKind::TableElements, "50000")).await;
}

#[tokio::test]
pub(crate) async fn the_table_limit_counts_all_tables() {
    let limits = LimitsConfig { table_elements: count(5_000), ..none() };
    let hostile = Setup::of(Limits::TableMany).call_limits(&limits);
    ends(hostile, json!({}), limit(LimitKind::TableElements, "5000")).await;
}

#[tokio::test]
pub(crate) async fn core_instances_are_counted() {
    let limits = LimitsConfig { instances: count(8), ..none() };
    let hostile = Setup::of(Limits::Instances).call_limits(&limits);
    ends(hostile, json!({}), limit(LimitKind::Instances, "8")).await;
}

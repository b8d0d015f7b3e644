//! What a guest says besides its result: stdout, stderr, log messages, progress.

use cofferdam_runtime::policy::{LimitKind, LimitsConfig};
use cofferdam_tests::{Setup, guest::Limits};
use serde_json::json;

use crate::check::{ends, kib, limit, none};

#[tokio::test]
pub(crate) async fn a_flood_on_stdout_ends_at_the_limit() {
    let limits = LimitsConfig { stdio: kib(64), ..none() };
    let hostile = Setup::of(Limits::PrintStdout).limits(&limits);
    ends(hostile, json!({}), limit(LimitKind::Stdio, "64 KiB")).await;
}

#[tokio::test]
pub(crate) async fn a_flood_on_stderr_ends_at_the_limit() {
    let limits = LimitsConfig { stdio: kib(64), ..none() };
    let hostile = Setup::of(Limits::PrintStderr).limits(&limits);
    ends(hostile, json!({}), limit(LimitKind::Stdio, "64 KiB")).await;
}

#[tokio::test]
pub(crate) async fn a_flood_of_log_messages_ends_at_the_limit() {
    let limits = LimitsConfig { log: kib(16), ..none() };
    ends(Setup::of(Limits::Log).limits(&limits), json!({}), limit(LimitKind::Log, "16 KiB")).await;
}

#[tokio::test]
pub(crate) async fn a_flood_of_progress_ends_at_the_limit() {
    let limits = LimitsConfig { log: kib(16), ..none() };
    ends(Setup::of(Limits::Progress).limits(&limits), json!({}), limit(LimitKind::Log, "16 KiB")).await;
}

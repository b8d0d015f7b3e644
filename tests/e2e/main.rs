//! The real binary: on stdio and over HTTP, in both eras, with clients that others wrote.
//!
//! The match here has an arm for every guest of this suite: one without a test doesn't compile.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests"
)]

mod admin;
mod approve;
mod cache;
mod calls;
mod commands;
mod database;
mod desk;
mod dev;
mod docs;
mod egress;
mod feeds;
mod fetch;
mod grants;
mod http;
mod many;
mod meta;
mod notes;
mod pinning;
mod policy;
#[path = "../../host/capabilities/tests/support/postgres.rs"]
#[allow(dead_code, unreachable_pub, reason = "other suites use the rest")]
mod postgres;
mod python;
mod readme;
mod reload;
mod rust_client;
mod samples;
mod sql;
mod stdio;
mod stop;
mod talk;

use cofferdam_tests::guest::E2e;

const fn test_of(guest: E2e) -> fn() {
    match guest {
        E2e::Caller => calls::settings_and_caller_reach_the_guest,
        E2e::Content => calls::every_kind_of_content_arrives,
        E2e::Prints => stdio::what_a_guest_prints_goes_to_the_log_and_never_to_stdout,
        E2e::Talk => talk::progress_and_log_come_on_the_request_s_own_stream_before_its_result,
    }
}

const _: fn(E2e) -> fn() = test_of;

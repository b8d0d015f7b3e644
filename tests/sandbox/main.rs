//! What a plugin can't be, and what it can't reach.
//!
//! Bad plugins are refused at load, each with its exact reason and what to do, and none stops another one. Good ones
//! find nothing of the host.
//! The match here has an arm for every guest of this suite: one without a test doesn't compile.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests"
)]

mod cache;
mod components;
mod database;
mod descriptions;
mod files;
mod http;
mod postgres;
mod refused;
mod reuse;
mod schemas;
mod state;
mod trust;
mod wasi;
mod wasi_http;
mod wasi_store;

use cofferdam_tests::guest::{Good, Sandbox};

const fn test_of(guest: Sandbox) -> fn() {
    match guest {
        Sandbox::Cache => cache::no_plugin_reads_what_another_one_keeps,
        Sandbox::Clock => wasi::clocks_are_coarse,
        Sandbox::Http => http::grants::what_no_line_covers_is_denied_and_nothing_is_dialled,
        Sandbox::HttpEarly => http::grants::nothing_is_sent_while_tools_are_listed,
        Sandbox::Database => database::a_plugin_keeps_rows_from_call_to_call,
        Sandbox::Memory => state::memory_is_zero_whoever_had_it_before,
        Sandbox::Reuse => reuse::a_result_is_reused_for_the_same_arguments_and_no_others,
        Sandbox::State => state::nothing_is_left_of_the_call_before,
        Sandbox::Wasi => wasi::a_guest_finds_nothing_of_the_host,
        Sandbox::WasiEarly => wasi_store::standard_interfaces_lead_nowhere_while_tools_are_listed,
        Sandbox::WasiHttp => wasi_http::a_component_without_the_sdk_s_http_sends_what_was_granted,
        Sandbox::WasiStore => wasi_store::a_bucket_is_the_plugin_s_own_cache,
    }
}

const fn test_of_good(guest: Good) -> fn() {
    match guest {
        Good::Echo => files::a_bad_file_is_refused_and_stops_no_other,
    }
}

const _: fn(Sandbox) -> fn() = test_of;
const _: fn(Good) -> fn() = test_of_good;

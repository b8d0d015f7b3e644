//! Every example is compiled, run or checked here; `native-server` has tests of its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests"
)]

mod build;
mod clients;
mod config;
mod embed;
mod raw_plugin;

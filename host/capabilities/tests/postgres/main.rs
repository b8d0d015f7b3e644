//! Postgres as a plugin meets it: the real backend, against a real server, and against one that lies.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "these are tests"
)]

mod faults;
#[path = "../../../../tests/src/injection.rs"]
mod injection;
mod layers;
mod liar;
mod roles;
#[path = "../support/postgres.rs"]
#[allow(dead_code, reason = "other suites use the rest")]
mod server;
mod sessions;
mod support;
mod values;

//! Databases as a plugin's calls use them, on real files of SQLite.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "these are tests"
)]

mod faults;
mod hostile;
mod limits;
mod migrations;
mod support;
mod transactions;
mod values;

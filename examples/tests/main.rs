//! Every example is compiled, run or checked here; `native-server` has tests of its own.

mod build;
mod clients;
mod config;
mod embed;
mod raw_plugin;

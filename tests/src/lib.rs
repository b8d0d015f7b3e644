//! The harness that the suites share: guests, hosts to run them in, and what surrounds both.
//!
//! - [`guest`]: the guest programs in `guests/`, built from Rust and from WebAssembly text.
//! - [`host`]: the runtime in this process, with plugins of a test's choice.
//! - [`neighbour`]: what goes on beside a hostile call.
//! - [`process`]: the real binary, on stdio and over HTTP.
//! - [`http`], [`messages`]: the protocol without a library.
//! - [`injection`]: texts that would be SQL.
//! - [`load`]: clients that call and list all the time, and what they saw.
//! - [`redis`]: a real server of that name.
//! - [`upstream`]: names and servers for outgoing requests, on loopback.
//! - [`plugins`]: folders of plugins for the binary.
//!
//! What a host must do is said in the suites (`limits`, `sandbox`, `e2e`, `conformance`), not here.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "where the harness fails, a test fails"
)]

pub mod cargo;
pub mod guest;
pub mod host;
pub mod http;
pub mod injection;
pub mod load;
pub mod messages;
pub mod neighbour;
pub mod plugins;
pub mod process;
pub mod redis;
mod signer;
pub mod upstream;

pub use guest::{Guest, Source};
pub use host::{Setup, TestHost};
pub use http::Http;
pub use process::{HostProcess, StdioProcess};
pub use signer::Signer;

//! One tool of the plugin `text` in an ordinary MCP server: the same function, no WebAssembly, no host.
//!
//! It is what the benchmarks compare with, so it uses the same library with the same settings. What a host adds
//! is left out on purpose: arguments are not validated against their schema, nothing is limited, isolated or logged.

mod handler;
pub mod http;
pub mod stdio;
pub mod tool;

pub use self::handler::Native;

// The plugin's own source files, so that both servers run the same function.
#[expect(dead_code, reason = "the plugin's other tools have bounds of their own there")]
#[path = "../../../plugins/text/src/bounds.rs"]
mod bounds;
#[path = "../../../plugins/text/src/count.rs"]
mod count;

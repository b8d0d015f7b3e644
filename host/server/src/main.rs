//! cofferdam: an MCP server whose tools are sandboxed WebAssembly components.
//!
//! The binary is floor 3 of the house: the command line, the operator's file, the protocol and its transports.
//! What a plugin may do is decided in `policy`, what it can ask for is in `capabilities`, and the sandbox is
//! `runtime`.

mod mcp;
mod signal;
mod telemetry;
mod transport;

fn main() {}

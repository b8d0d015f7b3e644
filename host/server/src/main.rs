//! cofferdam: an MCP server whose tools are sandboxed WebAssembly components.
//!
//! The binary is floor 3 of the house: the command line, the operator's file, the protocol and its transports.
//! What a plugin may do is decided in `policy`, what it can ask for is in `capabilities`, and the sandbox is
//! `runtime`.

mod admin;
mod app;
mod cli;
mod config;
mod diagnostic;
mod follow;
mod mcp;
mod signal;
mod telemetry;
mod transport;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    // Before there are threads, or anything of value in memory.
    if let Some(confines) = cli.compiles() {
        return cofferdam_runtime::compile::child::main(confines);
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            let message = format!("can't start the threads of the server: {error}");
            return cli::Failure::new(cli::Exit::Environment, message).report();
        }
    };
    let exit = runtime.block_on(cli::run(cli));
    // A thread may still wait for a line on stdin, for ever.
    runtime.shutdown_background();
    exit
}

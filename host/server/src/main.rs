//! cofferdam: an MCP server whose tools are sandboxed WebAssembly components.
//!
//! The binary is floor 3 of the house: the command line, the operator's file, the protocol and its transports.
//! What a plugin may do is decided in `policy`, what it can ask for is in `capabilities`, and the sandbox is
//! `runtime`.

mod app;
mod config;
mod diagnostic;
mod mcp;
mod signal;
mod telemetry;
mod transport;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    telemetry::start("info", telemetry::Format::Auto);
    let arguments: Vec<String> = std::env::args().collect();
    let mut flags = Vec::new();
    if let Some(at) = arguments.iter().position(|a| a == "--plugins") {
        flags.push(config::Flag::plugins(arguments.get(at + 1).map_or("", String::as_str)));
    }
    let config = config::Config::load(&config::Given::here(None, flags)?)
        .map_err(|rejected| anyhow::anyhow!(rejected.render(false)))?;
    if arguments.get(1).is_some_and(|a| a == "stdio") {
        app::stdio(config).await
    } else {
        app::serve(config, |catalog, address| {
            tracing::info!(%address, tools = catalog.entries().len(), "serving");
        })
        .await
    }
}

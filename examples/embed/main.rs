//! The sandbox in a program of your own, without MCP: loads a directory of plugins and calls one tool.
//!
//! `cargo run -p cofferdam-examples --example embed -- plugins text_count '{"text": "to be or not to be"}'`

use std::{
    env,
    error::Error,
    io::{Write as _, stdout},
};

use cofferdam_runtime::{
    CallRequest, PluginSpec, Runtime, RuntimeConfig,
    content::{BlockKind, Outcome},
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [directory, tool, json] = arguments.as_slice() else {
        return Err(
            "usage: embed DIRECTORY TOOL ARGUMENTS, for instance: embed plugins text_count '{}'".into()
        );
    };

    // The engine and the guests' own threads. Make one, and keep it.
    let runtime = Runtime::start(RuntimeConfig::default())?;

    // Every .wasm file, each with default limits and no settings. A bad one is refused, and stops no other.
    let spec = |_: &_| Some(PluginSpec::default());
    let catalog = runtime.load_directory(directory.as_ref(), spec).await?;
    let mut out = stdout();
    for refused in catalog.refused() {
        writeln!(out, "refused: {}: {}", refused.file.display(), refused.error)?;
    }

    // One call: arguments are validated, then the tool runs in a fresh instance. Dropping the future ends it.
    let entry = catalog.find(tool).ok_or_else(|| format!("there is no tool {tool} in {directory}"))?;
    let request = CallRequest { arguments: serde_json::from_str(json)?, ..CallRequest::default() };
    let report = runtime.call(entry.clone(), request).await;

    match report.result? {
        Outcome::Complete(result) => {
            for block in result.content {
                match block.kind {
                    BlockKind::Text(text) => writeln!(out, "{text}")?,
                    other => writeln!(out, "{other:?}")?,
                }
            }
        }
        Outcome::InputRequired(questions) => writeln!(out, "the tool asks: {:?}", questions.requests)?,
    }
    let usage = report.usage;
    writeln!(out, "used {} fuel, {} bytes of memory, {:?}", usage.fuel, usage.memory, usage.elapsed)?;
    Ok(())
}

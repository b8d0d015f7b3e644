//! The load driver: which servers are compared, how, and what is said of it.

use std::{
    error::Error,
    fs, io,
    path::Path,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::runtime::Builder;

use crate::{
    artefacts::{Artefacts, copies},
    client::{Client, Http, Until},
    machine,
    measure::{Pairs, Round, Took},
    memory,
    options::{Options, Part},
    process,
    request::{ToolCall, text_of},
    server::{Kind, Server},
    table::Report,
};

/// The name of the tool that both servers have.
const COUNT: &str = "text_count";
/// Connections, or calls under way on one pair of pipes.
const WORKERS: [usize; 2] = [1, 32];
/// Where many plugins are compared.
const MANY: usize = 32;

/// Runs what the options say, and prints what it measured.
///
/// # Errors
/// If something can't be built, started or measured, or a server answers wrongly.
pub fn drive(options: &Options) -> Result<(), Box<dyn Error>> {
    let artefacts = if options.build { Artefacts::build()? } else { Artefacts::as_they_are() };
    let runtime = Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(parts(options, &artefacts))?)
}

async fn parts(options: &Options, artefacts: &Artefacts) -> io::Result<()> {
    let mut report = Report::new()?;
    report.heading(&format!(
        "{}rounds   {} pairs of {:?}, alternating; medians\ntext     {} bytes\n",
        machine::describe(),
        options.rounds,
        options.round,
        options.text
    ))?;
    let text = Plugins::with_text(artefacts)?;
    let call = ToolCall::new(COUNT, options.text);
    if options.wants(Part::Http) {
        for workers in WORKERS {
            let mut ours = over_http(artefacts, text.kind(), workers, &[call.clone()]).await?;
            let mut native = over_http(artefacts, Kind::Native, workers, &[call.clone()]).await?;
            let pairs = compare(&mut ours, &mut native, options).await?;
            report.compared(&format!("HTTP, {workers} connections"), ["ours", "native"], &pairs)?;
        }
    }
    if options.wants(Part::Stdio) {
        for workers in WORKERS {
            let mut ours = over_stdio(artefacts, text.kind(), workers, &call).await?;
            let mut native = over_stdio(artefacts, Kind::Native, workers, &call).await?;
            let pairs = compare(&mut ours, &mut native, options).await?;
            report.compared(&format!("stdio, {workers} calls under way"), ["ours", "native"], &pairs)?;
        }
    }
    if options.wants(Part::Plugins) {
        many_plugins(options, artefacts, &call, &mut report).await?;
    }
    if options.wants(Part::Memory) {
        memory::measure(options, artefacts, &call, &mut report).await?;
    }
    Ok(())
}

/// The same tool as before with many other plugins loaded; then calls of all of those in turn.
async fn many_plugins(
    options: &Options,
    artefacts: &Artefacts,
    call: &ToolCall,
    report: &mut Report,
) -> io::Result<()> {
    let count = options.plugins;
    let many = Plugins::with_text(artefacts)?;
    copies(&artefacts.echo, many.path(), "echo", count)?;
    let each: Vec<_> =
        (0..count).map(|number| ToolCall::new(&format!("echo-{number}_echo"), options.text)).collect();
    let (mut one, one_address) = over_http_at(artefacts, Kind::Native, MANY, &[call.clone()]).await?;
    let _ = one_address;
    let (mut ours, address) = over_http_at(artefacts, many.kind(), MANY, &[call.clone()]).await?;
    let pairs = compare(&mut ours, &mut one, options).await?;
    report.compared(
        &format!("HTTP, {MANY} connections, {count} more plugins"),
        ["ours", "native"],
        &pairs,
    )?;
    drop(one);
    ours.client = Client::Http(Http::connect(address, MANY, &each).await?);
    let single = Plugins::new()?;
    copies(&artefacts.echo, single.path(), "echo", 1)?;
    let mut single_echo = over_http(artefacts, single.kind(), MANY, each.get(..1).unwrap_or_default()).await?;
    let pairs = compare(&mut ours, &mut single_echo, options).await?;
    report.compared(
        &format!("HTTP, {MANY} connections, `echo` of {count} plugins in turn"),
        [&format!("{count} plugins"), "1 plugin"],
        &pairs,
    )
}

/// A directory of plugins for one server.
pub(crate) struct Plugins(TempDir);

impl Plugins {
    /// Without any.
    pub(crate) fn new() -> io::Result<Self> {
        TempDir::new().map(Self)
    }

    /// With the plugin `text`.
    pub(crate) fn with_text(artefacts: &Artefacts) -> io::Result<Self> {
        let plugins = Self::new()?;
        fs::copy(&artefacts.text, plugins.path().join("text.wasm"))?;
        Ok(plugins)
    }

    /// Where they are.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// The host with them.
    pub(crate) fn kind(&self) -> Kind<'_> {
        Kind::Ours(self.path())
    }
}

/// A server and the client that loads it.
pub(crate) struct Peer {
    pub(crate) server: Server,
    pub(crate) client: Client,
}

/// A server behind HTTP whose first answer was right.
pub(crate) async fn over_http(
    artefacts: &Artefacts,
    kind: Kind<'_>,
    connections: usize,
    calls: &[ToolCall],
) -> io::Result<Peer> {
    over_http_at(artefacts, kind, connections, calls).await.map(|(peer, _)| peer)
}

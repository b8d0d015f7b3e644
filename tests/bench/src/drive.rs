//! The load driver: which servers are compared, and in what order.

use std::{error::Error, io};

use tokio::runtime::Builder;

use crate::{
    artefacts::{Artefacts, copies},
    machine, memory,
    options::{Options, Part},
    peer::{Peer, Plugins, compare},
    report::{Report, Target},
    request::ToolCall,
    server::Kind,
};

/// The name of the tool that both servers have.
const COUNT: &str = "text_count";
/// Connections, or calls under way on one pair of pipes.
const WORKERS: [usize; 2] = [1, 32];
/// Connections where many plugins are compared.
const MANY: usize = 32;

const OURS: [&str; 2] = ["ours", "native"];

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
    let (rounds, round, text) = (options.rounds, options.round, options.text);
    let mut report = Report::start(&format!(
        "{}rounds   {rounds} pairs of {round:?} each, in turn; medians\ntext     {text} bytes\n",
        machine::describe()
    ))?;
    let call = ToolCall::new(COUNT, options.text);
    if options.wants(Part::Http) {
        http(options, artefacts, &call, &mut report).await?;
    }
    if options.wants(Part::Stdio) {
        stdio(options, artefacts, &call, &mut report).await?;
    }
    if options.wants(Part::Plugins) {
        same_tool_beside_many(options, artefacts, &call, &mut report).await?;
        many_in_turn(options, artefacts, &mut report).await?;
    }
    if options.wants(Part::Memory) {
        memory::measure(options, artefacts, &call, &mut report).await?;
    }
    report.targets()
}

async fn http(
    options: &Options,
    artefacts: &Artefacts,
    call: &ToolCall,
    report: &mut Report,
) -> io::Result<()> {
    let text = Plugins::with_text(artefacts)?;
    let calls = std::slice::from_ref(call);
    for connections in WORKERS {
        let mut ours = Peer::http(artefacts, text.host(), connections, calls).await?;
        let mut native = Peer::http(artefacts, Kind::Native, connections, calls).await?;
        let pairs = compare(&mut ours, &mut native, options).await?;
        let targets: &[Target] = if connections > 1 { &Target::HTTP } else { &[] };
        report.compared(&format!("HTTP, {connections} connections"), OURS, &pairs, targets)?;
    }
    Ok(())
}

async fn stdio(
    options: &Options,
    artefacts: &Artefacts,
    call: &ToolCall,
    report: &mut Report,
) -> io::Result<()> {
    let text = Plugins::with_text(artefacts)?;
    for depth in WORKERS {
        let mut ours = Peer::stdio(artefacts, text.host(), depth, call).await?;
        let mut native = Peer::stdio(artefacts, Kind::Native, depth, call).await?;
        let pairs = compare(&mut ours, &mut native, options).await?;
        let targets: &[Target] = if depth > 1 { &[] } else { &Target::STDIO };
        report.compared(&format!("stdio, {depth} calls under way"), OURS, &pairs, targets)?;
    }
    Ok(())
}

/// What the tool costs when the host has many other plugins.
async fn same_tool_beside_many(
    options: &Options,
    artefacts: &Artefacts,
    call: &ToolCall,
    report: &mut Report,
) -> io::Result<()> {
    let plugins = Plugins::with_text(artefacts)?;
    copies(&artefacts.echo, plugins.path(), "echo", options.plugins)?;
    let calls = std::slice::from_ref(call);
    let mut ours = Peer::http(artefacts, plugins.host(), MANY, calls).await?;
    let mut native = Peer::http(artefacts, Kind::Native, MANY, calls).await?;
    let pairs = compare(&mut ours, &mut native, options).await?;
    let title = format!("HTTP, {MANY} connections, {} more plugins", options.plugins);
    report.compared(&title, OURS, &pairs, &Target::HTTP)
}

/// What a call costs when every one is to another plugin than the last.
async fn many_in_turn(options: &Options, artefacts: &Artefacts, report: &mut Report) -> io::Result<()> {
    let count = options.plugins;
    let (many, one) = (Plugins::new()?, Plugins::new()?);
    copies(&artefacts.echo, many.path(), "echo", count)?;
    copies(&artefacts.echo, one.path(), "echo", 1)?;
    let echo = |number: usize| ToolCall::new(&format!("echo-{number}_echo"), options.text);
    let each: Vec<_> = (0..count).map(echo).collect();
    let mut in_turn = Peer::http(artefacts, many.host(), MANY, &each).await?;
    let mut same = Peer::http(artefacts, one.host(), MANY, &[echo(0)]).await?;
    let pairs = compare(&mut in_turn, &mut same, options).await?;
    let title = format!("HTTP, {MANY} connections, `echo` of {count} plugins in turn, and of one");
    report.compared(&title, [&format!("{count} plugins"), "1 plugin"], &pairs, &[])
}

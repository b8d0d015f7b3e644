//! The host's memory: at its start, per plugin that nobody calls, and over many calls.

use std::io;

use crate::{
    artefacts::{Artefacts, copies},
    client::Until,
    options::Options,
    peer::{Peer, Plugins},
    process::Memory,
    report::{Limit, Report},
    request::ToolCall,
    server::{Kind, Server},
};

/// Connections of the many calls.
const CONNECTIONS: usize = 32;
/// Bytes that an idle plugin may take.
const PER_PLUGIN: f64 = 300.0 * 1024.0;
/// What may be added between a tenth of the calls and all of them: an allocator's noise, far below one byte per call.
const GROWTH: f64 = 1024.0 * 1024.0;

/// Measures all of it.
pub(crate) async fn measure(
    options: &Options,
    artefacts: &Artefacts,
    call: &ToolCall,
    report: &mut Report,
) -> io::Result<()> {
    let (none, text, many) = (Plugins::new()?, Plugins::with_text(artefacts)?, Plugins::new()?);
    copies(&artefacts.echo, many.path(), "echo", options.plugins)?;
    let empty = idle(artefacts, none.host()).await?;
    let with_many = idle(artefacts, many.host()).await?;
    report.memory("native server, idle", idle(artefacts, Kind::Native).await?)?;
    report.memory("host without plugins, idle", empty)?;
    report.memory("host with `text`, idle", idle(artefacts, text.host()).await?)?;
    report.memory(&format!("host with {} plugins, idle", options.plugins), with_many)?;
    let per_plugin =
        |of: fn(&Memory) -> u64| (of(&with_many) as f64 - of(&empty) as f64) / options.plugins as f64;
    let each = Memory { rss: per_plugin(|m| m.rss) as u64, private: per_plugin(|m| m.private) as u64 };
    report.memory("each of them", each)?;
    let limit = Limit { what: "RSS per idle small plugin", most: PER_PLUGIN, unit: "bytes" };
    report.limit(limit, each.rss as f64)?;
    over_calls(options, artefacts, &text, call, report).await
}

async fn idle(artefacts: &Artefacts, kind: Kind<'_>) -> io::Result<Memory> {
    Server::http(artefacts, kind).await?.0.memory()
}

async fn over_calls(
    options: &Options,
    artefacts: &Artefacts,
    text: &Plugins,
    call: &ToolCall,
    report: &mut Report,
) -> io::Result<()> {
    let mut peer = Peer::http(artefacts, text.host(), CONNECTIONS, std::slice::from_ref(call)).await?;
    let share = options.calls / CONNECTIONS as u64;
    let mut after = Vec::new();
    for (calls, tenths) in [(share / 10, 1), (share - share / 10, 10)] {
        peer.client.load(Until::Calls(calls)).await?;
        let memory = peer.server.memory()?;
        report.memory(&format!("host after {} calls", options.calls * tenths / 10), memory)?;
        after.push(memory.rss as f64);
    }
    let growth = after.windows(2).map(|pair| pair.iter().rev().copied().reduce(|b, a| b - a)).next();
    let limit = Limit { what: "growth from a tenth of the calls to all", most: GROWTH, unit: "bytes" };
    report.limit(limit, growth.flatten().unwrap_or(f64::NAN))
}

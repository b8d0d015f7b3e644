//! Thousands of reloads while clients call without a pause: calls that fail, and memory at the end.

use std::{
    fs, io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use super::{
    Options,
    host::{Ground, Host, Loads},
};
use crate::{
    artefacts::Artefacts,
    client::Http,
    report::{Limit, Report},
    request::{TEXT, ToolCall},
};

/// Plugins that change at the same time.
const PLUGINS: usize = 20;
/// Versions of each, in turn.
const VERSIONS: usize = 5;
const CLIENTS: usize = 2;
const FAILED: Limit = Limit { what: "calls that failed during the stress", most: 0.0, unit: "" };
const GROWTH: Limit =
    Limit { what: "growth from a tenth of the reloads to all", most: 8.0 * 1024.0 * 1024.0, unit: "bytes" };

/// Reloads all plugins over and over, and calls each of them in turn.
pub(super) async fn measure(options: &Options, artefacts: &Artefacts, report: &mut Report) -> io::Result<()> {
    let (ground, echo) = (Ground::new()?, fs::read(&artefacts.echo)?);
    put(&ground, &echo, 0)?;
    let host = Host::start(artefacts, &ground).await?;
    let calls: Vec<_> =
        (0..PLUGINS).map(|plugin| ToolCall::new(&format!("echo-{plugin}_echo"), TEXT.len())).collect();
    let stop = Arc::new(AtomicBool::new(false));
    let client = Http::connect(host.address, CLIENTS, &calls).await?;
    let clients = tokio::spawn(client.until_stopped(Arc::clone(&stop)));
    let rounds = options.reloads.div_ceil(PLUGINS);
    let started = Instant::now();
    let (mut memory, mut loads) = (vec![host.memory()?], Loads::of(&host)?);
    for round in 1..=rounds {
        put(&ground, &echo, round)?;
        loads.until(PLUGINS * (round + 1)).await?;
        if round == rounds.div_ceil(10) || round == rounds {
            // What was just replaced is given back a little later.
            host.settle().await?;
            memory.push(host.memory()?);
        }
    }
    let took = started.elapsed();
    stop.store(true, Ordering::Relaxed);
    let (made, failed) = clients.await.map_err(io::Error::other)??;
    let row = [
        (rounds * PLUGINS).to_string(),
        format!("{:.0}", took.as_secs_f64()),
        made.to_string(),
        failed.to_string(),
    ];
    let head = ["reloads", "seconds", "calls beside them", "failed"];
    report.table("Stress", &head, &[row.to_vec()])?;
    for (name, memory) in ["before", "after a tenth of the reloads", "after all"].iter().zip(&memory) {
        report.memory(&format!("host {name}"), *memory)?;
    }
    report.limit(FAILED, failed as f64)?;
    let growth = match memory.as_slice() {
        [_, first, last] => last.rss as f64 - first.rss as f64,
        _ => f64::NAN,
    };
    report.limit(GROWTH, growth)
}

fn put(ground: &Ground, echo: &[u8], round: usize) -> io::Result<()> {
    (0..PLUGINS).try_for_each(|plugin| {
        // No two plugins have the same bytes.
        ground.put(&format!("echo-{plugin}"), echo, plugin * VERSIONS + round % VERSIONS)
    })
}

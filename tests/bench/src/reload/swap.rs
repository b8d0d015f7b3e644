//! Calls of a tool while it is swapped, beside calls while nothing happens: in rounds that take turns.

use std::{
    fs, io,
    time::{Duration, Instant},
};

use super::{
    Options,
    host::{Ground, Host},
};
use crate::{
    artefacts::Artefacts,
    client::{Http, Latencies, Until},
    measure::{Pairs, Round, Took},
    process,
    report::{Report, Target},
    request::{TEXT, ToolCall},
};

/// Connections that call without a pause.
const CONNECTIONS: usize = 2;
/// Between two swaps.
const PERIOD: Duration = Duration::from_millis(250);
/// Versions in turn where code is known.
const VERSIONS: usize = 4;

/// Swaps of versions that the cache knows, and of new ones.
pub(super) async fn measure(options: &Options, artefacts: &Artefacts, report: &mut Report) -> io::Result<()> {
    for (title, new) in [("known to the cache", false), ("compiled each time", true)] {
        let mut scene = Scene::start(artefacts, new).await?;
        let mut pairs = Pairs::default();
        scene.round(options.round, true).await?;
        for number in 0..options.rounds {
            let first = scene.round(options.round, number % 2 == 0).await?;
            let second = scene.round(options.round, number % 2 == 1).await?;
            pairs.0.push(if number % 2 == 0 { (first, second) } else { (second, first) });
        }
        let title = format!("Calls of a small tool that is swapped every {PERIOD:?}, {title}");
        // What compiling takes from a small machine is no matter of the swap.
        let targets: &[Target] = if new { &[] } else { &Target::SWAP };
        report.compared(&title, ["swapped", "left alone"], &pairs, targets)?;
    }
    Ok(())
}

struct Scene {
    ground: Ground,
    host: Host,
    client: Http,
    echo: Vec<u8>,
    new: bool,
    swaps: usize,
}

impl Scene {
    async fn start(artefacts: &Artefacts, new: bool) -> io::Result<Self> {
        let (ground, echo) = (Ground::new()?, fs::read(&artefacts.echo)?);
        for mark in 0..VERSIONS {
            ground.put(&format!("known-{mark}"), &echo, mark)?;
        }
        ground.put("echo", &echo, 0)?;
        let host = Host::start(artefacts, &ground).await?;
        let call = ToolCall::new("echo_echo", TEXT.len());
        let client = Http::connect(host.address, CONNECTIONS, &[call]).await?;
        Ok(Self { ground, host, client, echo, new, swaps: 0 })
    }

    /// A round of calls, with or without swaps beside them.
    async fn round(&mut self, length: Duration, swapped: bool) -> io::Result<Round> {
        let pid = self.host.pid();
        let (cpu, own) = (process::cpu(pid)?, process::cpu(std::process::id())?);
        let started = Instant::now();
        let until = Until::after(length);
        let latencies: Latencies = if swapped {
            let swaps = swaps(&self.ground, &self.echo, self.swaps, self.new, started + length);
            let (latencies, swaps) = tokio::join!(self.client.load(until), swaps);
            self.swaps = swaps?;
            latencies?
        } else {
            self.client.load(until).await?
        };
        let took = Took {
            wall: started.elapsed(),
            cpu: process::cpu(pid)? - cpu,
            client: process::cpu(std::process::id())? - own,
        };
        // The last swap of a round is not the next round's.
        self.host.settle().await?;
        Ok(Round::of(latencies, took))
    }
}

/// Swaps until then; how many there were in all.
async fn swaps(ground: &Ground, echo: &[u8], mut done: usize, new: bool, end: Instant) -> io::Result<usize> {
    while Instant::now() + PERIOD < end {
        done += 1;
        ground.put("echo", echo, if new { VERSIONS + done } else { done % VERSIONS })?;
        tokio::time::sleep(PERIOD).await;
    }
    Ok(done)
}

//! A server with the client that loads it, and rounds of two of them in turn.

use std::{
    fs, io,
    path::Path,
    process::id,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{
    artefacts::Artefacts,
    client::{Client, Http, Until},
    measure::{Pairs, Round, Took},
    options::Options,
    process,
    request::{ToolCall, text_of},
    server::{Kind, Server},
};

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
    pub(crate) fn host(&self) -> Kind<'_> {
        Kind::Ours(self.path())
    }
}

/// A server and the client that loads it.
pub(crate) struct Peer {
    pub(crate) server: Server,
    pub(crate) client: Client,
}

impl Peer {
    /// Over HTTP; the first call was answered rightly.
    pub(crate) async fn http(
        artefacts: &Artefacts,
        kind: Kind<'_>,
        connections: usize,
        calls: &[ToolCall],
    ) -> io::Result<Self> {
        let (server, address) = Server::http(artefacts, kind).await?;
        let client = Client::Http(Http::connect(address, connections, calls).await?);
        Self { server, client }.checked().await
    }

    /// Over pipes; the first call was answered rightly.
    pub(crate) async fn stdio(
        artefacts: &Artefacts,
        kind: Kind<'_>,
        depth: usize,
        call: &ToolCall,
    ) -> io::Result<Self> {
        let (server, client) = Server::stdio(artefacts, kind, depth, call)?;
        Self { server, client: Client::Stdio(client) }.checked().await
    }

    async fn checked(mut self) -> io::Result<Self> {
        let answer = self.client.call().await?;
        text_of(&answer)
            .map(|_| self)
            .map_err(|found| io::Error::other(format!("expected a result with text, found: {found}")))
    }

    async fn round(&mut self, length: Duration) -> io::Result<Round> {
        let (cpu, client) = (self.server.cpu()?, process::cpu(id())?);
        let started = Instant::now();
        let latencies = self.client.load(Until::after(length)).await?;
        let took = Took {
            wall: started.elapsed(),
            cpu: self.server.cpu()? - cpu,
            client: process::cpu(id())? - client,
        };
        Ok(Round::of(latencies, took))
    }
}

/// Rounds of both in turn, after a short one of each that doesn't count.
pub(crate) async fn compare(first: &mut Peer, second: &mut Peer, options: &Options) -> io::Result<Pairs> {
    first.round(options.round / 2).await?;
    second.round(options.round / 2).await?;
    let mut pairs = Pairs::default();
    for number in 0..options.rounds {
        // Who goes first changes, so that neither profits from what the other leaves behind.
        let pair = if number % 2 == 0 {
            let a = first.round(options.round).await?;
            (a, second.round(options.round).await?)
        } else {
            let b = second.round(options.round).await?;
            (first.round(options.round).await?, b)
        };
        pairs.0.push(pair);
    }
    Ok(pairs)
}

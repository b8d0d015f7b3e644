//! The host with a folder of plugins, a cache and a log of its own.

use std::{
    fs,
    io::{self, Read as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use crate::{
    artefacts::{Artefacts, marked},
    process::{self, Memory},
};

/// Between two looks at the host's log.
const LOOK: Duration = Duration::from_millis(2);
/// Without a word, after which nothing is on its way any more.
const SETTLED: Duration = Duration::from_millis(300);
/// After which nothing will come any more.
const PATIENCE: Duration = Duration::from_secs(600);

/// A folder of plugins and a compile cache: what outlives a host.
pub(super) struct Ground {
    above: TempDir,
}

impl Ground {
    /// Both are empty.
    pub(super) fn new() -> io::Result<Self> {
        let above = TempDir::new()?;
        fs::create_dir(above.path().join("plugins"))?;
        Ok(Self { above })
    }

    /// Where the plugins are.
    pub(super) fn plugins(&self) -> PathBuf {
        self.above.path().join("plugins")
    }

    /// The file of a plugin.
    pub(super) fn file(&self, plugin: &str) -> PathBuf {
        self.plugins().join(format!("{plugin}.wasm"))
    }

    /// Puts a plugin in place at one stroke: a copy of `component` that differs by its mark.
    pub(super) fn put(&self, plugin: &str, component: &[u8], mark: usize) -> io::Result<()> {
        let new = self.above.path().join("new");
        fs::write(&new, marked(component, mark))?;
        fs::rename(new, self.file(plugin))
    }

    /// Forgets all native code.
    pub(super) fn empty_cache(&self) -> io::Result<()> {
        match fs::remove_dir_all(self.above.path().join("cofferdam")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// A host that runs until this is dropped.
pub(super) struct Host {
    _child: Child,
    pid: u32,
    pub(super) address: SocketAddr,
    /// From its start until it said where it serves.
    pub(super) ready: Duration,
    log: PathBuf,
}

impl Host {
    /// Starts a host.
    pub(super) async fn start(artefacts: &Artefacts, ground: &Ground) -> io::Result<Self> {
        let log = ground.above.path().join("log");
        let mut command = Command::new(&artefacts.host);
        command.args(["serve", "--http", "127.0.0.1:0", "--plugins"]).arg(ground.plugins());
        command.env("XDG_CACHE_HOME", ground.above.path()).env("XDG_CONFIG_HOME", "/nonexistent");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(fs::File::create(&log)?);
        let started = Instant::now();
        let mut child = command.kill_on_drop(true).spawn()?;
        let no = || io::Error::other("the host ended at once");
        let pid = child.id().ok_or_else(no)?;
        let mut lines = BufReader::new(child.stdout.take().ok_or_else(no)?).lines();
        let greeting = lines.next_line().await?.ok_or_else(no)?;
        let ready = started.elapsed();
        let address = address(&greeting).ok_or_else(|| {
            io::Error::other(format!("expected a line that says where the host serves, found {greeting:?}"))
        })?;
        // The rest of what it says has to go somewhere.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self { _child: child, pid, address, ready, log })
    }

    /// The events with this message that were logged so far.
    pub(super) fn events(&self, message: &str) -> io::Result<Vec<Value>> {
        events(&self.log, message)
    }

    /// Waits until so many events with this message were logged.
    pub(super) async fn until(&self, message: &str, count: usize) -> io::Result<Vec<Value>> {
        let started = Instant::now();
        loop {
            let events = self.events(message)?;
            if events.len() >= count {
                return Ok(events);
            }
            if started.elapsed() > PATIENCE {
                return Err(io::Error::other(format!(
                    "expected {count} times {message:?} in the host's log, found it {} times",
                    events.len()
                )));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits until nothing was loaded for a while.
    pub(super) async fn settle(&self) -> io::Result<()> {
        let mut before = usize::MAX;
        loop {
            let now = self.events("plugin loaded")?.len();
            if now == before {
                return Ok(());
            }
            before = now;
            tokio::time::sleep(SETTLED).await;
        }
    }

    /// Its process id.
    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// Memory now.
    pub(super) fn memory(&self) -> io::Result<Memory> {
        process::memory(self.pid)
    }
}

/// Counts the plugins that a host loads, as it says so.
pub(super) struct Loads {
    log: fs::File,
    /// What was read after the last whole line.
    rest: String,
    count: usize,
}

impl Loads {
    /// Of this host, from its start on.
    pub(super) fn of(host: &Host) -> io::Result<Self> {
        Ok(Self { log: fs::File::open(&host.log)?, rest: String::new(), count: 0 })
    }

    /// Waits until there were so many in all.
    pub(super) async fn until(&mut self, count: usize) -> io::Result<()> {
        let started = Instant::now();
        while self.now()? < count {
            if started.elapsed() > PATIENCE {
                return Err(io::Error::other(format!("expected {count} loads, found {}", self.count)));
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    fn now(&mut self) -> io::Result<usize> {
        self.log.read_to_string(&mut self.rest)?;
        if let Some(end) = self.rest.rfind('\n') {
            let whole: String = self.rest.drain(..=end).collect();
            self.count += whole.matches(r#""message":"plugin loaded""#).count();
        }
        Ok(self.count)
    }
}

fn events(log: &Path, message: &str) -> io::Result<Vec<Value>> {
    let text = fs::read_to_string(log)?;
    let wanted = text.lines().filter(|line| line.contains(message));
    let events = wanted.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    Ok(events.filter(|event| event.get("message").is_some_and(|found| found == message)).collect())
}

fn address(greeting: &str) -> Option<SocketAddr> {
    greeting.strip_prefix("cofferdam serves http://")?.strip_suffix("/mcp")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greeting_says_where_the_host_serves() {
        let found = address("cofferdam serves http://127.0.0.1:4711/mcp");
        assert_eq!(found, Some(([127, 0, 0, 1], 4711).into()));
        assert_eq!(address("something else"), None);
    }
}

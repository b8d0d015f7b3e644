//! The one task that replaces the catalog: looks, stages what changed beside it, swaps.
//!
//! File events are only hints to look ([`watch`]); what a look shows decides ([`plan`]). A file is read once, and
//! the bytes that were read are what is hashed, checked, compiled and run. A version that fails leaves the one
//! before it serving; a plugin whose file is gone serves the calls that it has, and its code goes with the last.

pub mod control;
pub(crate) mod look;
mod plan;
mod policy;
mod watch;

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use cofferdam_policy::PluginId;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::look::{Found, Looked};
use crate::{
    Runtime,
    catalog::{self, Catalog, Refused},
    error::LoadError,
    load::{self, Read, Stamp},
    plugin::{Plugin, PluginSpec},
};

/// Between two looks that have to agree.
const SETTLE: Duration = Duration::from_millis(50);
/// Between looks when no event comes: some file systems send none.
const POLL: Duration = Duration::from_secs(2);

/// What the operator says of each plugin; none: it is not to be loaded.
pub type Specs = Arc<dyn Fn(&PluginId) -> Option<PluginSpec> + Send + Sync>;

/// What the operator says, now and later.
pub type Policy = tokio::sync::watch::Receiver<Specs>;

/// Keeps the catalog like the directory.
pub struct Reload {
    runtime: Arc<Runtime>,
    directory: PathBuf,
    policy: Policy,
    before: Looked,
    known: BTreeMap<PathBuf, Stamp>,
    slots: BTreeMap<PathBuf, Slot>,
    /// How many versions were put to serve so far: who came first keeps a name.
    served: u64,
    /// A plugin went or changed, and with it perhaps a name that another one wants.
    freed: bool,
}

/// What came of one file.
#[derive(Default)]
struct Slot {
    serving: Option<(u64, Arc<Plugin>)>,
    refused: Option<Arc<LoadError>>,
    /// Of the bytes that were read last.
    digest: Option<String>,
}

impl Slot {
    fn refuse(&mut self, path: &Path, error: LoadError) {
        let serving = self.serving.as_ref().map(|(_, plugin)| plugin.digest.as_str());
        tracing::warn!(file = %path.display(), reason = %error, serving, "plugin refused");
        self.refused = Some(Arc::new(error));
    }
}

/// What came of staging one file.
enum Staged {
    /// The catalog has to be replaced.
    Changed,
    /// The bytes are those that were there before.
    Same,
    /// Somebody is writing it.
    Unsettled,
}

impl Reload {
    /// Loads what is in `directory` now; [`Reload::run`] follows it, and the policy, from then on.
    ///
    /// # Errors
    /// If the directory is there and can't be read. One that isn't there is empty, and may come.
    pub async fn start(runtime: Arc<Runtime>, directory: &Path, policy: Policy) -> io::Result<Self> {
        let mut reload = Self {
            runtime,
            directory: directory.to_owned(),
            policy,
            before: Looked::new(),
            known: BTreeMap::new(),
            slots: BTreeMap::new(),
            served: 0,
            freed: false,
        };
        // At the start nobody waits for a file to settle: what is there is read, and read again if it changes.
        reload.before = reload.look().await?;
        reload.pass().await?;
        Ok(reload)
    }

    /// Follows the directory until `stop` is cancelled.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut hints = watch::Hints::of(&self.directory);
        let mut unsettled = false;
        loop {
            let looked = Instant::now();
            tokio::select! {
                () = stop.cancelled() => return,
                () = hints.next(), if !unsettled => {}
                Ok(()) = self.policy.changed() => self.apply_policy().await,
                () = tokio::time::sleep_until(looked + if unsettled { SETTLE } else { POLL }) => {}
            }
            // Hints come in swarms, and two looks say something only with time between them.
            tokio::time::sleep_until(looked + SETTLE).await;
            hints.follow(&self.directory);
            unsettled = self.pass().await.unwrap_or_else(|error| {
                tracing::warn!(directory = %self.directory.display(), %error, "can't look at the plugins directory");
                false
            });
        }
    }

    async fn look(&self) -> io::Result<Looked> {
        let (directory, limits) = (self.directory.clone(), self.runtime.load.clone());
        let looked = tokio::task::spawn_blocking(move || look::look(&directory, &limits)).await;
        match looked.map_err(io::Error::other)? {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Looked::new()),
            looked => looked,
        }
    }

    /// Looks once, and does what the look and the one before it agree on. Whether something is still changing.
    async fn pass(&mut self) -> io::Result<bool> {
        let now = self.look().await?;
        let plan = plan::plan(&self.known, &self.before, &now);
        let mut changed = self.note_unfit(&now);
        self.before = now;
        for path in plan.gone {
            changed |= self.remove(&path);
        }
        let mut unsettled = plan.unsettled;
        for path in plan.read {
            match self.stage(&path).await {
                Staged::Changed => changed = true,
                Staged::Same => {}
                Staged::Unsettled => unsettled = true,
            }
        }
        if changed {
            self.publish();
        }
        Ok(self.retry_clashes() || unsettled)
    }

    /// Has files read again that were refused for a name which may be free now.
    fn retry_clashes(&mut self) -> bool {
        if !std::mem::take(&mut self.freed) {
            return false;
        }
        let clashes = |slot: &Slot| slot.refused.as_deref().is_some_and(LoadError::is_a_clash);
        let mut any = false;
        for (path, slot) in self.slots.iter_mut().filter(|(_, slot)| clashes(slot)) {
            slot.digest = None;
            any |= self.known.remove(path).is_some();
        }
        any
    }

    /// Files that may not be read: each says so once, and leaves what it gave before serving.
    fn note_unfit(&mut self, now: &Looked) -> bool {
        let mut changed = false;
        for (path, found) in now {
            let Found::Unfit(unfit) = found else { continue };
            let slot = self.slots.entry(path.clone()).or_default();
            if slot.refused.as_ref().is_none_or(|known| known.to_string() != unfit.to_string()) {
                slot.refuse(path, unfit.error());
                changed = true;
            }
        }
        let before = self.slots.len();
        self.slots.retain(|path, slot| slot.serving.is_some() || now.contains_key(path));
        changed || self.slots.len() != before
    }

    fn remove(&mut self, path: &Path) -> bool {
        self.known.remove(path);
        let Some(slot) = self.slots.remove(path) else { return false };
        if let Some((_, plugin)) = slot.serving {
            self.freed = true;
            tracing::info!(plugin = %plugin.id, "plugin removed; calls that run go on");
        }
        true
    }

    /// Reads a file, and puts what it holds into its slot if it is fit to serve.
    async fn stage(&mut self, path: &Path) -> Staged {
        let started = Instant::now();
        let read = match self.read(path).await {
            Ok(read) => read,
            Err(LoadError::Changing) => return Staged::Unsettled,
            Err(error) => return self.refuse(path, error),
        };
        self.known.insert(path.to_owned(), read.stamp);
        let digest = load::digest(&read.bytes);
        let slot = self.slots.entry(path.to_owned()).or_default();
        if slot.digest.as_ref() == Some(&digest) {
            return Staged::Same;
        }
        let serves = slot.serving.as_ref().is_some_and(|(_, plugin)| plugin.digest == digest);
        slot.digest = Some(digest);
        if serves {
            // Back to what serves, after something that was refused: nothing to compile.
            slot.refused = None;
            return Staged::Changed;
        }
        match self.load(path, read.bytes).await {
            Ok(None) => self.drop_disabled(path),
            Ok(Some(plugin)) => {
                tracing::info!(
                    plugin = %plugin.id, digest = %plugin.digest, tools = plugin.tools.len(),
                    ms = started.elapsed().as_millis(), "plugin loaded"
                );
                self.serve(path, plugin)
            }
            Err(error) => self.refuse(path, error),
        }
    }

    async fn read(&self, path: &Path) -> Result<Read, LoadError> {
        load::id_of(path)?;
        let (path, limits) = (path.to_owned(), self.runtime.load.clone());
        crate::blocking(move || load::whole(&path, &limits)).await?
    }

    async fn load(&self, path: &Path, bytes: Vec<u8>) -> Result<Option<Plugin>, LoadError> {
        let id = load::id_of(path)?;
        let Some(spec) = self.spec(&id) else { return Ok(None) };
        let plugin = self.runtime.load_bytes(id, bytes, spec).await?;
        let others = self.slots.iter().filter(|(other, _)| *other != path);
        catalog::clash(&plugin, others.filter_map(|(_, slot)| Some(&*slot.serving.as_ref()?.1)))?;
        Ok(Some(plugin))
    }

    fn serve(&mut self, path: &Path, plugin: Plugin) -> Staged {
        let slot = self.slots.entry(path.to_owned()).or_default();
        // Who served before keeps its rank, so that a new version doesn't lose its names to a newcomer.
        let rank = slot.serving.as_ref().map_or(self.served, |(rank, _)| *rank);
        self.freed |= slot.serving.is_some();
        self.served += 1;
        slot.serving = Some((rank, Arc::new(plugin)));
        slot.refused = None;
        Staged::Changed
    }

    fn drop_disabled(&mut self, path: &Path) -> Staged {
        match self.slots.remove(path).and_then(|slot| slot.serving) {
            Some(_) => Staged::Changed,
            None => Staged::Same,
        }
    }

    fn refuse(&mut self, path: &Path, error: LoadError) -> Staged {
        self.slots.entry(path.to_owned()).or_default().refuse(path, error);
        Staged::Changed
    }

    fn publish(&self) {
        let mut serving: Vec<_> = self.slots.values().filter_map(|slot| slot.serving.as_ref()).collect();
        serving.sort_by_key(|(rank, _)| *rank);
        let plugins = serving.into_iter().map(|(_, plugin)| Arc::clone(plugin)).collect();
        let refused = self.slots.iter().filter_map(|(path, slot)| {
            slot.refused.as_ref().map(|error| Refused { file: path.clone(), error: Arc::clone(error) })
        });
        self.runtime.publish(Catalog::of(plugins, refused.collect()));
    }
}

//! What came of each file: the version that serves, why the newest doesn't, the version before.
//!
//! Decides who serves. Reads no file, compiles nothing, and publishes nothing: [`Slots::catalog`] is what would
//! be served.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use super::{
    control::{Event, State, Status, Version},
    history::History,
    may_pass_later,
    stage::Fit,
};
use crate::{
    Loaded,
    catalog::{self, Catalog, Refused},
    difference::{Difference, Surface},
    error::LoadError,
    load,
    plugin::Plugin,
};

/// All of them, by file.
#[derive(Default)]
pub(super) struct Slots {
    of: BTreeMap<PathBuf, Slot>,
    history: History,
    /// How many versions were put to serve so far: who came first keeps a name.
    served: u64,
    /// A plugin went or changed, and with it perhaps a name that another one wants.
    freed: bool,
    /// What the log is to say once it is true: once the catalog is replaced.
    words: Vec<Box<dyn FnOnce() + Send + Sync>>,
}

/// What came of one file.
#[derive(Default)]
struct Slot {
    serving: Option<Serving>,
    refused: Option<Arc<LoadError>>,
    /// Of the bytes that were read last.
    digest: Option<String>,
    /// Hash and size of the version that served before, to go back to.
    previous: Option<(String, u64)>,
    /// The operator went back from what is in the file.
    rolled_back: bool,
}

struct Serving {
    rank: u64,
    generation: u64,
    since: SystemTime,
    plugin: Arc<Plugin>,
}

impl Serving {
    fn version(&self) -> Version {
        Version {
            digest: self.plugin.digest.clone(),
            generation: self.generation,
            size: self.plugin.size,
            tools: self.plugin.tools.iter().map(|tool| tool.public_name.to_string()).collect(),
            since: self.since,
        }
    }
}

impl Slots {
    /// The hash of the bytes that were read last, unless the same bytes may be judged otherwise now.
    pub(super) fn read_last(&self, path: &Path) -> Option<String> {
        let slot = self.of.get(path)?;
        let open = slot.refused.as_ref().is_some_and(|error| may_pass_later(error));
        slot.digest.clone().filter(|_| !open)
    }

    /// Why the newest bytes of a file don't serve.
    pub(super) fn reason(&self, path: &Path) -> Option<&Arc<LoadError>> {
        self.of.get(path)?.refused.as_ref()
    }

    /// The plugin that a file gave.
    pub(super) fn serving(&self, path: &Path) -> Option<Arc<Plugin>> {
        Some(Arc::clone(&self.of.get(path)?.serving.as_ref()?.plugin))
    }

    /// The file of the plugin that serves under this id, and the version before it.
    pub(super) fn by_id(&self, id: &str) -> Option<(&PathBuf, Option<(String, u64)>)> {
        let serves =
            |slot: &Slot| slot.serving.as_ref().is_some_and(|serving| serving.plugin.id.as_str() == id);
        let (path, slot) = self.of.iter().find(|(_, slot)| serves(slot))?;
        Some((path, slot.previous.clone()))
    }

    /// All files that gave something.
    pub(super) fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.of.keys()
    }

    pub(super) fn contains(&self, path: &Path) -> bool {
        self.of.contains_key(path)
    }

    /// Forgets files that gave nothing and aren't there any more. Whether there were any.
    pub(super) fn retain(&mut self, is_there: impl Fn(&PathBuf) -> bool) -> bool {
        let before = self.of.len();
        self.of.retain(|path, slot| slot.serving.is_some() || is_there(path));
        self.of.len() != before
    }

    /// Notes why the newest bytes of a file don't serve; what serves goes on.
    pub(super) fn refuse(&mut self, path: &Path, digest: Option<String>, error: LoadError) {
        let slot = self.of.entry(path.to_owned()).or_default();
        let serving = slot.serving.as_ref().map(|serving| serving.plugin.digest.as_str());
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let plugin = path.file_stem().unwrap_or_default().to_string_lossy();
        match serving {
            Some(serving) => tracing::warn!(
                %plugin, %file, reason = %error, serving, "plugin refused; its earlier version goes on"
            ),
            None => tracing::warn!(%plugin, %file, reason = %error, "plugin refused"),
        }
        let error = Arc::new(error);
        slot.digest.clone_from(&digest);
        slot.refused = Some(Arc::clone(&error));
        if let Ok(id) = load::id_of(path) {
            self.history.note(&id, Event::Refused { digest, reason: error });
        }
    }

    /// Notes that a file is one too many: said for all of them at once, and no event of its plugin.
    pub(super) fn set_aside(&mut self, path: &Path, error: LoadError) {
        self.of.entry(path.to_owned()).or_default().refused = Some(Arc::new(error));
    }

    /// Puts a version to serve that was in the file, unless another plugin has its name.
    pub(super) fn offer(&mut self, path: &Path, fit: Fit) {
        let Fit { loaded: Loaded { plugin, compile, cached, describe }, read } = fit;
        let digest = Some(plugin.digest.clone());
        let serves = self.serving(path);
        if let Err(error) = self.clash(&plugin, path) {
            return self.refuse(path, digest, error);
        }
        let difference =
            serves.map(|before| Difference::between(&Surface::of(&before), &Surface::of(&plugin)));
        let id = plugin.id.clone();
        let version = self.serve(path, plugin);
        if let Some(slot) = self.of.get_mut(path) {
            slot.digest = digest;
            slot.rolled_back = false;
        }
        let (plugin, digest, tools) = (id.clone(), version.digest.clone(), version.tools.len());
        let changes = difference.as_ref().map(Difference::summary);
        self.words.push(Box::new(move || {
            tracing::info!(
                %plugin, digest, tools, changes,
                read_ms = ms(read), compile_ms = ms(compile), cached, describe_ms = ms(describe),
                "plugin loaded"
            );
        }));
        self.history.note(&id, Event::Loaded { version, difference });
    }

    /// The file holds again what serves, after something else.
    pub(super) fn back_to_what_serves(&mut self, path: &Path) {
        if let Some(slot) = self.of.get_mut(path) {
            slot.digest = slot.serving.as_ref().map(|serving| serving.plugin.digest.clone());
            slot.refused = None;
            slot.rolled_back = false;
            tracing::info!(file = %path.display(), "the file holds again what serves");
        }
    }

    /// Puts a version to serve that isn't in the file.
    pub(super) fn roll_back(&mut self, path: &Path, plugin: Plugin) -> Result<Version, LoadError> {
        self.clash(&plugin, path)?;
        let before = self.serving(path).map(|plugin| Surface::of(&plugin)).unwrap_or_default();
        let difference = Difference::between(&before, &Surface::of(&plugin));
        let id = plugin.id.clone();
        let version = self.serve(path, plugin);
        let (plugin, digest, changes) = (id.clone(), version.digest.clone(), difference.summary());
        self.words.push(Box::new(move || {
            tracing::info!(
                %plugin, digest, changes, "plugin rolled back, until its file changes or the host restarts"
            );
        }));
        if let Some(slot) = self.of.get_mut(path) {
            slot.rolled_back = slot.digest.as_ref() != Some(&version.digest);
        }
        self.history.note(&id, Event::RolledBack { version: version.clone(), difference });
        Ok(version)
    }

    /// Puts the same code to serve under what the operator says now.
    pub(super) fn under_new_policy(&mut self, path: &Path, plugin: Plugin) {
        let id = plugin.id.clone();
        self.history.note(&id, Event::PolicyChanged);
        self.serve(path, plugin);
        self.words.push(Box::new(move || tracing::info!(plugin = %id, "plugin under its new policy")));
    }

    fn serve(&mut self, path: &Path, mut plugin: Plugin) -> Version {
        let slot = self.of.entry(path.to_owned()).or_default();
        let before = slot.serving.take();
        let new_code = before.as_ref().is_none_or(|before| before.plugin.digest != plugin.digest);
        plugin.stats = self.history.stats(&plugin.id);
        // Who served before keeps its rank, so that a new version doesn't lose its names to a newcomer.
        let rank = before.as_ref().map_or(self.served, |before| before.rank);
        self.freed |= before.is_some();
        self.served += 1;
        let serving = Serving {
            rank,
            generation: self.history.generation(&plugin.id, new_code),
            since: before.as_ref().filter(|_| !new_code).map_or_else(SystemTime::now, |before| before.since),
            plugin: Arc::new(plugin),
        };
        if let Some(before) = before.filter(|_| new_code) {
            slot.previous = Some((before.plugin.digest.clone(), before.plugin.size));
        }
        slot.refused = None;
        slot.serving.insert(serving).version()
    }

    /// Whether another plugin has an id or a name that this one wants.
    pub(super) fn clash(&self, plugin: &Plugin, path: &Path) -> Result<(), LoadError> {
        let others = self.of.iter().filter(|(other, _)| *other != path);
        catalog::clash(plugin, others.filter_map(|(_, slot)| Some(&*slot.serving.as_ref()?.plugin)))
    }

    /// Forgets a file that gave nothing, so that it is judged anew. Whether it was known.
    pub(super) fn forget(&mut self, path: &Path) -> bool {
        self.of.remove(path).is_some()
    }

    /// Ends what a file gave; the log says it in these words if something served. Whether the file was known.
    pub(super) fn remove(&mut self, path: &Path, said: &'static str) -> bool {
        let Some(slot) = self.of.remove(path) else { return false };
        if let Some(serving) = slot.serving {
            self.freed = true;
            let plugin = serving.plugin.id.clone();
            self.history.note(&plugin, Event::Removed);
            self.words.push(Box::new(move || tracing::info!(%plugin, "{said}")));
        }
        true
    }

    /// Files whose newest bytes are held back until the operator says otherwise.
    pub(super) fn quarantined(&self) -> Vec<PathBuf> {
        let held = |slot: &Slot| slot.refused.as_deref().is_some_and(LoadError::is_quarantined);
        self.of.iter().filter(|(_, slot)| held(slot)).map(|(path, _)| path.clone()).collect()
    }

    /// There is no going back any more.
    pub(super) fn forget_previous(&mut self) {
        for slot in self.of.values_mut() {
            slot.previous = None;
        }
    }

    /// Has what was refused judged anew: the files.
    pub(super) fn forget_refused(&mut self) -> Vec<PathBuf> {
        let refused = self.of.iter_mut().filter(|(_, slot)| slot.refused.is_some());
        refused
            .map(|(path, slot)| {
                slot.digest = None;
                path.clone()
            })
            .collect()
    }

    /// Files that were refused for a name which may be free now; each is named once.
    pub(super) fn clashes_to_retry(&mut self) -> Vec<PathBuf> {
        if !std::mem::take(&mut self.freed) {
            return Vec::new();
        }
        let clashes = |slot: &Slot| slot.refused.as_deref().is_some_and(LoadError::is_a_clash);
        self.of.iter().filter(|(_, slot)| clashes(slot)).map(|(path, _)| path.clone()).collect()
    }

    /// What would be served.
    pub(super) fn catalog(&self) -> Catalog {
        let mut serving: Vec<_> = self.of.values().filter_map(|slot| slot.serving.as_ref()).collect();
        serving.sort_by_key(|serving| serving.rank);
        let plugins = serving.into_iter().map(|serving| Arc::clone(&serving.plugin)).collect();
        let refused = self.of.iter().filter_map(|(path, slot)| {
            slot.refused.as_ref().map(|error| Refused { file: path.clone(), error: Arc::clone(error) })
        });
        Catalog::of(plugins, refused.collect())
    }

    /// Says what is true now that [`Slots::catalog`] is served.
    pub(super) fn say(&mut self) {
        self.words.drain(..).for_each(|words| words());
    }

    /// What happened to each plugin.
    pub(super) fn history(&self) -> &History {
        &self.history
    }

    /// How each stands, sorted by file.
    pub(super) fn status(&self) -> Vec<Status> {
        let status = |(path, slot): (&PathBuf, &Slot)| Status {
            id: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            file: path.clone(),
            state: slot.state(),
            serving: slot.serving.as_ref().map(Serving::version),
            refused: slot.refused.clone(),
            figures: slot.serving.as_ref().map(|serving| serving.plugin.stats.figures()).unwrap_or_default(),
        };
        self.of.iter().map(status).collect()
    }
}

impl Slot {
    fn state(&self) -> State {
        match (&self.serving, &self.refused) {
            (None, _) => State::Refused,
            (Some(_), Some(_)) => State::Outdated,
            (Some(_), None) if self.rolled_back => State::RolledBack,
            (Some(_), None) => State::Serving,
        }
    }
}

/// Milliseconds, to a tenth.
fn ms(duration: std::time::Duration) -> f64 {
    (duration.as_secs_f64() * 1e4).round() / 10.0
}

//! From a file that changed to a plugin that could serve: beside what serves, one task per file.
//!
//! Nothing here touches the catalog. A file that changes again while it is staged is staged anew; the task
//! that is dropped for it takes its compiler process with it.

use std::{collections::BTreeMap, path::Path, path::PathBuf, sync::Arc, time::Duration};

use tokio::{
    sync::Semaphore,
    task::{AbortHandle, JoinSet},
    time::Instant,
};

use cofferdam_policy::PluginId;

use super::{Policy, Rules};
use crate::{
    Loaded, Runtime,
    error::LoadError,
    load::{self, Bytes, Stamp},
    plugin::PluginSpec,
    trust::Trust,
};

/// Files that are staged at the same time: each holds its bytes in memory.
const AT_ONCE: usize = 8;

/// What is to be staged.
pub(super) struct Job {
    pub(super) runtime: Arc<Runtime>,
    pub(super) policy: Policy,
    pub(super) path: PathBuf,
    /// As the looks saw it.
    pub(super) stamp: Stamp,
    /// The hash of what was read last, if that has been decided on.
    pub(super) read_last: Option<String>,
    /// The hash of what serves.
    pub(super) serving: Option<String>,
}

/// What came of it.
pub(super) struct Staged {
    pub(super) path: PathBuf,
    /// Of what was read.
    pub(super) stamp: Stamp,
    /// Of what was read; none: nothing was.
    pub(super) digest: Option<String>,
    pub(super) what: What,
}

/// What a file holds.
pub(super) enum What {
    /// A plugin.
    Fit(Box<Fit>),
    /// The bytes that were read last.
    Same,
    /// The bytes that serve.
    Serves,
    /// A plugin that the operator doesn't want loaded.
    Disabled,
    /// Something that can't serve.
    Unfit(LoadError),
    /// Nobody knows: somebody is writing it.
    Unsettled,
}

/// A plugin that could serve, and how long its file took to be read.
pub(super) struct Fit {
    pub(super) loaded: Loaded,
    pub(super) read: Duration,
}

/// The tasks that stage.
pub(super) struct Staging {
    tasks: JoinSet<Staged>,
    of: BTreeMap<PathBuf, (Stamp, AbortHandle)>,
    places: Arc<Semaphore>,
}

impl Default for Staging {
    fn default() -> Self {
        Self { tasks: JoinSet::new(), of: BTreeMap::new(), places: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Staging {
    /// Starts a task, in place of an earlier one for the same file; none, if that one has seen the same state.
    pub(super) fn start(&mut self, job: Job) {
        if self.of.get(&job.path).is_some_and(|(stamp, _)| *stamp == job.stamp) {
            return;
        }
        self.cancel(&job.path);
        let (path, stamp, places) = (job.path.clone(), job.stamp.clone(), Arc::clone(&self.places));
        let task = self.tasks.spawn(async move {
            // Never closed.
            let _place = places.acquire().await;
            stage(job).await
        });
        self.of.insert(path, (stamp, task));
    }

    /// Ends the task for this file.
    pub(super) fn cancel(&mut self, path: &Path) {
        if let Some((_, task)) = self.of.remove(path) {
            task.abort();
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.of.len()
    }

    /// The files that are being staged.
    pub(super) fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.of.keys()
    }

    /// Waits for a task to end. None: it was one that no longer counts.
    pub(super) async fn next(&mut self) -> Option<Staged> {
        let ended = self.tasks.join_next_with_id().await?;
        self.ended(ended)
    }

    fn ended(&mut self, ended: Result<(tokio::task::Id, Staged), tokio::task::JoinError>) -> Option<Staged> {
        let id = ended.as_ref().map_or_else(tokio::task::JoinError::id, |(id, _)| *id);
        // A task that was ended for a later one may have been done already.
        let path = self.of.iter().find(|(_, (_, task))| task.id() == id).map(|(path, _)| path.clone())?;
        let (stamp, _) = self.of.remove(&path)?;
        Some(ended.map(|(_, staged)| staged).unwrap_or_else(|failure| {
            let what = What::Unfit(LoadError::Internal(failure.to_string()));
            Staged { path, stamp, digest: None, what }
        }))
    }
}

async fn stage(job: Job) -> Staged {
    let Job { runtime, policy, path, stamp, read_last, serving } = job;
    let nothing_read = |path, what| Staged { path, stamp: stamp.clone(), digest: None, what };
    let id = match load::id_of(&path) {
        Ok(id) => id,
        Err(error) => return nothing_read(path, What::Unfit(error)),
    };
    let Rules { specs, trust } = policy.borrow().clone();
    let Some(spec) = specs(&id) else { return nothing_read(path, What::Disabled) };
    let started = Instant::now();
    let (bytes, stamp) = match read(&runtime, &path).await {
        Ok(read) => read,
        Err(LoadError::Changing) => return nothing_read(path, What::Unsettled),
        Err(error) => return nothing_read(path, What::Unfit(error)),
    };
    let read = started.elapsed();
    let known = Some(&bytes.digest);
    let what = match () {
        () if read_last.as_ref() == known => What::Same,
        () if serving.as_ref() == known => What::Serves,
        () => match load(&runtime, &trust, (id, &path), &bytes, spec).await {
            Ok(loaded) => What::Fit(Box::new(Fit { loaded, read })),
            Err(error) => What::Unfit(error),
        },
    };
    Staged { path, stamp, digest: Some(bytes.digest), what }
}

async fn read(runtime: &Runtime, path: &Path) -> Result<(Bytes, Stamp), LoadError> {
    let (path, limits) = (path.to_owned(), runtime.load_limits.clone());
    let read = move || load::whole(&path, &limits).map(|read| (read.bytes, read.stamp));
    crate::blocking(read).await?
}

/// Loads what may come into service: judged by its bytes before anything is made of them, and by what it says.
async fn load(
    runtime: &Runtime,
    trust: &Trust,
    (id, file): (PluginId, &Path),
    bytes: &Bytes,
    spec: PluginSpec,
) -> Result<Loaded, LoadError> {
    let signature = trust.signature(file)?;
    trust.judge_bytes(&id, file, &bytes.content, &bytes.digest, signature.as_deref())?;
    let loaded = runtime.load(id.clone(), bytes, spec).await?;
    trust.judge_surface(&id, &loaded.plugin)?;
    Ok(loaded)
}

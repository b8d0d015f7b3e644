//! Questions and orders to the one task that replaces the catalog, from the operator's side.
//!
//! Nothing here decides: each request is answered by [`super::Reload`] between two passes.

use std::{path::PathBuf, sync::Arc, time::SystemTime};

use cofferdam_policy::PluginId;
use tokio::sync::{mpsc, oneshot};

use crate::{difference::Difference, error::LoadError, stats::Figures};

/// Where an operator asks.
#[derive(Debug, Clone)]
pub struct Control(mpsc::Sender<Request>);

/// What can be asked, and where the answer goes.
#[derive(Debug)]
pub(super) enum Request {
    Status(oneshot::Sender<Vec<Status>>),
    Rescan(oneshot::Sender<Vec<Status>>),
    Rollback(PluginId, oneshot::Sender<Result<Version, RollbackError>>),
    History(PluginId, oneshot::Sender<Option<Vec<Change>>>),
}

/// What came of one file.
#[derive(Debug, Clone)]
pub struct Status {
    /// The plugin's id, or the file's stem if that is none.
    pub id: String,
    /// The file.
    pub file: PathBuf,
    /// In one word.
    pub state: State,
    /// The version that serves.
    pub serving: Option<Version>,
    /// Why the newest bytes of the file don't serve.
    pub refused: Option<Arc<LoadError>>,
    /// Of all versions since the host started.
    pub figures: Figures,
}

/// How a plugin stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// What is in the file serves.
    Serving,
    /// An earlier version serves, since what is in the file was refused.
    Outdated,
    /// An earlier version serves, since the operator went back to it.
    RolledBack,
    /// Nothing serves.
    Refused,
    /// Nothing serves yet: its file is being read, compiled or asked.
    Staging,
}

/// One version of a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// SHA-256 of the component, in hexadecimal.
    pub digest: String,
    /// Counts the versions of this plugin that served since the host started, from 1.
    pub generation: u64,
    /// Size of the component in bytes.
    pub size: u64,
    /// Public names of its tools, sorted.
    pub tools: Vec<String>,
    /// Since when it serves.
    pub since: SystemTime,
}

/// Something that happened to a plugin.
#[derive(Debug, Clone)]
pub struct Change {
    /// When.
    pub at: SystemTime,
    /// What.
    pub event: Event,
}

/// What can happen to a plugin.
#[derive(Debug, Clone)]
pub enum Event {
    /// A version serves that was in the file.
    Loaded {
        /// It.
        version: Version,
        /// To what served before; none: nothing did.
        difference: Option<Difference>,
    },
    /// What was in the file doesn't serve.
    Refused {
        /// SHA-256 of its bytes, if they were read.
        digest: Option<String>,
        /// Why.
        reason: Arc<LoadError>,
    },
    /// The operator went back to an earlier version.
    RolledBack {
        /// It.
        version: Version,
        /// To what served before.
        difference: Difference,
    },
    /// It serves under other limits, settings or names.
    PolicyChanged,
    /// Its file is gone, or the operator disabled it.
    Removed,
}

/// Why a plugin stays at its version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RollbackError {
    /// Nothing serves under this id.
    #[error("no plugin `{0}` serves: `cofferdam ps` lists those that do")]
    Unknown(String),
    /// It has had one version only.
    #[error("`{0}` has had no other good version since the host started")]
    NoPrevious(String),
    /// The version before is not kept any more.
    #[error("the previous version of `{id}` ({digest}) can't be loaded again: {reason}")]
    Gone {
        /// The plugin.
        id: String,
        /// SHA-256 of the version.
        digest: String,
        /// Why.
        reason: String,
    },
    /// The host is ending.
    #[error("the host is ending")]
    Ending,
}

impl Control {
    pub(super) fn new() -> (Self, mpsc::Receiver<Request>) {
        let (sender, receiver) = mpsc::channel(16);
        (Self(sender), receiver)
    }

    /// All files, sorted by id; empty once the host ends.
    pub async fn status(&self) -> Vec<Status> {
        self.ask(Request::Status).await.unwrap_or_default()
    }

    /// Looks at the directory now, reads again what was refused, and returns once all of it is staged.
    pub async fn rescan(&self) -> Vec<Status> {
        self.ask(Request::Rescan).await.unwrap_or_default()
    }

    /// Puts the previous good version to serve, until the file changes or the host restarts.
    ///
    /// # Errors
    /// [`RollbackError`] with the reason for which nothing changed.
    pub async fn rollback(&self, id: PluginId) -> Result<Version, RollbackError> {
        self.ask(|answer| Request::Rollback(id, answer)).await.unwrap_or(Err(RollbackError::Ending))
    }

    /// What happened to a plugin since the host started, oldest first, the last 64 changes; none: it was never seen.
    pub async fn history(&self, id: PluginId) -> Option<Vec<Change>> {
        self.ask(|answer| Request::History(id, answer)).await.flatten()
    }

    async fn ask<T>(&self, request: impl FnOnce(oneshot::Sender<T>) -> Request) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        self.0.send(request(answer)).await.ok()?;
        answered.await.ok()
    }
}

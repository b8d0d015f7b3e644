//! The one task that replaces the catalog: looks, stages what changed beside it, swaps.
//!
//! File events are only hints to look ([`watch`]); what a look shows decides ([`plan`]). Each file is staged by a
//! task of its own ([`stage`]), so that one which takes long holds up no other; what came of it is settled here,
//! one after the other, into [`slots`]. A version that fails leaves the one before it serving; a plugin whose file
//! is gone serves the calls that it has, and its code goes with the last.

pub mod control;
mod history;
pub(crate) mod look;
mod plan;
mod policy;
mod requests;
mod slots;
mod stage;
mod watch;

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use cofferdam_policy::PluginId;
use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use self::{
    control::{Control, Request, Status},
    look::{Found, Looked},
    slots::Slots,
    stage::{Job, Staged, Staging, What},
};
use crate::{Runtime, error::LoadError, load::Stamp, plugin::PluginSpec, trust::Trust};

/// Between two looks that have to agree.
const SETTLE: Duration = Duration::from_millis(50);
/// After a hint: its file is often written to its end by then, and the first of two looks is not wasted.
const PAUSE: Duration = Duration::from_millis(5);
/// How long what is ready waits for what is staged at the same time, so that many changes are one swap.
const GATHER: Duration = Duration::from_millis(50);
/// Between looks when no event comes: some file systems send none.
const POLL: Duration = Duration::from_secs(2);
/// How long a start waits for what is in the directory. What takes longer comes later, as any new plugin would.
const START: Duration = Duration::from_secs(30);

/// What the operator says of each plugin; none: it is not to be loaded.
pub type Specs = Arc<dyn Fn(&PluginId) -> Option<PluginSpec> + Send + Sync>;

/// What the operator says of plugins.
#[derive(Clone)]
pub struct Rules {
    /// Of each one.
    pub specs: Specs,
    /// Who decides which may come into service.
    pub trust: Trust,
}

/// What the operator says, now and later.
pub type Policy = tokio::sync::watch::Receiver<Rules>;

/// Keeps the catalog like the directory.
pub struct Reload {
    runtime: Arc<Runtime>,
    directory: PathBuf,
    policy: Policy,
    /// What was in force when the policy changed last.
    trust: Trust,
    /// What the last look showed, and when that was.
    before: Looked,
    looked: Instant,
    /// What was read, as it was then.
    known: BTreeMap<PathBuf, Stamp>,
    slots: Slots,
    staging: Staging,
    /// What is staged and waits for others, and how long it does.
    staged: Vec<Staged>,
    gathered: Option<Instant>,
    /// Something was being written when it was read.
    unsettled: bool,
    control: Control,
    requests: mpsc::Receiver<Request>,
    /// Who wants to know when nothing is being staged any more.
    waiting: Vec<oneshot::Sender<Vec<Status>>>,
}

impl Reload {
    /// Loads what is in `directory` now; [`Reload::run`] follows it, and the policy, from then on.
    ///
    /// # Errors
    /// If the directory is there and can't be read. One that isn't there is empty, and may come.
    pub async fn start(runtime: Arc<Runtime>, directory: &Path, policy: Policy) -> io::Result<Self> {
        let (control, requests) = Control::new();
        let trust = policy.borrow().trust.clone();
        let mut reload = Self {
            runtime,
            directory: directory.to_owned(),
            trust,
            policy,
            before: Looked::new(),
            looked: Instant::now(),
            known: BTreeMap::new(),
            slots: Slots::default(),
            staging: Staging::default(),
            staged: Vec::new(),
            gathered: None,
            unsettled: false,
            control,
            requests,
            waiting: Vec::new(),
        };
        // At the start nobody waits for a file to settle: what is there is read, and read again if it changes.
        reload.before = reload.look().await?;
        reload.pass().await?;
        let mut staged = Vec::new();
        let all = async {
            while !reload.staging.is_empty() {
                staged.extend(reload.staging.next().await);
            }
        };
        if tokio::time::timeout(START, all).await.is_err() {
            tracing::warn!(
                left = reload.staging.len(),
                "plugins take long to load, and are served as they come"
            );
        }
        reload.settle(staged);
        reload.publish();
        Ok(reload)
    }

    /// Where an operator can ask and order.
    #[must_use]
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Follows the directory until `stop` is cancelled.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut hints = watch::Hints::of(&self.directory);
        let mut due = self.looked + POLL;
        loop {
            if self.unsettled {
                due = self.looked;
            }
            // Two looks say something only with time between them, whoever asked for them.
            due = due.max(self.looked + SETTLE);
            tokio::select! {
                () = stop.cancelled() => return,
                staged = self.staging.next(), if !self.staging.is_empty() => self.gather(staged),
                () = until(self.gathered) => self.settle_gathered(),
                Some(request) = self.requests.recv() => self.answer(request).await,
                () = hints.next() => due = due.min(Instant::now() + PAUSE),
                Ok(()) = self.policy.changed() => {
                    self.apply_policy().await;
                    due = self.looked;
                }
                () = tokio::time::sleep_until(due) => {
                    hints.follow(&self.directory);
                    self.try_pass().await;
                    due = self.looked + POLL;
                }
            }
        }
    }

    async fn look(&self) -> io::Result<Looked> {
        let (directory, limits) = (self.directory.clone(), self.runtime.load_limits.clone());
        let looked = tokio::task::spawn_blocking(move || look::look(&directory, &limits)).await;
        match looked.map_err(io::Error::other)? {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Looked::new()),
            looked => looked,
        }
    }

    async fn try_pass(&mut self) {
        if let Err(error) = self.pass().await {
            self.unsettled = false;
            tracing::warn!(directory = %self.directory.display(), %error, "can't look at the plugins directory");
        }
    }

    /// Looks once, and starts what the look and the one before it agree on.
    async fn pass(&mut self) -> io::Result<()> {
        self.looked = Instant::now();
        let now = self.look().await?;
        let plan = plan::plan(&self.known, &self.before, &now);
        let mut changed = self.note_unfit(&now);
        for path in plan.gone {
            changed |= self.remove(&path);
        }
        for path in plan.read {
            if let Some(Found::File(stamp)) = now.get(&path) {
                self.stage(path, stamp.clone());
            }
        }
        self.before = now;
        self.unsettled = plan.unsettled;
        if changed {
            self.publish();
        }
        // The last that somebody waited for may have gone.
        if self.staging.is_empty() && !self.waiting.is_empty() {
            self.settle_gathered();
        }
        Ok(())
    }

    /// Files that may not be read: each says so once, and leaves what it gave before serving. Of those that are
    /// too many, one line says it for all.
    fn note_unfit(&mut self, now: &Looked) -> bool {
        let mut changed = false;
        let mut surplus = Vec::new();
        for (path, found) in now {
            let Found::Unfit(unfit) = found else { continue };
            self.forget(path);
            if self.slots.reason(path).is_some_and(|known| known.to_string() == unfit.to_string()) {
                continue;
            }
            changed = true;
            if unfit.is_surplus() {
                self.slots.set_aside(path, unfit.error());
                surplus.push((path, unfit));
            } else {
                self.slots.refuse(path, None, unfit.error());
            }
        }
        if let Some((first, reason)) = surplus.first() {
            let files = surplus.len();
            tracing::warn!(file = %first.display(), files, %reason, "plugins refused; this file is the first");
        }
        self.slots.retain(|path| now.contains_key(path)) || changed
    }

    fn remove(&mut self, path: &Path) -> bool {
        self.known.remove(path);
        self.forget(path);
        self.slots.remove(path, "plugin removed; calls that run go on")
    }

    /// Ends what is on its way from a file.
    fn forget(&mut self, path: &Path) {
        self.staging.cancel(path);
        self.staged.retain(|staged| staged.path != path);
    }

    /// Starts to stage a file, unless that very state of it is being staged.
    fn stage(&mut self, path: PathBuf, stamp: Stamp) {
        let job = Job {
            runtime: Arc::clone(&self.runtime),
            policy: self.policy.clone(),
            read_last: self.slots.read_last(&path),
            serving: self.slots.serving(&path).map(|plugin| plugin.digest.clone()),
            path,
            stamp,
        };
        self.staging.start(job);
    }

    /// Has what is ready wait for what is on its way, if anything is.
    fn gather(&mut self, staged: Option<Staged>) {
        self.staged.extend(staged);
        if self.staging.is_empty() {
            self.settle_gathered();
        } else if !self.staged.is_empty() {
            self.gathered.get_or_insert_with(|| Instant::now() + GATHER);
        }
    }

    /// Settles what is ready, with one swap.
    fn settle_gathered(&mut self) {
        self.gathered = None;
        let staged = std::mem::take(&mut self.staged);
        if self.settle(staged) {
            self.publish();
        }
        if self.staging.is_empty() {
            let status = self.slots.status();
            // Who asked may have gone.
            self.waiting.drain(..).for_each(|waiting| drop(waiting.send(status.clone())));
        }
    }

    /// In the order of the files' names: so who gets a name that two want doesn't depend on who was quicker.
    fn settle(&mut self, mut staged: Vec<Staged>) -> bool {
        staged.sort_by(|a, b| a.path.cmp(&b.path));
        let mut changed = false;
        for staged in staged {
            changed |= self.settle_one(staged);
        }
        changed
    }

    /// Whether the catalog has to be replaced.
    fn settle_one(&mut self, staged: Staged) -> bool {
        let Staged { path, stamp, digest, what } = staged;
        self.known.insert(path.clone(), stamp);
        match what {
            What::Unsettled => {
                self.known.remove(&path);
                self.unsettled = true;
                false
            }
            What::Same => false,
            What::Serves => {
                self.slots.back_to_what_serves(&path);
                true
            }
            What::Disabled => self.slots.remove(&path, "plugin disabled; calls that run go on"),
            What::Unfit(error) => {
                self.slots.refuse(&path, digest, error);
                true
            }
            What::Fit(fit) if self.is_overtaken(&fit.loaded.plugin) => {
                // The operator said something else meanwhile.
                self.known.remove(&path);
                self.unsettled = true;
                false
            }
            What::Fit(fit) => {
                self.slots.offer(&path, *fit);
                true
            }
        }
    }

    /// Serves what the slots hold. Files that were refused for a name which may be free now are read again.
    fn publish(&mut self) {
        for path in self.slots.clashes_to_retry() {
            self.unsettled |= self.known.remove(&path).is_some();
        }
        self.runtime.publish(self.slots.catalog());
        self.slots.say();
    }
}

/// Waits until then; for ever, if there is nothing to wait for.
async fn until(then: Option<Instant>) {
    match then {
        Some(then) => tokio::time::sleep_until(then).await,
        None => std::future::pending().await,
    }
}

/// Whether a refusal says nothing of the bytes, so that the same ones may be fit later.
fn may_pass_later(error: &LoadError) -> bool {
    error.is_a_clash() || error.is_quarantined()
}

//! Follows the operator's files: what they say of plugins, limits and trust applies without a restart.
//!
//! The files are looked at every second, so that every way of writing them counts. A configuration that doesn't
//! hold is reported in full, and the last good one goes on. A lock that can't be read approves nothing.

use std::{fs, path::Path, sync::Arc, time::Duration};

use cofferdam_runtime::{
    Policy, Rules,
    trust::{self, Lock, Signatures},
};
use tokio::sync::watch;

use crate::config::{Config, Trust};

/// Between two looks.
const PERIOD: Duration = Duration::from_secs(1);

/// What the operator says of plugins, now and later. Ends to follow when nobody listens any more.
///
/// # Errors
/// If a trusted key is none.
pub(crate) fn policy(config: &Config) -> anyhow::Result<Policy> {
    let (sender, policy) = watch::channel(rules(config)?);
    tokio::spawn(follow(config.clone(), sender));
    Ok(policy)
}

fn rules(config: &Config) -> anyhow::Result<Rules> {
    let trust = match &config.trust {
        Trust::Open => trust::Trust::Open,
        Trust::Lock => trust::Trust::Lock(Arc::new(Lock::read(&config.lock_file()))),
        Trust::Signed(keys) => trust::Trust::Signed(Arc::new(Signatures::new(keys)?)),
    };
    if let trust::Trust::Lock(lock) = &trust
        && let Err(error) = &**lock
    {
        tracing::error!(%error, "the lock can't be used, so nothing new comes into service");
    }
    let config = config.clone();
    let specs = Arc::new(move |id: &_| config.is_enabled(id).then(|| config.plugin_spec(id)));
    Ok(Rules { specs, trust })
}

async fn follow(mut config: Config, sender: watch::Sender<Rules>) {
    let mut file = Followed::new(config.file.as_deref());
    let mut lock = Followed::new(lock_of(&config).as_deref());
    while !sender.is_closed() {
        tokio::time::sleep(PERIOD).await;
        let mut changed = false;
        // A file that is gone may be on its way back; what it said holds until it says something else.
        if file.changed(config.file.as_deref()) && file.is_there() {
            match config.again() {
                Ok(new) => {
                    note(&new, &config);
                    config = new;
                    changed = true;
                }
                Err(rejected) => tracing::error!(
                    file = config.file.as_deref().map(|file| tracing::field::display(file.display())),
                    "the configuration doesn't hold, so the last good one goes on:\n{}", rejected.render(false)
                ),
            }
        }
        if lock.changed(lock_of(&config).as_deref()) && config.trust == Trust::Lock {
            tracing::info!("the lock changed");
            changed = true;
        }
        match changed.then(|| rules(&config)) {
            Some(Ok(rules)) => drop(sender.send_replace(rules)),
            // Keys are checked with the configuration.
            Some(Err(error)) => tracing::error!(%error, "the configuration can't be used"),
            None => {}
        }
    }
}

fn lock_of(config: &Config) -> Option<std::path::PathBuf> {
    (config.trust == Trust::Lock).then(|| config.lock_file())
}

fn note(new: &Config, running: &Config) {
    tracing::info!(
        file = new.file.as_deref().map(|file| tracing::field::display(file.display())),
        "configuration read again"
    );
    if new.needs_restart(running) {
        tracing::warn!(
            "changes of `plugins_dir`, [server], [log], [load], [compile] and [admin] take effect after a restart"
        );
    }
}

/// What a file held when it was looked at last.
struct Followed(Option<Vec<u8>>);

impl Followed {
    fn new(file: Option<&Path>) -> Self {
        Self(file.and_then(|file| fs::read(file).ok()))
    }

    fn is_there(&self) -> bool {
        self.0.is_some()
    }

    /// Whether the file holds something else than at the look before.
    fn changed(&mut self, file: Option<&Path>) -> bool {
        let before = std::mem::replace(self, Self::new(file));
        before.0 != self.0
    }
}

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
    let trust = trust(config)?;
    warn_of_wide_grants(config);
    let (sender, policy) = watch::channel(rules(config, trust.clone()));
    tokio::spawn(follow(config.clone(), trust, sender));
    Ok(policy)
}

fn rules(config: &Config, trust: trust::Trust) -> Rules {
    let config = config.clone();
    Rules { specs: Arc::new(move |id| config.is_enabled(id).then(|| config.plugin_spec(id))), trust }
}

fn trust(config: &Config) -> anyhow::Result<trust::Trust> {
    Ok(match &config.trust {
        Trust::Open => trust::Trust::Open,
        Trust::Signed(keys) => trust::Trust::Signed(Arc::new(Signatures::new(keys)?)),
        Trust::Lock => {
            let lock = Lock::read(&config.lock_file()).inspect_err(|error| {
                tracing::error!(%error, "the lock can't be used, so nothing new comes into service");
            });
            trust::Trust::Lock(Arc::new(lock))
        }
    })
}

async fn follow(mut config: Config, mut trusted: trust::Trust, sender: watch::Sender<Rules>) {
    let mut file = Followed::new(&config.file_to_come());
    let mut lock = Followed::new(&config.lock_file());
    while !sender.is_closed() {
        tokio::time::sleep(PERIOD).await;
        let mut trust_changed = lock.changed(&config.lock_file()) && config.is_locked();
        let new = read_again(&config, &mut file);
        if !trust_changed && new.is_none() {
            continue;
        }
        if let Some(new) = new {
            trust_changed |= new.trust != config.trust;
            config = new;
        }
        if trust_changed {
            match trust(&config) {
                Ok(new) => trusted = new,
                // Keys are checked with the configuration.
                Err(error) => tracing::error!(%error, "the keys can't be used, and trust stays as it was"),
            }
        }
        sender.send_replace(rules(&config, trusted.clone()));
    }
}

/// The configuration, if it says something else now.
fn read_again(config: &Config, file: &mut Followed) -> Option<Config> {
    // A file that is gone may be on its way back; what it said holds until it says something else.
    if !file.changed(&config.file_to_come()) || !file.is_there() {
        return None;
    }
    match config.again() {
        Ok(new) => {
            note(&new, config);
            warn_of_wide_grants(&new);
            Some(new)
        }
        Err(rejected) => {
            tracing::error!(
                file = config.file.as_deref().map(|file| tracing::field::display(file.display())),
                "the configuration doesn't hold, so the last good one goes on:\n{}",
                rejected.render(false)
            );
            None
        }
    }
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

/// Who may send requests to hosts that nobody has named: an operator should hear of it each time.
fn warn_of_wide_grants(config: &Config) {
    for (plugin, entry) in &config.plugins {
        for line in entry.http.lines.iter().filter(|line| line.is_dangerous()) {
            tracing::warn!(%plugin, grant = %line, "a grant opens hosts that nobody has named");
        }
    }
}

/// What a file held when it was looked at last.
struct Followed(Option<Vec<u8>>);

impl Followed {
    fn new(file: &Path) -> Self {
        Self(fs::read(file).ok())
    }

    fn is_there(&self) -> bool {
        self.0.is_some()
    }

    /// Whether the file holds something else than at the look before.
    fn changed(&mut self, file: &Path) -> bool {
        let before = std::mem::replace(self, Self::new(file));
        before.0 != self.0
    }
}

//! Follows the operator's file: what it says of plugins and limits applies without a restart.
//!
//! The file is looked at every second, so that every way of writing it counts. One that doesn't hold is reported
//! in full, and the last good one goes on.

use std::{fs, sync::Arc, time::Duration};

use cofferdam_runtime::{Policy, Specs};
use tokio::sync::watch;

use crate::config::Config;

/// Between two looks.
const PERIOD: Duration = Duration::from_secs(1);

/// What the operator says of plugins, now and later. Ends to follow when nobody listens any more.
pub(crate) fn policy(config: &Config) -> Policy {
    let (sender, policy) = watch::channel(specs(config));
    tokio::spawn(follow(config.clone(), sender));
    policy
}

fn specs(config: &Config) -> Specs {
    let config = config.clone();
    Arc::new(move |id| config.is_enabled(id).then(|| config.plugin_spec(id)))
}

async fn follow(mut config: Config, sender: watch::Sender<Specs>) {
    let Some(file) = config.file.clone() else { return };
    let mut before = fs::read(&file).ok();
    while !sender.is_closed() {
        tokio::time::sleep(PERIOD).await;
        let now = fs::read(&file).ok();
        // A file that is gone may be on its way back; what it said holds until it says something else.
        if now.is_none() || now == before {
            continue;
        }
        before = now;
        match config.again() {
            Ok(new) => {
                tracing::info!(file = %file.display(), "configuration read again");
                if new.needs_restart(&config) {
                    tracing::warn!(
                        "changes of `plugins_dir`, [server], [log], [load], [compile] and [admin] take effect after a \
                         restart"
                    );
                }
                config = new;
                sender.send_replace(specs(&config));
            }
            Err(rejected) => tracing::error!(
                file = %file.display(),
                "the configuration doesn't hold, so the last good one goes on:\n{}", rejected.render(false)
            ),
        }
    }
}

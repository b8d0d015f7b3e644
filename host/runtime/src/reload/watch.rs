//! Hints that something in the directory changed. Only hints: events get lost, merge, and lie about order.

use std::path::{Path, PathBuf};

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;

/// The hints of one directory, whatever it is today: a directory, a link that is switched, or not there yet.
pub(super) struct Hints {
    watcher: Option<RecommendedWatcher>,
    /// What is watched: the directory as it resolved last, and the one above it, where it may come or be switched.
    watched: Vec<PathBuf>,
    received: mpsc::Receiver<()>,
}

impl Hints {
    /// Starts to watch. Where that can't be done, there are no hints, and polling has to do.
    pub(super) fn of(directory: &Path) -> Self {
        // One hint that waits is as good as many.
        let (hint, received) = mpsc::channel(1);
        let watcher = notify::recommended_watcher(move |_event: notify::Result<notify::Event>| {
            let _ = hint.try_send(());
        });
        let watcher = watcher
            .inspect_err(|error| tracing::warn!(%error, "can't watch files; looking every few seconds"))
            .ok();
        let mut hints = Self { watcher, watched: Vec::new(), received };
        hints.follow(directory);
        hints
    }

    /// Waits for a hint; for ever, if there are none.
    pub(super) async fn next(&mut self) {
        if self.received.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    /// Watches what `directory` is now.
    pub(super) fn follow(&mut self, directory: &Path) {
        let Some(watcher) = &mut self.watcher else { return };
        let wanted: Vec<_> = directory
            .canonicalize()
            .into_iter()
            .chain(std::path::absolute(directory).ok().and_then(|path| path.parent().map(Path::to_owned)))
            .collect();
        if wanted == self.watched {
            return;
        }
        for path in self.watched.drain(..) {
            // It may be gone already, and its watch with it.
            let _ = watcher.unwatch(&path);
        }
        for path in &wanted {
            if let Err(error) = watcher.watch(path, RecursiveMode::NonRecursive) {
                tracing::debug!(path = %path.display(), %error, "can't watch");
            }
        }
        self.watched = wanted;
    }
}

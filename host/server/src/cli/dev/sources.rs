//! Which crates' sources change while `dev` serves.

use std::{
    collections::BTreeSet,
    path::{Component, Path, PathBuf},
    time::Duration,
};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;

/// An editor saves in several steps, and several files at once.
const SETTLE: Duration = Duration::from_millis(150);

/// The sources below one directory of crates.
pub(super) struct Sources {
    _watcher: RecommendedWatcher,
    changed: mpsc::UnboundedReceiver<PathBuf>,
}

impl Sources {
    /// Starts to watch.
    ///
    /// # Errors
    /// If the system can't watch the directory.
    pub(super) fn watch(directory: &Path) -> notify::Result<Self> {
        let directory = directory.canonicalize()?;
        let (sender, changed) = mpsc::unbounded_channel();
        let root = directory.clone();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let Ok(event) = event else { return };
            if matches!(event.kind, EventKind::Access(_)) {
                return;
            }
            for crate_directory in event.paths.iter().filter_map(|path| crate_of(&root, path)) {
                // The receiver goes only when `dev` ends.
                let _ = sender.send(crate_directory);
            }
        })?;
        watcher.watch(&directory, RecursiveMode::Recursive)?;
        Ok(Self { _watcher: watcher, changed })
    }

    /// Waits for the next change, and until nothing more changes: the crates that did, each once.
    pub(super) async fn next(&mut self) -> Option<BTreeSet<PathBuf>> {
        let mut crates = BTreeSet::from([self.changed.recv().await?]);
        while let Ok(Some(more)) = tokio::time::timeout(SETTLE, self.changed.recv()).await {
            crates.insert(more);
        }
        Some(crates)
    }
}

/// The crate, directly below `root`, of which `path` is a source. What a build writes is none.
fn crate_of(root: &Path, path: &Path) -> Option<PathBuf> {
    let below = path.strip_prefix(root).ok()?;
    let hidden = |part: Component<'_>| {
        let name = part.as_os_str().to_string_lossy();
        name == "target" || name == "Cargo.lock" || name.starts_with('.') || name.ends_with('~')
    };
    if below.components().any(hidden) || path.extension().is_some_and(|extension| extension == "wasm") {
        return None;
    }
    let mut parts = below.components();
    let name = parts.next()?;
    parts.next()?;
    Some(root.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_belongs_to_its_crate_and_what_is_built_to_none() {
        let root = Path::new("/plugins");
        for (path, found) in [
            ("/plugins/text/src/lib.rs", Some("/plugins/text")),
            ("/plugins/text/Cargo.toml", Some("/plugins/text")),
            ("/plugins/text/data/words.txt", Some("/plugins/text")),
            ("/plugins/text/target/x/lib.rs", None),
            ("/plugins/text/Cargo.lock", None),
            ("/plugins/text/src/.lib.rs.swp", None),
            ("/plugins/text/src/lib.rs~", None),
            ("/plugins/text/text.wasm", None),
            ("/plugins/text.wasm", None),
            ("/plugins/text", None),
            ("/elsewhere/src/lib.rs", None),
        ] {
            assert_eq!(crate_of(root, Path::new(path)), found.map(PathBuf::from), "{path}");
        }
    }
}

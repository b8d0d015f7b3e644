//! Keeps the cache within its size: what was used least recently goes first, and what a killed process left.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// How an entry's name ends.
pub(super) const ENTRY: &str = ".native";
/// How the name of a file begins that isn't written to its end.
pub(super) const UNFINISHED: &str = ".new-";
/// After which nobody writes it any more.
const ABANDONED: Duration = Duration::from_secs(3_600);

struct Entry {
    path: PathBuf,
    size: u64,
    used: SystemTime,
}

/// Removes what is too much. Another process may do the same at the same time.
pub(super) fn sweep(directory: &Path, most: u64) {
    let Ok(files) = fs::read_dir(directory) else { return };
    let mut entries = Vec::new();
    for file in files.flatten() {
        let (name, path) = (file.file_name(), file.path());
        let name = name.to_string_lossy();
        let Ok(metadata) = file.metadata() else { continue };
        let used = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        if name.starts_with(UNFINISHED) {
            if used.elapsed().is_ok_and(|age| age > ABANDONED) {
                let _ = fs::remove_file(&path);
            }
        } else if name.ends_with(ENTRY) {
            entries.push(Entry { path, size: metadata.len(), used });
        }
    }
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.used));
    let mut sum = 0;
    for entry in entries {
        sum += entry.size;
        if sum > most {
            let _ = fs::remove_file(entry.path);
        }
    }
}

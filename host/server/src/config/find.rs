//! Which file is the operator's policy.
//!
//! The first that exists, and only that one. Files are not merged: what an operator reads in one file is what
//! holds, and no file that somebody forgot in a home directory adds to it.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::Given;
use crate::diagnostic::{Diagnostic, Source};

/// Larger than any policy; a file that was named by mistake is not read into memory.
const MAX: u64 = 1 << 20;

/// A file that was found and read.
pub(super) struct Found {
    /// Its path, as an operator would write it.
    pub(super) path: PathBuf,
    /// The directory that its paths are relative to.
    pub(super) directory: PathBuf,
    /// Its text.
    pub(super) source: Arc<Source>,
}

/// Finds and reads the file. A file that is named must exist; one that exists must be readable.
pub(super) fn find(given: &Given) -> Result<Option<Found>, Diagnostic> {
    let named = given.file.clone().map(|file| (file, "--config"));
    let named = named.or_else(|| Some((given.variable("COFFERDAM_CONFIG")?.into(), "COFFERDAM_CONFIG")));
    if let Some((path, by)) = named {
        let found = read(given, &path).map_err(|error| unreadable(&path, &error, Some(by)))?;
        return Ok(Some(found));
    }
    for path in candidates(given) {
        match read(given, &path) {
            Ok(found) => return Ok(Some(found)),
            Err(error) if is_absent(&error) => {}
            Err(error) => return Err(unreadable(&path, &error, None)),
        }
    }
    Ok(None)
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Where the file is looked for when none is named, in this order.
fn candidates(given: &Given) -> Vec<PathBuf> {
    let mut paths = vec![PathBuf::from("cofferdam.toml")];
    let base = given.directory_in("XDG_CONFIG_HOME");
    let home = || Some(PathBuf::from(given.variable("HOME")?).join(".config"));
    paths.extend(base.or_else(home).map(|base| base.join("cofferdam/cofferdam.toml")));
    paths.push(given.system.join("cofferdam/cofferdam.toml"));
    paths
}

fn read(given: &Given, path: &Path) -> io::Result<Found> {
    let full = given.directory.join(path);
    let text = match &given.text {
        Some(text) => text.clone(),
        None => text_of(&full)?,
    };
    let directory = full.parent().unwrap_or(&given.directory).to_owned();
    let source = Source { name: path.display().to_string(), text };
    Ok(Found { path: path.to_owned(), directory, source: Arc::new(source) })
}

fn text_of(path: &Path) -> io::Result<String> {
    if std::fs::metadata(path)?.len() > MAX {
        return Err(io::Error::other("it is larger than 1 MiB"));
    }
    std::fs::read_to_string(path)
}

fn unreadable(path: &Path, error: &io::Error, named_by: Option<&str>) -> Diagnostic {
    Diagnostic {
        title: format!("can't read the configuration file {}: {error}", path.display()),
        place: None,
        label: String::new(),
        notes: named_by.map(|by| format!("it is named by {by}")).into_iter().collect(),
        help: match named_by {
            Some(by) => format!("name a file that exists and is readable, or leave out {by}"),
            None => "make it readable, or name another file with --config".to_owned(),
        },
    }
}

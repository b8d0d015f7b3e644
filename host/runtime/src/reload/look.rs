//! One look at the plugins directory: which files are there, and what they are. Nothing is read.
//!
//! A file is a plugin's if it lies in the directory itself and ends in `.wasm`. A link counts if what it points
//! to stays inside the directory, which is how mounted folders switch versions; one that leads out is refused.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use cofferdam_policy::{LoadLimits, units::Quantity as _};

use crate::{error::LoadError, load::Stamp};

/// What a look found under one name.
#[derive(Debug)]
pub(crate) enum Found {
    /// A file that may be read.
    File(Stamp),
    /// Something that won't be, and why.
    Unfit(Unfit),
}

/// Why something is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unfit {
    NotAFile,
    LinkLeadsNowhere,
    LinkLeadsOut,
    TooLarge { size: u64, ceiling: String },
}

impl Unfit {
    pub(crate) fn error(&self) -> LoadError {
        match self.clone() {
            Self::NotAFile => LoadError::NotAFile,
            Self::LinkLeadsNowhere => LoadError::LinkLeadsNowhere,
            Self::LinkLeadsOut => LoadError::LinkLeadsOut,
            Self::TooLarge { size, ceiling } => LoadError::TooLarge { size, ceiling },
        }
    }
}

impl std::fmt::Display for Unfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.error().fmt(f)
    }
}

/// What a look found, by path.
pub(crate) type Looked = BTreeMap<PathBuf, Found>;

/// Looks. A directory that isn't there is an error; what to make of it is the caller's.
pub(crate) fn look(directory: &Path, limits: &LoadLimits) -> io::Result<Looked> {
    let root = directory.canonicalize()?;
    let mut looked = Looked::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "wasm") {
            continue;
        }
        // A file that goes while we look was not there.
        if let Some(found) = inspect(&path, &root, limits) {
            looked.insert(path, found);
        }
    }
    Ok(looked)
}

fn inspect(path: &Path, root: &Path, limits: &LoadLimits) -> Option<Found> {
    let own = fs::symlink_metadata(path).ok()?;
    let metadata = if own.is_symlink() {
        let Ok(target) = path.canonicalize() else { return Some(Found::Unfit(Unfit::LinkLeadsNowhere)) };
        if !target.starts_with(root) {
            return Some(Found::Unfit(Unfit::LinkLeadsOut));
        }
        fs::metadata(target).ok()?
    } else {
        own
    };
    if !metadata.is_file() {
        return Some(Found::Unfit(Unfit::NotAFile));
    }
    if metadata.len() > limits.file.value() {
        let ceiling = limits.file.to_string();
        return Some(Found::Unfit(Unfit::TooLarge { size: metadata.len(), ceiling }));
    }
    Some(Found::File(Stamp::of(path, &metadata)))
}

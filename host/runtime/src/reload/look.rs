//! One look at the plugins directory: which files are there, and what they are. Nothing is read.
//!
//! A file is a plugin's if it lies in the directory itself and ends in `.wasm`. A link counts if what it points
//! to stays inside the directory, which is how mounted folders switch versions; one that leads out is refused.
//! Files beyond the most that there may be, in order of their names, are not even looked at.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use cofferdam_policy::{LoadLimits, units::Quantity as _};

use crate::{error::LoadError, load::Stamp};

/// Files beyond the ceiling that are told one by one; what comes after them isn't told at all.
const SURPLUS: usize = 10_000;

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
    TooMany { ceiling: u64 },
}

impl Unfit {
    pub(crate) fn error(&self) -> LoadError {
        match self.clone() {
            Self::NotAFile => LoadError::NotAFile,
            Self::LinkLeadsNowhere => LoadError::LinkLeadsNowhere,
            Self::LinkLeadsOut => LoadError::LinkLeadsOut,
            Self::TooLarge { size, ceiling } => LoadError::TooLarge { size, ceiling },
            Self::TooMany { ceiling } => LoadError::TooManyPlugins { ceiling },
        }
    }

    /// Whether it is one of many, of which a log needs no line each.
    pub(crate) fn is_surplus(&self) -> bool {
        matches!(self, Self::TooMany { .. })
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
    let ceiling = limits.plugins.value();
    let mut looked = Looked::new();
    let most = usize::try_from(ceiling).unwrap_or(usize::MAX).saturating_add(SURPLUS);
    for (path, number) in first(most, directory)?.into_iter().zip(1..) {
        if number > ceiling {
            looked.insert(path, Found::Unfit(Unfit::TooMany { ceiling }));
        // A file that goes while we look was not there.
        } else if let Some(found) = inspect(&path, &root, limits) {
            looked.insert(path, found);
        }
    }
    Ok(looked)
}

/// The first paths that are a plugin's by their names, sorted. However many there are, no more are kept.
fn first(most: usize, directory: &Path) -> io::Result<BTreeSet<PathBuf>> {
    let mut paths = BTreeSet::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "wasm") {
            continue;
        }
        paths.insert(path);
        if paths.len() > most {
            paths.pop_last();
        }
    }
    Ok(paths)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_any_number_of_files_only_the_first_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["e.wasm", "a.wasm", "d.wasm", "0.txt", "c.wasm", "b.wasm"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let kept = |most| {
            let paths = first(most, folder.path()).unwrap();
            paths
                .iter()
                .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
                .collect::<String>()
        };
        assert_eq!((kept(3), kept(5), kept(6)), ("abc".to_owned(), "abcde".to_owned(), "abcde".to_owned()));
    }
}

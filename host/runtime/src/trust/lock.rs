//! `cofferdam.lock`: what the operator approved of each plugin, to be kept under version control.
//!
//! Holds the digest of the file and all that it shows and wants, in full, so that a change can be shown.
//! It is as trustworthy as the place where it lies: whoever can write it can approve. Each entry has a seal, which
//! tells an entry that was edited or merged by hand from one that was approved as a whole; it is no signature.

mod file;
mod read;
mod text;

use std::{collections::BTreeMap, io, path::Path};

use cofferdam_policy::PluginId;

use crate::{difference::Surface, in_place, load};

/// What a lock file says it is.
const VERSION: i64 = 1;
/// Larger than any lock: a thousand plugins with a hundred tools each take a tenth of it.
const MAX: u64 = 256 << 20;

/// What was approved, by plugin.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lock {
    plugins: BTreeMap<PluginId, Approved>,
}

/// What was approved of one plugin.
#[derive(Debug, Clone, PartialEq)]
pub struct Approved {
    /// SHA-256 of the component's bytes, in hexadecimal.
    pub digest: String,
    /// What it shows and wants.
    pub surface: Surface,
}

/// Why a lock can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// The file can't be read.
    #[error("it can't be read: {0}")]
    Read(io::Error),
    /// Not a regular file.
    #[error("it is not a regular file; move away what is there, and approve again")]
    NotAFile,
    /// Not a lock file, or no longer one.
    #[error(
        "line {line}: {problem}; restore it from version control, or remove it and approve the plugins again"
    )]
    Malformed {
        /// The line in the file, from 1.
        line: usize,
        /// What is wrong there.
        problem: String,
    },
    /// Of another version.
    #[error(
        "line {line}: version {found} is not known here, expected {VERSION}; use the host that wrote it, or a newer one"
    )]
    Version {
        /// The line in the file, from 1.
        line: usize,
        /// What it says.
        found: i64,
    },
    /// Larger than any lock.
    #[error("it is larger than {MAX} bytes, and no lock is; have fewer plugins in it")]
    TooLarge,
    /// The file can't be written.
    #[error("it can't be written, and is as it was: {0}")]
    Write(io::Error),
}

impl Lock {
    /// Reads the file. One that isn't there has approved of nothing yet.
    ///
    /// # Errors
    /// [`LockError`] if it is there and can't be relied on.
    pub fn read(path: &Path) -> Result<Self, LockError> {
        match file::read(path)? {
            Some(text) => read::lock(&text),
            None => Ok(Self::default()),
        }
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// [`LockError::Write`], with the file as it was; [`LockError::TooLarge`].
    pub fn write(&self, path: &Path) -> Result<(), LockError> {
        file::write(path, &text::text(self))
    }

    /// Reads the file, changes what it says, and writes it, while nobody else does the same.
    ///
    /// # Errors
    /// [`LockError`] if it can't be read or written.
    pub fn update(path: &Path, change: impl FnOnce(&mut Self)) -> Result<Self, LockError> {
        let _alone = in_place::alone(path);
        let mut lock = Self::read(path)?;
        change(&mut lock);
        lock.write(path)?;
        Ok(lock)
    }

    /// Approves of these bytes of a plugin, and of what they show and want.
    pub fn approve(&mut self, id: PluginId, approved: Approved) {
        self.plugins.insert(id, approved);
    }

    /// Approves no longer of any version of a plugin.
    pub fn forget(&mut self, id: &PluginId) {
        self.plugins.remove(id);
    }

    /// What was approved of a plugin.
    #[must_use]
    pub fn get(&self, id: &PluginId) -> Option<&Approved> {
        self.plugins.get(id)
    }

    /// All plugins of which something was approved, sorted by id.
    pub fn ids(&self) -> impl Iterator<Item = &PluginId> {
        self.plugins.keys()
    }
}

/// A digest over all that an entry says, so that it is one entry and not parts of two.
fn seal(id: &PluginId, approved: &Approved) -> String {
    let mut said = serde_json::json!([id.as_str(), approved.digest, approved.surface]);
    said.sort_all_objects();
    load::digest(said.to_string().as_bytes())
}

#[cfg(test)]
mod tests;

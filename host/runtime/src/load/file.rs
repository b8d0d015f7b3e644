//! Reading a component file: once, whole, and only what a file is.

use std::{
    fs::{Metadata, OpenOptions},
    io::Read as _,
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::Path,
    sync::Arc,
};

use cofferdam_policy::{LoadLimits, units::Quantity as _};
use sha2::{Digest as _, Sha256};

use crate::error::LoadError;

/// What tells one state of a file from another without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp {
    length: u64,
    modified: (i64, i64),
    changed: (i64, i64),
    file: (u64, u64),
}

impl Stamp {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self {
            length: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
            file: (metadata.dev(), metadata.ino()),
        }
    }
}

/// A component's bytes and their hash: what is checked, compiled and run are these.
#[derive(Clone)]
pub(crate) struct Bytes {
    pub(crate) content: Arc<[u8]>,
    /// SHA-256 in hexadecimal.
    pub(crate) digest: String,
}

impl Bytes {
    pub(crate) fn of(content: Vec<u8>) -> Self {
        Self { digest: digest(&content), content: content.into() }
    }
}

/// SHA-256 in hexadecimal.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A component file as it was read.
pub(crate) struct Read {
    pub(crate) bytes: Vec<u8>,
    pub(crate) stamp: Stamp,
}

/// The bytes of a component file, within the size limit.
///
/// # Errors
/// [`LoadError`] if it isn't a regular file, is too large, is being written, or can't be read.
pub fn read(file: &Path, limits: &LoadLimits) -> Result<Vec<u8>, LoadError> {
    whole(file, limits).map(|read| read.bytes)
}

/// Reads a component file, once, and only if nobody writes it meanwhile.
pub(crate) fn whole(file: &Path, limits: &LoadLimits) -> Result<Read, LoadError> {
    // A pipe would block on open, and a device may do anything.
    if !std::fs::metadata(file).map_err(LoadError::Read)?.is_file() {
        return Err(LoadError::NotAFile);
    }
    let mut open =
        OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(file).map_err(LoadError::Read)?;
    let before = open.metadata().map_err(LoadError::Read)?;
    if !before.is_file() {
        return Err(LoadError::NotAFile);
    }
    if before.len() > limits.file.value() {
        return Err(LoadError::TooLarge { size: before.len(), ceiling: limits.file.to_string() });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(before.len()).unwrap_or(0));
    (&mut open).take(before.len() + 1).read_to_end(&mut bytes).map_err(LoadError::Read)?;
    let stamp = Stamp::of(&open.metadata().map_err(LoadError::Read)?);
    if stamp != Stamp::of(&before) || bytes.len() as u64 != before.len() {
        return Err(LoadError::Changing);
    }
    Ok(Read { bytes, stamp })
}

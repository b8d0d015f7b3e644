//! Reading a component file: once, whole, and only what a file is.

use std::{
    fs::{Metadata, OpenOptions},
    io,
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::Path,
    sync::Arc,
};

use cofferdam_policy::{LoadLimits, units::Quantity as _};
use sha2::{Digest as _, Sha256};

use crate::{error::LoadError, pages::Pages, trust::signatures};

/// What tells one state of a file from another without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp {
    component: State,
    /// Of the file beside it, if there is one.
    signature: Option<State>,
}

impl Stamp {
    /// Of the component in `file`, and of the signature beside it.
    pub(crate) fn of(file: &Path, component: &Metadata) -> Self {
        let signature = std::fs::metadata(signatures::path(file)).ok();
        Self { component: State::of(component), signature: signature.as_ref().map(State::of) }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    length: u64,
    modified: (i64, i64),
    changed: (i64, i64),
    file: (u64, u64),
}

impl State {
    fn of(metadata: &Metadata) -> Self {
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
    pub(crate) content: Arc<Pages>,
    /// SHA-256 in hexadecimal.
    pub(crate) digest: String,
}

impl Bytes {
    /// The next `length` bytes of `from`.
    pub(crate) fn read(from: &mut impl io::Read, length: u64) -> Result<Self, LoadError> {
        let content = Pages::read(from, length).map_err(LoadError::Read)?;
        Ok(Self { digest: digest(&content), content: Arc::new(content) })
    }
}

/// SHA-256 in hexadecimal.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A component file as it was read.
pub(crate) struct Read {
    pub(crate) bytes: Bytes,
    pub(crate) stamp: Stamp,
}

/// The bytes of a component file, within the size limit.
///
/// # Errors
/// [`LoadError`] if it isn't a regular file, is too large, is being written, or can't be read.
pub fn read(file: &Path, limits: &LoadLimits) -> Result<Vec<u8>, LoadError> {
    whole(file, limits).map(|read| read.bytes.content.to_vec())
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
    let stamp = Stamp::of(file, &before);
    let bytes = match Bytes::read(&mut open, before.len()) {
        // It became shorter.
        Err(LoadError::Read(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
            return Err(LoadError::Changing);
        }
        bytes => bytes?,
    };
    // A file that became longer has another length by now.
    if State::of(&open.metadata().map_err(LoadError::Read)?) != stamp.component {
        return Err(LoadError::Changing);
    }
    Ok(Read { bytes, stamp })
}

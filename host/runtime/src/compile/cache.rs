//! Native code on disk, so that a start compiles nothing that was compiled before.
//!
//! Whoever can write an entry can run code in this process, so an entry counts only with a mark (HMAC-SHA-256)
//! over what it is for and all of its bytes, under a key that only our user can read. It is read whole, verified,
//! and loaded from the memory in which it was verified. Whatever doesn't verify is a miss, and is removed.
//! Nothing here waits, locks or fails a load: a cache that is full, broken or gone only costs time.

mod directory;
mod sweep;

use std::{
    fs::{File, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

pub use self::directory::CacheError;
use super::{CacheConfig, native::Artefact};
use crate::pages::Pages;

/// What the mark is for: no other use of the key gives the same one.
const PURPOSE: &[u8] = b"cofferdam native code 1\0";
const TAG: usize = 32;
/// No artefact is larger; see [`super::spawn`].
const ENTRY_MAX: u64 = (512 << 20) + TAG as u64;

/// The cache of one engine. A handle: clones share it.
#[derive(Clone)]
pub(super) struct Cache(Arc<Inner>);

struct Inner {
    directory: PathBuf,
    size: u64,
    key: [u8; directory::KEY_SIZE],
    compatibility: [u8; 32],
}

impl Cache {
    /// The cache in `config.directory`, for code that fits `compatibility`.
    pub(super) fn open(config: &CacheConfig, compatibility: [u8; 32]) -> Result<Self, CacheError> {
        let key = directory::open(&config.directory)?;
        let directory = config.directory.clone();
        Ok(Self(Arc::new(Inner { directory, size: config.size, key, compatibility })))
    }

    /// The native code of the component with this hash, if it is there and ours.
    pub(super) fn get(&self, digest: &str) -> Option<Artefact> {
        let path = self.path(digest);
        let mut file = open(&path)?;
        let length = file.metadata().ok()?.len();
        let entry = Pages::read(&mut file, length).ok()?;
        if !self.verifies(digest, &entry) {
            tracing::warn!(digest, "a compile cache entry doesn't verify, and is dropped");
            // Whatever it is, it is no use to anyone.
            let _ = std::fs::remove_file(&path);
            return None;
        }
        // For the sweep, which starts with what was used least recently.
        let _ = file.set_modified(SystemTime::now());
        Some(Artefact::vouched(entry, TAG))
    }

    /// Keeps native code. What goes wrong is reported, and costs a compilation later.
    pub(super) fn put(&self, digest: &str, artefact: &Artefact) {
        match self.write(digest, artefact) {
            Ok(()) => sweep::sweep(&self.0.directory, self.0.size),
            Err(error) => tracing::warn!(digest, %error, "can't write to the compile cache"),
        }
    }

    fn write(&self, digest: &str, artefact: &Artefact) -> std::io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(sweep::UNFINISHED).tempfile_in(&self.0.directory)?;
        file.write_all(&self.mark(digest, artefact.bytes()).finalize().into_bytes())?;
        file.write_all(artefact.bytes())?;
        file.persist(self.path(digest)).map(|_| ()).map_err(|error| error.error)
    }

    fn verifies(&self, digest: &str, entry: &[u8]) -> bool {
        entry
            .split_at_checked(TAG)
            .is_some_and(|(tag, native)| self.mark(digest, native).verify_slice(tag).is_ok())
    }

    fn mark(&self, digest: &str, native: &[u8]) -> Hmac<Sha256> {
        let mut mark = Hmac::<Sha256>::new(&self.0.key.into());
        mark.update(PURPOSE);
        mark.update(&self.0.compatibility);
        // Of fixed length: 64 characters.
        mark.update(digest.as_bytes());
        mark.update(native);
        mark
    }

    fn path(&self, digest: &str) -> PathBuf {
        let [a, b, c, d, ..] = self.0.compatibility;
        self.0.directory.join(format!("{digest}-{a:02x}{b:02x}{c:02x}{d:02x}{}", sweep::ENTRY))
    }
}

/// A regular file behind no link, or nothing.
fn open(path: &Path) -> Option<File> {
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).ok()?;
    file.metadata().ok().filter(|metadata| metadata.is_file() && metadata.len() <= ENTRY_MAX)?;
    Some(file)
}

#[cfg(test)]
mod tests;

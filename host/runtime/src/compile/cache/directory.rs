//! The cache's directory and its key: ours alone, or not used.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use std::io::{Read as _, Write as _};

/// The key's file.
const KEY: &str = "key";
/// One block of the hash.
pub(super) const KEY_SIZE: usize = 64;

/// Why a directory can't be the compile cache.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// It can't be made or read.
    #[error("can't use the directory: {0}")]
    Io(#[from] io::Error),
    /// Something else is there.
    #[error("expected a directory, found something else")]
    NotADirectory,
    /// Another user owns it.
    #[error("it belongs to another user ({0}); set `compile.cache_dir` to a directory of your own")]
    Foreign(u32),
    /// Others can reach into it.
    #[error("others can reach into it (mode {0:03o}); run `chmod 700` on it")]
    Open(u32),
}

/// Checks or makes the directory, and reads or makes the key.
pub(super) fn open(directory: &Path) -> Result<[u8; KEY_SIZE], CacheError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    private(&fs::symlink_metadata(directory)?)?;
    let path = directory.join(KEY);
    if let Some(key) = read(&path)? {
        return Ok(key);
    }
    make(directory, &path)?;
    read(&path)?.ok_or_else(|| io::Error::other("the key that was just written is not there").into())
}

fn private(metadata: &fs::Metadata) -> Result<(), CacheError> {
    if !metadata.is_dir() {
        return Err(CacheError::NotADirectory);
    }
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(CacheError::Foreign(metadata.uid()));
    }
    match metadata.permissions().mode() & 0o777 {
        mode if mode & 0o077 != 0 => Err(CacheError::Open(mode)),
        _ => Ok(()),
    }
}

/// The key; none if there is none, or one that others may know.
fn read(path: &Path) -> io::Result<Option<[u8; KEY_SIZE]>> {
    let opened =
        fs::OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path);
    let file = match opened {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let metadata = file.metadata()?;
    let mut key = Vec::new();
    file.take(KEY_SIZE as u64 + 1).read_to_end(&mut key)?;
    let secret = metadata.mode() & 0o077 == 0 && metadata.uid() == rustix::process::geteuid().as_raw();
    let key = <[u8; KEY_SIZE]>::try_from(key).ok().filter(|_| secret);
    if key.is_none() {
        // With it go all entries: none of them verifies under another one.
        tracing::warn!("the compile cache's key is damaged or readable by others, and is replaced");
        fs::remove_file(path)?;
    }
    Ok(key)
}

/// Writes a new key, whole, unless another process of ours was faster.
fn make(directory: &Path, path: &Path) -> io::Result<()> {
    let mut key = [0; KEY_SIZE];
    getrandom::fill(&mut key).map_err(io::Error::other)?;
    let mut file = tempfile::Builder::new().prefix(super::sweep::UNFINISHED).tempfile_in(directory)?;
    file.write_all(&key)?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
        _ => Ok(()),
    }
}

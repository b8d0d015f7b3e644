//! The lock file on disk: read with bounds, replaced at one stroke.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown},
    path::{Path, PathBuf},
};

use super::{LockError, MAX};

/// The text of the file; none if there is no file.
pub(super) fn read(path: &Path) -> Result<Option<String>, LockError> {
    // A pipe would block on open.
    let opened = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path);
    let file = match opened {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(LockError::Read)?,
    };
    if !file.metadata().map_err(LockError::Read)?.is_file() {
        return Err(LockError::NotAFile);
    }
    let mut bytes = Vec::new();
    file.take(MAX + 1).read_to_end(&mut bytes).map_err(LockError::Read)?;
    if bytes.len() as u64 > MAX {
        return Err(LockError::TooLarge);
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(error) => {
            let valid = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
            let line = 1 + valid.filter(|byte| **byte == b'\n').count();
            Err(LockError::Malformed { line, problem: "it is not UTF-8".to_owned() })
        }
    }
}

/// Puts the text where the file is: whoever reads it finds the old one or the new one, also after a crash.
pub(super) fn write(path: &Path, text: &str) -> Result<(), LockError> {
    if text.len() as u64 > MAX {
        return Err(LockError::TooLarge);
    }
    replace(path, text).map_err(LockError::Write)
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    // Where a link points to is what is replaced, not the link.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = folder(&path);
    let before = match fs::metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        metadata => Some(metadata?),
    };
    let mut new = tempfile::Builder::new()
        .prefix(".cofferdam.lock.")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(&folder)?;
    new.write_all(text.as_bytes())?;
    if let Some(before) = before {
        let own = new.as_file().metadata()?;
        if (own.uid(), own.gid()) != (before.uid(), before.gid()) {
            // For an administrator, so that the host's own user can still read it; others may not, and needn't.
            let _ = fchown(new.as_file(), Some(before.uid()), Some(before.gid()));
        }
        new.as_file().set_permissions(before.permissions())?;
    }
    new.as_file().sync_all()?;
    new.persist(&path).map_err(|error| error.error)?;
    // The new file is in its place by now; not every file system lets one wait until that lasts.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// Held while the file is read, changed and written. Where a file system has no such thing, the last one wins.
pub(super) fn alone(path: &Path) -> Option<File> {
    let folder = File::open(folder(path)).ok()?;
    folder.lock().ok()?;
    Some(folder)
}

fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::symlink, process::Command};

    use super::*;

    #[test]
    fn a_file_that_is_not_there_is_no_text_and_other_things_are_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cofferdam.lock");
        assert_eq!(read(&path).unwrap(), None);
        fs::create_dir(&path).unwrap();
        assert!(matches!(read(&path), Err(LockError::NotAFile)));
        fs::remove_dir(&path).unwrap();
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        assert!(matches!(read(&path), Err(LockError::NotAFile)));
    }

    #[test]
    fn what_is_not_text_names_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cofferdam.lock");
        fs::write(&path, b"version = 1\n\n# \xff\n").unwrap();
        assert!(matches!(read(&path), Err(LockError::Malformed { line: 3, .. })));
    }

    #[test]
    fn a_file_that_is_replaced_keeps_its_permissions_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cofferdam.lock");
        write(&path, "one").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        write(&path, "two").unwrap();
        assert_eq!(read(&path).unwrap().as_deref(), Some("two"));
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_link_stays_a_link() {
        let (folder, real) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (path, target) = (folder.path().join("cofferdam.lock"), real.path().join("real"));
        fs::write(&target, "one").unwrap();
        symlink(&target, &path).unwrap();
        write(&path, "two").unwrap();
        assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&target).unwrap(), "two");
    }

    #[test]
    fn what_can_not_be_written_leaves_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing/cofferdam.lock");
        assert!(matches!(write(&path, "one"), Err(LockError::Write(_))));
        let path = folder.path().join("cofferdam.lock");
        fs::create_dir_all(path.join("in the way")).unwrap();
        assert!(matches!(write(&path, "one"), Err(LockError::Write(_))));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

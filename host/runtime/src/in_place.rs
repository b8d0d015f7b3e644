//! Text files that people and programs write: replaced at one stroke, by one writer at a time.

use std::{
    fs::{self, File, Permissions},
    io::{self, Write as _},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown},
    path::{Path, PathBuf},
};

/// Puts the text where the file is: whoever reads it finds the old one or the new one, also after a crash.
/// Its owner and its permissions stay; a link stays a link, and what it leads to is replaced.
///
/// # Errors
/// If it can't be written. The old one is there then.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = folder(&path);
    let before = match fs::metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        metadata => Some(metadata?),
    };
    let mut new = tempfile::Builder::new()
        .prefix(".cofferdam.")
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
#[must_use]
pub fn alone(path: &Path) -> Option<File> {
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
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_file_that_is_replaced_keeps_its_permissions_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        replace(&path, "one").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        replace(&path, "two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_link_stays_a_link() {
        let (folder, real) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (path, target) = (folder.path().join("file"), real.path().join("real"));
        fs::write(&target, "one").unwrap();
        symlink(&target, &path).unwrap();
        replace(&path, "two").unwrap();
        assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&target).unwrap(), "two");
    }

    #[test]
    fn what_can_not_be_written_leaves_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        assert!(replace(&folder.path().join("missing/file"), "one").is_err());
        let path = folder.path().join("file");
        fs::create_dir_all(path.join("in the way")).unwrap();
        assert!(replace(&path, "one").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

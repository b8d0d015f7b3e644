//! The file of a plugin's own database: made by the host, for its own user alone.

use std::{
    fs::{self, DirBuilder, OpenOptions, Permissions},
    io,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

/// Others may not write where the files are: they could put their own in place of ours.
const OTHERS_WRITE: u32 = 0o022;
const ONLY_US: u32 = 0o600;

/// Sees to it that there is a file that only our user can read, in a directory of ours that only we can write to. No link
/// is followed at the file itself.
pub(super) fn prepare(path: &Path) -> io::Result<()> {
    let folder = path.parent().ok_or_else(|| io::Error::other("expected a file in a directory"))?;
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let found = fs::metadata(folder)?;
    // The files of a process belong to who runs it.
    let us = fs::metadata("/proc/self")?.uid();
    if found.uid() != us {
        return Err(io::Error::other(format!(
            "the directory belongs to user {}, and the host runs as user {us}: {}",
            found.uid(),
            folder.display()
        )));
    }
    if found.mode() & OTHERS_WRITE != 0 {
        let mode = found.mode() & 0o7777;
        return Err(io::Error::other(format!(
            "the directory can be written to by others (mode {mode:o}); run: chmod 700 {}",
            folder.display()
        )));
    }
    match OpenOptions::new().write(true).create_new(true).mode(ONLY_US).open(path) {
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    let found = fs::symlink_metadata(path)?;
    if !found.is_file() {
        return Err(io::Error::other("expected a plain file, found something else, such as a link"));
    }
    if found.mode() & 0o777 != ONLY_US {
        fs::set_permissions(path, Permissions::from_mode(ONLY_US))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_and_its_directory_are_ours_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/p.sqlite3");
        prepare(&path).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        prepare(&path).unwrap();
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn a_link_or_a_directory_of_others_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("target");
        fs::write(&target, "").unwrap();
        let data = folder.path().join("data");
        DirBuilder::new().mode(0o700).create(&data).unwrap();
        std::os::unix::fs::symlink(&target, data.join("p.sqlite3")).unwrap();
        assert!(prepare(&data.join("p.sqlite3")).unwrap_err().to_string().contains("such as a link"));
        fs::set_permissions(&data, Permissions::from_mode(0o777)).unwrap();
        assert!(prepare(&data.join("q.sqlite3")).unwrap_err().to_string().contains("mode 777"));
    }
}

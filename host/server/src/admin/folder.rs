//! The folder in which hosts keep their sockets: which one it is, and that nobody else can get at it.
//!
//! Whoever could put a socket there could answer for a host, and whoever could list it could try to ask one. So
//! the folder is used only if it belongs to this user and is open to nobody else. Nothing here looks at sockets.

use std::{
    ffi::OsStr,
    fs, io,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

/// Why a folder is not used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FolderError {
    /// A link, or a file.
    #[error("{folder} is {found}, where a folder of this user was expected; remove it")]
    NotAFolder {
        /// Its path.
        folder: String,
        /// What it is.
        found: &'static str,
    },
    /// Somebody else's.
    #[error("{folder} belongs to the user {owner}, and not to {user} who runs this; have it removed")]
    NotOurs {
        /// Its path.
        folder: String,
        /// Whose it is.
        owner: u32,
        /// Whose it should be.
        user: u32,
    },
    /// Others can list or change it.
    #[error("{folder} has mode {mode:04o}, so others can get at it; run `chmod 700 {folder}`")]
    Open {
        /// Its path.
        folder: String,
        /// Its mode.
        mode: u32,
    },
    /// It can't be made or looked at.
    #[error("can't use {folder}: {cause}")]
    Io {
        /// Its path.
        folder: String,
        /// Why.
        cause: io::Error,
    },
}

/// The folders in which hosts of `user` may keep their sockets; a host takes the first.
///
/// A host may have been started without the variable that a command has, so a command looks into all of them.
pub(crate) fn candidates(runtime_dir: Option<&OsStr>, user: u32) -> Vec<PathBuf> {
    let base = runtime_dir.map(Path::new).filter(|base| base.is_absolute() && belongs_to(base, user));
    let shared = PathBuf::from(format!("/tmp/cofferdam-{user}"));
    base.map(|base| base.join("cofferdam")).into_iter().chain([shared]).collect()
}

/// The variable goes along when a user becomes another one; then it names a folder that is not theirs.
fn belongs_to(base: &Path, user: u32) -> bool {
    fs::metadata(base).is_ok_and(|base| base.is_dir() && base.uid() == user)
}

/// Makes the folder, if it isn't there, and checks it.
///
/// # Errors
/// [`FolderError`] if it can't be made, or others can get at it.
pub(crate) fn make(folder: &Path, user: u32) -> Result<(), FolderError> {
    match private(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(FolderError::Io { folder: folder.display().to_string(), cause: error })
        }
        _ => check(folder, user),
    }
}

/// Makes a folder for this user alone, whatever the umask.
pub(super) fn private(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().mode(0o700).create(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

/// Whether the folder is there, and this user's alone.
///
/// # Errors
/// [`FolderError`] with what is wrong with it.
pub(crate) fn check(folder: &Path, user: u32) -> Result<(), FolderError> {
    let name = || folder.display().to_string();
    // Not following a link: what it leads to is for whoever made it to choose.
    let found = fs::symlink_metadata(folder).map_err(|cause| FolderError::Io { folder: name(), cause })?;
    if !found.is_dir() {
        let found = if found.is_symlink() { "a link" } else { "a file" };
        return Err(FolderError::NotAFolder { folder: name(), found });
    }
    if found.uid() != user {
        return Err(FolderError::NotOurs { folder: name(), owner: found.uid(), user });
    }
    if found.mode() & 0o077 != 0 {
        return Err(FolderError::Open { folder: name(), mode: found.mode() & 0o7777 });
    }
    Ok(())
}

impl FolderError {
    /// Whether there is no such folder.
    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Io { cause, .. } if cause.kind() == io::ErrorKind::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> (tempfile::TempDir, u32) {
        let base = tempfile::tempdir().unwrap();
        let user = fs::metadata(base.path()).unwrap().uid();
        (base, user)
    }

    #[test]
    fn the_folder_is_below_the_user_s_runtime_folder_or_below_tmp() {
        let (base, user) = base();
        let tmp = PathBuf::from(format!("/tmp/cofferdam-{user}"));
        assert_eq!(
            candidates(Some(base.path().as_os_str()), user),
            [base.path().join("cofferdam"), tmp.clone()]
        );
        let missing = base.path().join("missing");
        for unusable in [None, Some(OsStr::new("relative")), Some(OsStr::new("")), Some(missing.as_os_str())]
        {
            assert_eq!(candidates(unusable, user), [tmp.as_path()], "{unusable:?}");
        }
        // Somebody else's.
        let other = user + 1;
        let shared = PathBuf::from(format!("/tmp/cofferdam-{other}"));
        assert_eq!(candidates(Some(base.path().as_os_str()), other), [shared]);
    }

    #[test]
    fn a_folder_is_made_for_this_user_alone_and_found_again() {
        let (base, user) = base();
        let folder = base.path().join("cofferdam");
        assert!(check(&folder, user).unwrap_err().is_absent());
        for _ in 0..2 {
            make(&folder, user).unwrap();
            assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o7777, 0o700);
        }
        assert!(matches!(make(&folder.join("a/b"), user), Err(error) if error.is_absent()));
    }

    #[test]
    fn a_folder_that_others_get_at_is_refused_with_what_to_do() {
        let (base, user) = base();
        let folder = base.path().join("cofferdam");
        let name = folder.display();
        make(&folder, user).unwrap();
        for mode in [0o755, 0o710, 0o701, 0o1777] {
            fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
            let error = make(&folder, user).unwrap_err().to_string();
            let said = format!("{name} has mode {mode:04o}, so others can get at it; run `chmod 700 {name}`");
            assert_eq!(error, said);
        }
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
        let error = make(&folder, user + 1).unwrap_err().to_string();
        let said = format!("{name} belongs to the user {user}, and not to {} who runs this; ", user + 1);
        assert_eq!(error, said + "have it removed");
    }

    #[test]
    fn a_link_or_a_file_in_its_place_is_refused() {
        let (base, user) = base();
        let target = base.path().join("target");
        make(&target, user).unwrap();
        let link = base.path().join("link");
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let file = base.path().join("file");
        fs::write(&file, "").unwrap();
        for (path, what) in [(link, "a link"), (file, "a file")] {
            let said =
                format!("{} is {what}, where a folder of this user was expected; remove it", path.display());
            assert_eq!(make(&path, user).unwrap_err().to_string(), said);
        }
    }
}

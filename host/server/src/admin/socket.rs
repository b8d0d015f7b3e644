//! The socket's file: made so that it is never open to anybody else, found, and removed.
//!
//! It is bound in a folder of its own that only this user can enter, and moved to its place once it listens and
//! has its mode. So a file that is there and that nobody answers is what a dead host left.

use std::{
    fs, io,
    os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use tokio::net::{UnixListener, UnixStream};

use super::folder;

/// What a socket's address has room for, without the zero at its end.
const LONGEST: usize = 107;

/// Why there is no socket.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BindError {
    /// The kernel takes no such path.
    #[error(
        "the socket's path {path} has {found} bytes, more than the {most} that a socket can have there; \
         name a shorter one with `socket` under [admin] in cofferdam.toml"
    )]
    TooLong {
        /// It.
        path: String,
        /// Its bytes.
        found: usize,
        /// How many it may have.
        most: usize,
    },
    /// Another host.
    #[error(
        "another process answers at {0}; name another path with `socket` under [admin] in cofferdam.toml"
    )]
    Taken(String),
    /// Something that isn't ours to remove.
    #[error("{0} is there and no socket; remove it, or name another path")]
    InTheWay(String),
    /// The file can't be made.
    #[error("can't make the socket {path}: {cause}")]
    Io {
        /// Its path.
        path: String,
        /// Why.
        cause: io::Error,
    },
}

/// The file of a socket that listens. Removed when dropped.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    /// Device and inode: another host may have put its own in place of this one.
    identity: (u64, u64),
}

impl SocketFile {
    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|now| now == self.identity) {
            // If it can't be removed, whoever looks for hosts finds that nobody answers, and tries again.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|file| (file.dev(), file.ino()))
}

/// The name of a host's socket in the folder of sockets.
pub(super) fn name(pid: u32) -> String {
    format!("{pid}.sock")
}

/// Listens at `path`, for this user alone.
///
/// # Errors
/// [`BindError`] if the path is too long or taken, or the file can't be made.
pub(super) async fn bind(path: &Path) -> Result<(UnixListener, SocketFile), BindError> {
    let io = |cause| BindError::Io { path: path.display().to_string(), cause };
    let aside = path.with_file_name(format!(".{}", std::process::id()));
    let first = aside.join("s");
    fits(path, &first)?;
    make_way(path).await?;
    // A process of the same id may have been killed in between.
    clear(&aside, &first);
    folder::private(&aside).map_err(io)?;
    let bound = listen(&first, path);
    clear(&aside, &first);
    bound.map_err(io)
}

/// Removes what there is of the folder in which the socket is bound first.
fn clear(aside: &Path, first: &Path) {
    let _ = fs::remove_file(first);
    let _ = fs::remove_dir(aside);
}

fn listen(first: &Path, path: &Path) -> io::Result<(UnixListener, SocketFile)> {
    let listener = UnixListener::bind(first)?;
    fs::set_permissions(first, fs::Permissions::from_mode(0o600))?;
    let file = SocketFile { path: path.to_owned(), identity: identity(first)? };
    fs::rename(first, path)?;
    Ok((listener, file))
}

/// Both the path and the one at which the socket is bound first have to fit.
fn fits(path: &Path, first: &Path) -> Result<(), BindError> {
    let length = |path: &Path| path.as_os_str().len();
    let more = length(first).saturating_sub(length(path));
    let most = LONGEST.saturating_sub(more);
    if length(path) <= most {
        return Ok(());
    }
    Err(BindError::TooLong { path: path.display().to_string(), found: length(path), most })
}

/// Removes what a dead host left at `path`.
async fn make_way(path: &Path) -> Result<(), BindError> {
    let name = || path.display().to_string();
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(cause) => Err(BindError::Io { path: name(), cause }),
        Ok(file) if !file.file_type().is_socket() => Err(BindError::InTheWay(name())),
        Ok(_) if is_dead(path).await => {
            fs::remove_file(path).map_err(|cause| BindError::Io { path: name(), cause })
        }
        Ok(_) => Err(BindError::Taken(name())),
    }
}

/// Whether nobody listens at this socket, and nobody will.
async fn is_dead(path: &Path) -> bool {
    let connected = UnixStream::connect(path).await;
    connected.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}

/// The sockets of a folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Sockets {
    /// Of hosts that live, in the order of their process ids.
    pub(crate) live: Vec<PathBuf>,
    /// The process ids of hosts that were killed. Their sockets are removed.
    pub(crate) dead: Vec<u32>,
}

/// Finds the sockets of a folder that was checked, and removes those that dead hosts left.
///
/// # Errors
/// If the folder can't be read.
pub(crate) async fn find(folder: &Path) -> io::Result<Sockets> {
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if let Some(pid) = entry.file_name().to_str().and_then(pid_of)
            && entry.file_type().is_ok_and(|kind| kind.is_socket())
        {
            found.push((pid, entry.path()));
        }
    }
    found.sort();
    let mut sockets = Sockets::default();
    for (pid, path) in found {
        if is_dead(&path).await && fs::remove_file(&path).is_ok() {
            sockets.dead.push(pid);
        } else {
            sockets.live.push(path);
        }
    }
    Ok(sockets)
}

fn pid_of(name: &str) -> Option<u32> {
    name.strip_suffix(".sock")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a host leaves that is killed: closing a listener doesn't remove its file.
    fn left_behind(path: &Path) {
        drop(std::os::unix::net::UnixListener::bind(path).unwrap());
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[tokio::test]
    async fn a_socket_is_this_user_s_alone_and_goes_with_its_host() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let path = folder.path().join("admin");
        let (listener, file) = bind(&path).await.unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
        assert_eq!(names(folder.path()), ["admin"]);
        let (connected, accepted) = tokio::join!(UnixStream::connect(&path), listener.accept());
        assert!(connected.is_ok() && accepted.is_ok());
        drop(file);
        assert_eq!(names(folder.path()), Vec::<String>::new());
    }

    #[tokio::test]
    async fn what_a_dead_host_left_is_replaced_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("admin");
        left_behind(&path);
        let (_listener, file) = bind(&path).await.unwrap();
        assert!(matches!(bind(&path).await, Err(BindError::Taken(_))));
        fs::remove_file(&path).unwrap();
        fs::write(&path, "mine").unwrap();
        let error = bind(&path).await.unwrap_err().to_string();
        let said = format!("{} is there and no socket; remove it, or name another path", path.display());
        assert_eq!(error, said);
        drop(file);
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    }

    #[tokio::test]
    async fn a_path_that_is_too_long_is_refused_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let room = LONGEST - folder.path().as_os_str().len() - 1;
        let most = folder.path().join("x".repeat(room));
        assert!(bind(&most).await.is_ok());
        let longer = folder.path().join("x".repeat(room + 1));
        let said = bind(&longer).await.unwrap_err().to_string();
        assert!(said.contains(" has 108 bytes, more than the 107 that a socket can have there"), "{said}");
        // The path alone would fit, the one beside it wouldn't.
        let deep = folder.path().join("d".repeat(room - 3));
        fs::create_dir(&deep).unwrap();
        let said = bind(&deep.join("s")).await.unwrap_err().to_string();
        assert!(said.contains("name a shorter one with `socket` under [admin]"), "{said}");
    }

    #[tokio::test]
    async fn live_hosts_are_found_and_dead_ones_are_cleared_away() {
        let folder = tempfile::tempdir().unwrap();
        let live = folder.path().join("12.sock");
        let _live = bind(&live).await.unwrap();
        left_behind(&folder.path().join("7.sock"));
        left_behind(&folder.path().join("other.sock"));
        fs::write(folder.path().join("9.sock"), "").unwrap();
        let expected = Sockets { live: vec![live.clone()], dead: vec![7] };
        assert_eq!(find(folder.path()).await.unwrap(), expected);
        assert_eq!(find(folder.path()).await.unwrap(), Sockets { live: vec![live], dead: vec![] });
        let mut left = names(folder.path());
        left.sort();
        assert_eq!(left, ["12.sock", "9.sock", "other.sock"]);
        assert!(find(&folder.path().join("missing")).await.is_err());
    }
}

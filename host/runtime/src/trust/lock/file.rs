//! The lock file on disk: read with bounds, replaced at one stroke.

use std::{
    fs::OpenOptions,
    io::{self, Read as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use super::{LockError, MAX};
use crate::in_place;

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
    in_place::replace(path, text).map_err(LockError::Write)
}

#[cfg(test)]
mod tests {
    use std::{fs, process::Command};

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
}

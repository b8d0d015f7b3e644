//! Which files of a directory are plugins.

use std::{
    io,
    path::{Path, PathBuf},
};

/// The `.wasm` files directly in `directory`, sorted by name. Other files and directories are passed over.
///
/// # Errors
/// If the directory can't be read.
pub fn scan(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

//! Puts a component in its place: whole, or not at all.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// Writes `bytes` as `name` in `directory`, in one step: a host that looks at the directory meanwhile finds the
/// old file or the new one, never half of it.
pub(super) fn put(bytes: &[u8], directory: &Path, name: &str) -> Result<PathBuf, String> {
    let said = |path: &Path, error: &io::Error| format!("can't write {}: {error}", path.display());
    fs::create_dir_all(directory).map_err(|error| said(directory, &error))?;
    // Absolute, so that it means the same to whoever reads of it.
    let directory = directory.canonicalize().map_err(|error| said(directory, &error))?;
    let file = directory.join(name);
    // In the same directory, since a rename doesn't reach into another file system.
    let temporary = directory.join(format!(".{name}.{}", std::process::id()));
    let written = write(bytes, &temporary).and_then(|()| fs::rename(&temporary, &file));
    written.map_err(|error| {
        let _ = fs::remove_file(&temporary);
        said(&file, &error)
    })?;
    Ok(file)
}

fn write(bytes: &[u8], path: &Path) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_replaces_the_old_one_and_leaves_nothing_beside_it() {
        let directory = std::env::temp_dir().join(format!("cofferdam-place-{}", std::process::id()));
        let below = directory.join("a/b");
        put(b"old", &below, "text.wasm").unwrap();
        let file = put(b"new", &below, "text.wasm").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(fs::read_dir(&below).unwrap().count(), 1);
        fs::remove_dir_all(&directory).unwrap();
    }

    #[test]
    fn a_place_that_can_t_be_written_is_named() {
        let error = put(b"x", Path::new("/dev/null/plugins"), "text.wasm").unwrap_err();
        assert!(error.starts_with("can't write /dev/null/plugins: "), "{error}");
    }
}

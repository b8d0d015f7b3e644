//! Folders of plugins for the binary.

use std::{fs, path::Path, process::Stdio, sync::OnceLock};

use tempfile::TempDir;

use crate::{Guest, cargo, process};

/// A folder with these guests, each under a name of its own.
///
/// # Panics
/// If it can't be written.
#[must_use]
pub fn folder<G: Into<Guest> + Copy>(guests: &[(&str, G)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, guest) in guests {
        let guest: Guest = (*guest).into();
        put(folder.path(), name, &guest.component());
    }
    folder
}

/// Writes a component into a folder.
///
/// # Panics
/// If it can't be written.
pub fn put(folder: &Path, name: &str, component: &[u8]) {
    fs::write(folder.join(format!("{name}.wasm")), component).expect("the folder can be written");
}

/// The folder of the sample plugins, built by `cofferdam build plugins`.
///
/// # Panics
/// If they don't build.
pub fn samples() -> &'static Path {
    static BUILT: OnceLock<std::path::PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        // Beside the guests, which share their dependencies: not where a build of the workspace may run.
        let target = cargo::target().join("guests");
        let out = target.join("plugins");
        let output = process::command(&["build", "plugins", "--out"])
            .arg(&out)
            .current_dir(cargo::workspace())
            .env("CARGO_TARGET_DIR", &target)
            .stderr(Stdio::piped())
            .output()
            .expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the sample plugins don't build:\n{said}");
        out
    })
}

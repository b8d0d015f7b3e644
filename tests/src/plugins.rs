//! Folders of plugins for the binary.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    sync::OnceLock,
};

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

/// What plugins that reach outside need to be taken at all, also by the command that builds them.
const GRANTED: &str = "[plugins.fetch]\nhttp = [\"GET https://a.example/*\"]\n\
    [plugins.feeds]\nhttp = [\"GET https://a.example/*\"]\n";

/// The folder of the sample plugins: those of our own that only compute, so that any client may call all of them.
///
/// # Panics
/// If they don't build.
pub fn samples() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| build(&["plugins/data", "plugins/text", "plugins/time"], "samples"))
}

/// The folder of all our own plugins.
///
/// # Panics
/// If they don't build.
pub fn first_party() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| build(&["plugins"], "plugins"))
}

/// Builds crates by `cofferdam build`; the folder with their components.
fn build(crates: &[&str], name: &str) -> PathBuf {
    // Beside the guests, which share their dependencies: not where a build of the workspace may run.
    let target = cargo::target().join("guests");
    let out = target.join(name);
    let operator = tempfile::tempdir().expect("a temporary folder");
    let config = operator.path().join("cofferdam.toml");
    fs::write(&config, GRANTED).expect("the folder can be written");
    let output = process::command(&["build"])
        .args(crates)
        .args([Path::new("--out"), &out, Path::new("--config"), &config])
        .current_dir(cargo::workspace())
        .env("CARGO_TARGET_DIR", &target)
        .stderr(Stdio::piped())
        .output()
        .expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "our own plugins don't build:\n{said}");
    out
}

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

/// The plugins that only compute: whatever is called, nothing outside the call changes.
const SAMPLES: [&str; 3] = ["data", "text", "time"];

/// A folder with the sample plugins: those of our own that only compute, so that any client may call all of them.
///
/// # Panics
/// If they don't build.
pub fn samples() -> &'static Path {
    static COPIED: OnceLock<TempDir> = OnceLock::new();
    let copied = COPIED.get_or_init(|| {
        // For this run alone: other runs may be building.
        let parent = cargo::target().join("guests");
        let folder = tempfile::tempdir_in(parent).expect("the target folder can be written");
        for name in SAMPLES {
            let component = fs::read(first_party().join(format!("{name}.wasm"))).expect("it was built");
            put(folder.path(), name, &component);
        }
        folder
    });
    copied.path()
}

/// The folder of our own plugins, built by `cofferdam build plugins`.
///
/// # Panics
/// If they don't build.
pub fn first_party() -> &'static Path {
    static BUILT: OnceLock<std::path::PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        // Beside the guests, which share their dependencies: not where a build of the workspace may run.
        let target = cargo::target().join("guests");
        let out = target.join("plugins");
        // What wants to reach outside is checked like all others only where it may.
        let granted = target.join("granted.toml");
        let text = "[plugins.fetch]\nhttp = [\"GET https://a.example/*\"]\n[plugins.feeds]\nhttp = [\"GET https://a.example/*\"]\n";
        fs::create_dir_all(&target).expect("the target folder can be written");
        fs::write(&granted, text).expect("the target folder can be written");
        let output = process::command(&["build", "plugins", "--out"])
            .arg(&out)
            .arg("--config")
            .arg(&granted)
            .current_dir(cargo::workspace())
            .env("CARGO_TARGET_DIR", &target)
            .stderr(Stdio::piped())
            .output()
            .expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "our own plugins don't build:\n{said}");
        out
    })
}

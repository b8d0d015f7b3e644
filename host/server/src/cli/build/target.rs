//! The compiler's target for components: there, or added, or said how to add.

use std::{path::Path, process::Stdio};

use tokio::process::Command;

use super::cargo::{program, unavailable};
use crate::cli::{Exit, Failure, out};

/// What plugins are compiled for.
pub(super) const TARGET: &str = "wasm32-wasip2";

/// Sees to it that the compiler that is chosen in `directory` has the target.
pub(super) async fn ensure(directory: &Path) -> Result<(), Failure> {
    if is_installed(directory).await? {
        return Ok(());
    }
    out::say(&format!("the target {TARGET} is missing; adding it: rustup target add {TARGET}"));
    let added = Command::new("rustup")
        .args(["target", "add", TARGET])
        .current_dir(directory)
        .stdin(Stdio::null())
        // Only answers belong on stdout.
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .status()
        .await;
    if added.is_ok_and(|status| status.success()) && is_installed(directory).await? {
        return Ok(());
    }
    let message = format!(
        "the compiler has no target {TARGET}, which plugins are built for; run `rustup target add {TARGET}`, \
         or install the target with what installed the compiler"
    );
    Err(Failure::new(Exit::Environment, message))
}

/// Whether the target's libraries are there. The compiler names their directory even if it doesn't exist.
async fn is_installed(directory: &Path) -> Result<bool, Failure> {
    let output = Command::new(program("RUSTC", "rustc"))
        .args(["--print", "target-libdir", "--target", TARGET])
        .current_dir(directory)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| Failure::new(Exit::Environment, unavailable("RUSTC", "rustc", &error)))?;
    let libraries = String::from_utf8_lossy(&output.stdout);
    let libraries = libraries.trim();
    Ok(output.status.success() && !libraries.is_empty() && Path::new(libraries).is_dir())
}

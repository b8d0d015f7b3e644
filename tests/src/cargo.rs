//! Cargo as a child process: builds what the tests run.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

/// The root of the workspace.
pub fn workspace() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().expect("the tests are a folder of the workspace")
}

/// The folder for what is built, of this very test run: `CARGO_TARGET_DIR` and configuration apply.
pub fn target() -> PathBuf {
    let test = env::current_exe().expect("a running test has a file");
    // TARGET/PROFILE/deps/test-hash
    let target = test.ancestors().nth(3).expect("a test is three folders below the target folder");
    target.to_owned()
}

/// The profile of this very test run: the name of its folder.
pub(crate) fn profile() -> String {
    let test = env::current_exe().expect("a running test has a file");
    let folder = test.ancestors().nth(2).and_then(Path::file_name).and_then(|name| name.to_str());
    folder.expect("a test is two folders below that of its profile").to_owned()
}

/// Runs cargo in the workspace; what it says appears if it fails.
pub(crate) fn cargo(arguments: &[&str]) {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(arguments).current_dir(workspace());
    // Set for the tests' own package; the child sets them anew for those that it builds. Some build scripts run again,
    // and what depends on them is compiled again, for no other reason than that one of these differs.
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if name == "OUT_DIR" || name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&*name);
        }
    }
    let output = command.output().expect("cargo runs the tests, so it can be run");
    assert!(
        output.status.success(),
        "`cargo {}` failed:\n{}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Adds the target for components to the toolchain, if it is missing.
pub(crate) fn add_wasm_target() {
    const TARGET: &str = "wasm32-wasip2";
    let printed = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", TARGET])
        .current_dir(workspace())
        .output()
        .expect("rustc built the tests, so it can be run");
    if Path::new(String::from_utf8_lossy(&printed.stdout).trim()).is_dir() {
        return;
    }
    let added = Command::new("rustup").args(["target", "add", TARGET]).current_dir(workspace()).status();
    assert!(
        added.is_ok_and(|status| status.success()),
        "the guests need the Rust target {TARGET}, which is missing and can't be added: run `rustup target add {TARGET}`"
    );
}

//! What the tests run, built by cargo in the target folder of this very run.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

/// The folder of the examples.
pub(crate) fn examples() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// TARGET/PROFILE, which holds what this test was built with: TARGET/PROFILE/deps/test.
pub(crate) fn profile() -> PathBuf {
    let test = env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().to_owned()
}

fn cargo(directory: &Path, arguments: &[&OsStr]) {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).args(arguments).current_dir(directory).output().unwrap();
    assert!(output.status.success(), "{arguments:?} failed:\n{}", String::from_utf8_lossy(&output.stderr));
}

/// The host's binary. Built together with this test, as `cargo test` does: nothing is compiled twice over a feature.
pub(crate) fn host() -> PathBuf {
    let (profile, target) = (profile(), profile().parent().unwrap().to_owned());
    let name = match profile.file_name().unwrap().to_str().unwrap() {
        "debug" => "dev",
        other => other,
    };
    let workspace = examples().join("..");
    let build: [&OsStr; 7] = [
        "build".as_ref(),
        "--bin=cofferdam".as_ref(),
        "--test=examples".as_ref(),
        "--profile".as_ref(),
        name.as_ref(),
        "--target-dir".as_ref(),
        target.as_ref(),
    ];
    cargo(&workspace, &build);
    profile.join("cofferdam")
}

/// A plugins directory with `raw-plugin` in it, under the id `raw`.
pub(crate) fn plugins() -> TempDir {
    // Where the other suites' guests are built too.
    let target = profile().parent().unwrap().join("guests");
    let build: [&OsStr; 6] = [
        "build".as_ref(),
        "--package=cofferdam-raw-plugin".as_ref(),
        "--target=wasm32-wasip2".as_ref(),
        "--profile=guest".as_ref(),
        "--target-dir".as_ref(),
        target.as_ref(),
    ];
    cargo(&examples(), &build);
    let plugins = TempDir::new().unwrap();
    fs::copy(target.join("wasm32-wasip2/guest/raw_plugin.wasm"), plugins.path().join("raw.wasm")).unwrap();
    plugins
}

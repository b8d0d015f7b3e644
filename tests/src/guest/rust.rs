//! Guests in Rust: all built by one run of cargo, at the first use in each test binary.
//!
//! Several test binaries may do so at the same time: cargo itself lets one build in a folder at a time, and
//! the second finds everything done.

use std::{fs, path::PathBuf, sync::OnceLock};

use crate::cargo;

/// The component that the guest `name` was built to.
pub(super) fn component(name: &str) -> Vec<u8> {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let file = BUILT.get_or_init(build).join(format!("{name}.wasm"));
    fs::read(&file).unwrap_or_else(|error| {
        panic!("guest `{name}` was not built ({error}): add it to tests/guests/Cargo.toml as an [[example]]")
    })
}

fn build() -> PathBuf {
    cargo::add_wasm_target();
    let target = cargo::target().join("guests");
    let folder = target.to_str().expect("the target folder's name is UTF-8");
    cargo::cargo(&[
        "build",
        "--locked",
        "--package=cofferdam-guests",
        "--examples",
        "--profile=guest",
        "--target=wasm32-wasip2",
        "--target-dir",
        folder,
    ]);
    target.join("wasm32-wasip2/guest/examples")
}

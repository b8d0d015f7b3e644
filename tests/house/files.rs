//! Files: small enough to be read, and without `mod.rs`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use cofferdam_tests::cargo;

/// The most lines that a file has.
const LINES: usize = 600;

pub(crate) fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in ["host", "sdk", "plugins", "tests", "examples"] {
        collect(&cargo::workspace().join(folder), &mut found);
    }
    assert!(found.len() > 100, "{} files", found.len());
    found
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_file_is_too_long_to_be_read() {
    for file in sources() {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= LINES, "{} has {lines} lines, more than {LINES}: split it", file.display());
    }
}

#[test]
fn a_module_is_a_file_beside_its_folder() {
    for file in sources() {
        assert!(!file.ends_with("mod.rs"), "{}: name it after its folder, and put it beside", file.display());
    }
}

#[test]
fn a_file_says_what_it_is_for() {
    for file in sources().iter().filter(|file| !file.components().any(|part| part.as_os_str() == "ui")) {
        let text = fs::read_to_string(file).unwrap();
        assert!(text.starts_with("//!"), "{} doesn't open with what it is for", file.display());
    }
}

#[test]
fn unsafe_code_is_in_two_files() {
    let audited = ["host/runtime/src/compile/native.rs", "host/capabilities/src/database/sqlite/native.rs"];
    let mut shipped = Vec::new();
    for folder in ["host", "sdk", "plugins"] {
        collect(&cargo::workspace().join(folder), &mut shipped);
    }
    for file in shipped.iter().filter(|file| !file.components().any(|part| part.as_os_str() == "ui")) {
        let text = fs::read_to_string(file).unwrap();
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let found = lines.filter(|line| line.contains("unsafe {") || line.contains("unsafe fn")).count();
        let is_audited = audited.iter().any(|audited| file.ends_with(audited));
        assert!(found == 0 || is_audited, "{} has unsafe code", file.display());
    }
}

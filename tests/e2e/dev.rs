//! `cofferdam dev`: what an author sees while writing a plugin.

use std::{fs, path::Path};

use cofferdam_tests::{
    HostProcess, Http, cargo,
    messages::{call, modern, text},
    process,
};
use serde_json::json;

/// A plugin crate whose one tool says something.
fn write_crate(folder: &Path, said: &str) {
    fs::create_dir_all(folder.join("src")).unwrap();
    let sdk = cargo::workspace().join("sdk/rust");
    let manifest = format!(
        "[package]\nname = \"says\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [lib]\ncrate-type = [\"cdylib\"]\n\n[dependencies]\ncofferdam-sdk = {{ path = {sdk:?} }}\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    // The same versions as everywhere here.
    fs::copy(cargo::workspace().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    write_source(folder, said);
}

fn write_source(folder: &Path, said: &str) {
    let source = format!(
        "//! Says something.\n\nuse cofferdam_sdk::prelude::*;\n\n/// Say it.\n#[tool]\n\
         fn it() -> Reply {{\n    Reply::new().text({said})\n}}\n\nplugin!(it);\n"
    );
    fs::write(folder.join("src/lib.rs"), source).unwrap();
}

async fn says(http: &Http) -> String {
    let answer = http.modern(&modern(1, "tools/call", call("says_it", json!({})))).await.answer();
    text(&answer).to_owned()
}

#[tokio::test]
async fn a_source_that_changes_is_built_and_swapped_and_one_that_is_broken_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let says_crate = folder.path().join("says");
    write_crate(&says_crate, "\"one\"");
    let mut command = process::command(&["dev", folder.path().to_str().unwrap(), "--http", "127.0.0.1:0"]);
    command.current_dir(folder.path()).env("CARGO_TARGET_DIR", cargo::target().join("guests"));
    let host = HostProcess::start(command).await;
    let http = Http::new(&host.url());
    assert_eq!(says(&http).await, "one");

    write_source(&says_crate, "\"two\"");
    host.log.until_events("plugin loaded", 2).await;
    until_says(&http, "two").await;
    host.log.until("built says: ").await.unwrap();

    write_source(&says_crate, "nothing");
    let said = host.log.until("error: says: ").await.unwrap();
    for words in ["cannot find value `nothing`", "src/lib.rs:8:23"] {
        assert!(said.contains(words), "{words} in:\n{said}");
    }
    assert_eq!(says(&http).await, "two");

    write_source(&says_crate, "\"three\"");
    host.log.until_events("plugin loaded", 3).await;
    until_says(&http, "three").await;
    // A build for each change, and none for what a build writes itself.
    assert_eq!(host.log.text().matches("built says").count(), 2);
}

/// The swap follows the words in the log at once; who calls in between gets the version before.
async fn until_says(http: &Http, wanted: &str) {
    while says(http).await != wanted {}
}

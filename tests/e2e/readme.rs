//! The README's own blocks: the first tool is built, called and served as it is written there.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use cofferdam_tests::{
    HostProcess, Http, cargo,
    messages::{call, modern, text},
    process,
};
use serde_json::json;

struct Block {
    language: String,
    text: String,
    /// The last line before the block.
    before: String,
}

fn readme() -> Vec<Block> {
    let text = fs::read_to_string(cargo::workspace().join("README.md")).unwrap();
    let (mut blocks, mut before, mut lines) = (Vec::new(), String::new(), text.lines());
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let body: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push(Block {
                language: language.to_owned(),
                text: body.join("\n") + "\n",
                before: before.clone(),
            });
        } else if !line.is_empty() {
            before = line.to_owned();
        }
    }
    assert!(blocks.len() > 5);
    blocks
}

/// The folder in which the README's first tool was written down: `add/` is the crate.
fn first_tool() -> &'static Path {
    static WRITTEN: OnceLock<PathBuf> = OnceLock::new();
    WRITTEN.get_or_init(|| {
        let folder = cargo::target().join("readme");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("add/src")).unwrap();
        let sdk = cargo::workspace().join("sdk/rust");
        for name in ["add/Cargo.toml", "add/src/lib.rs"] {
            let is_it = |block: &Block| block.before == format!("`{name}`:");
            let block = readme().into_iter().find(is_it).unwrap_or_else(|| panic!("no {name} in the README"));
            // The README's crate stands beside `sdk`; this one doesn't.
            fs::write(folder.join(name), block.text.replace("../sdk/rust", sdk.to_str().unwrap())).unwrap();
        }
        // The same versions as everywhere here.
        fs::copy(cargo::workspace().join("Cargo.lock"), folder.join("add/Cargo.lock")).unwrap();
        folder
    })
}

/// The program, in the folder of the first tool; what it builds is kept beside the guests.
fn command(arguments: &[&str]) -> Command {
    let mut command = process::command(arguments);
    command.current_dir(first_tool()).env("CARGO_TARGET_DIR", cargo::target().join("guests"));
    command
}

#[test]
fn the_first_tool_is_built_and_called_as_it_is_written() {
    let blocks = readme();
    let at = blocks.iter().position(|block| block.text.starts_with("cofferdam build add")).unwrap();
    let lines: Vec<_> = blocks[at].text.lines().collect();
    let mut printed = String::new();
    for line in &lines {
        let words: Vec<_> = line.split_whitespace().skip(1).collect();
        let output = command(&words).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "`{line}` failed:\n{said}");
        printed = String::from_utf8(output.stdout).unwrap();
    }
    // The next block is what the last command prints.
    assert_eq!(printed, blocks[at + 1].text);
}

#[tokio::test]
async fn dev_builds_the_first_tool_and_serves_it() {
    let folder = tempfile::tempdir().unwrap();
    let add = folder.path().join("add");
    fs::create_dir_all(add.join("src")).unwrap();
    for name in ["Cargo.toml", "Cargo.lock", "src/lib.rs"] {
        fs::copy(first_tool().join("add").join(name), add.join(name)).unwrap();
    }
    let host = HostProcess::start({
        let mut command = command(&["dev", folder.path().to_str().unwrap(), "--http", "127.0.0.1:0"]);
        command.current_dir(folder.path());
        command
    })
    .await;
    let sum = modern(1, "tools/call", call("add_add", json!({ "a": 2, "b": 40 })));
    assert_eq!(text(&Http::new(&host.url()).modern(&sum).await.answer()), "42");
    assert!(folder.path().join("add.wasm").exists());
    let said = host.said.until("Ctrl-C").await.unwrap();
    for words in ["add_add", "claude mcp add --transport http cofferdam", "code --add-mcp", "mcpServers"] {
        assert!(said.contains(words), "{words} in:\n{said}");
    }
}

#[test]
fn a_crate_that_does_not_build_fails_with_the_compiler_s_words() {
    let folder = tempfile::tempdir().unwrap();
    let add = folder.path().join("broken");
    fs::create_dir_all(add.join("src")).unwrap();
    let manifest = fs::read_to_string(first_tool().join("add/Cargo.toml")).unwrap();
    fs::write(add.join("Cargo.toml"), manifest.replace("name = \"add\"", "name = \"broken\"")).unwrap();
    fs::copy(first_tool().join("add/Cargo.lock"), add.join("Cargo.lock")).unwrap();
    fs::write(add.join("src/lib.rs"), "use cofferdam_sdk::prelude::*;\nplugin!(nothing);\n").unwrap();
    let output = command(&["build", add.to_str().unwrap()]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    for words in ["cannot find type `nothing`", "src/lib.rs:2:9", "error: broken: it doesn't build"] {
        assert!(said.contains(words), "{words} in:\n{said}");
    }
    assert_eq!(output.stdout, b"");
}

#[test]
fn the_operator_s_file_in_the_readme_is_valid() {
    let folder = tempfile::tempdir().unwrap();
    let blocks = readme();
    let block =
        blocks.iter().find(|block| block.language == "toml" && block.text.contains("[limits]")).unwrap();
    let file = folder.path().join("cofferdam.toml");
    fs::write(&file, &block.text).unwrap();
    let output = process::command(&["config", "check", "--config", file.to_str().unwrap()]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_the_readme_points_to_is_there() {
    let text = fs::read_to_string(cargo::workspace().join("README.md")).unwrap();
    let links = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link);
    for link in links.filter(|link| !link.contains("://") && !link.starts_with('#')) {
        assert!(cargo::workspace().join(link).exists(), "the README points to {link}, which isn't there");
    }
}

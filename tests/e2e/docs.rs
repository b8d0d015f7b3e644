//! What the documents show of the operator's file and of the commands that change it: each block and line is tried.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use cofferdam_tests::{cargo, process};

/// The documents that operators read.
fn documents() -> Vec<PathBuf> {
    let root = cargo::workspace();
    let mut found = vec![root.join("README.md"), root.join("SECURITY.md"), root.join("sdk/rust/README.md")];
    let folder = |name: &str| fs::read_dir(root.join(name)).unwrap().map(|entry| entry.unwrap().path());
    found.extend(folder("docs").filter(|path| path.extension().is_some_and(|found| found == "md")));
    found.extend(folder("plugins").map(|path| path.join("README.md")).filter(|path| path.exists()));
    found
}

/// The blocks of TOML that are no `Cargo.toml`.
fn blocks(text: &str) -> Vec<String> {
    let fenced = text.split("```toml\n").skip(1).filter_map(|rest| rest.split_once("```"));
    let blocks = fenced.map(|(block, _)| block.to_owned());
    blocks.filter(|block| !block.contains("[package]") && !block.contains("[dependencies]")).collect()
}

/// The program in a folder with an operator's file, where every secret that the documents name has a value.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = process::command(arguments);
    for name in ["WEATHER_TOKEN", "GITHUB_TOKEN", "SHOP_PASSWORD"] {
        command.env(name, "a-value-that-is-long-enough");
    }
    command.current_dir(folder).output().unwrap()
}

#[test]
fn every_piece_of_the_operator_s_file_in_the_documents_is_valid() {
    let mut count = 0;
    for document in documents() {
        for block in blocks(&fs::read_to_string(&document).unwrap()) {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("cofferdam.toml"), &block).unwrap();
            let output = run(folder.path(), &["config", "check"]);
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}:\n{block}\n{said}", document.display());
            count += 1;
        }
    }
    assert!(count >= 10, "{count} blocks");
}

/// The commands of this kind in a text: in blocks, behind a `$`, or in a line between backquotes.
fn commands(text: &str) -> Vec<Vec<String>> {
    let code = text.split("```").enumerate().flat_map(|(index, part)| match index % 2 {
        1 => part.lines().map(|line| line.trim_start_matches("$ ").to_owned()).collect::<Vec<_>>(),
        _ => part.split('`').skip(1).step_by(2).map(str::to_owned).collect(),
    });
    let words = code.map(|line| words(&line));
    let ours = ["grant", "revoke", "grants", "explain"];
    let is_ours = |words: &Vec<String>| {
        words.first().is_some_and(|word| word == "cofferdam")
            && words.get(1).is_some_and(|word| ours.contains(&word.as_str()))
    };
    // `cofferdam grant` alone, or with names in capitals for what stands there, is not a command to run.
    let is_whole = |words: &Vec<String>| {
        let is_name = |word: &String| ["PLUGIN", "CODE", "…", "..."].contains(&word.as_str());
        !words.iter().any(is_name) && (words.len() > 2 || words[1] == "grants")
    };
    words.filter(|words| is_ours(words) && is_whole(words)).collect()
}

/// As a shell would split it: quotes, and comments.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in line.split('\'').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
            continue;
        }
        let plain = part.split(" #").next().unwrap_or_default();
        words.extend(plain.split_whitespace().map(str::to_owned));
        if plain.len() < part.len() {
            break;
        }
    }
    words
}

#[test]
fn every_command_about_grants_in_the_documents_runs() {
    let mut count = 0;
    for document in documents() {
        for words in commands(&fs::read_to_string(&document).unwrap()) {
            let folder = tempfile::tempdir().unwrap();
            let file = "[databases.shop]\nurl = \"sqlite:shop.db\"\n";
            fs::write(folder.path().join("cofferdam.toml"), file).unwrap();
            let arguments: Vec<_> = words[1..].iter().map(String::as_str).collect();
            let output = run(folder.path(), &arguments);
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}: {words:?}\n{said}", document.display());
            let written = fs::read_to_string(folder.path().join("cofferdam.toml")).unwrap();
            assert_eq!(written != file, words[1] == "grant", "{words:?} wrote:\n{written}");
            count += 1;
        }
    }
    assert!(count >= 5, "{count} commands");
}

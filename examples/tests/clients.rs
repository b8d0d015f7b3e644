//! The clients' configurations: what each client reads, under the key where it looks, and no file besides.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Value, json};

use crate::build::examples;

const URL: &str = "http://127.0.0.1:7331/mcp";

fn started() -> Value {
    json!({ "command": "cofferdam", "args": ["stdio", "--plugins", "/path/to/plugins"] })
}

fn typed(kind: &str, mut entry: Value) -> Value {
    entry["type"] = json!(kind);
    entry
}

/// File, the key that its client reads, and the entry under it.
fn expected() -> Vec<(&'static str, &'static str, Value)> {
    let url = json!({ "url": URL });
    let bridge = json!({ "command": "npx", "args": ["-y", "mcp-remote", URL] });
    vec![
        ("claude-desktop/stdio.json", "mcpServers", started()),
        ("claude-desktop/http.json", "mcpServers", bridge),
        ("claude-code/stdio.mcp.json", "mcpServers", typed("stdio", started())),
        ("claude-code/http.mcp.json", "mcpServers", typed("http", url.clone())),
        ("vscode/stdio.mcp.json", "servers", typed("stdio", started())),
        ("vscode/http.mcp.json", "servers", typed("http", url.clone())),
        ("cursor/stdio.mcp.json", "mcpServers", started()),
        ("cursor/http.mcp.json", "mcpServers", url.clone()),
        ("inspector/stdio.json", "mcpServers", typed("stdio", started())),
        ("inspector/http.json", "mcpServers", typed("streamable-http", url)),
    ]
}

#[test]
fn each_client_finds_the_host_under_its_own_key() {
    for (file, key, entry) in expected() {
        let text = fs::read_to_string(examples().join("clients").join(file)).unwrap();
        let found: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(found, json!({ key: { "cofferdam": entry } }), "{file}");
    }
}

#[test]
fn no_configuration_is_left_out_of_the_tests_or_the_readme() {
    let folder = examples().join("clients");
    let mut found = BTreeSet::new();
    for client in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(|p| p.is_dir()) {
        found.extend(fs::read_dir(client).unwrap().map(|entry| entry.unwrap().path()));
    }
    let expected: BTreeSet<_> = expected().iter().map(|(file, ..)| folder.join(file)).collect();
    assert_eq!(found, expected);
    let readme = fs::read_to_string(folder.join("README.md")).unwrap();
    for file in &expected {
        let file = file.strip_prefix(&folder).unwrap_or(Path::new("")).display().to_string();
        assert!(readme.contains(&format!("({file})")), "{file}");
    }
}

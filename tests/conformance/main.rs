//! The protocol, message by message, in both eras: what a client of any make may rely on.
//!
//! Written from the specification, without a library on the client's side.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "these are tests"
)]

mod headers;
mod lists;
mod on_stdio;
mod sessions;
mod stateless;

use cofferdam_tests::{
    HostProcess, Http,
    guest::described::{Described, component},
    plugins,
};
use tempfile::TempDir;

/// How many tools the host of this suite has.
const TOOLS: usize = 20;
/// How many of them are on one page.
const PAGE: usize = 7;

/// A folder with two plugins that have twenty tools between them, in no order, and the file of their operator.
fn folder() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    for (plugin, first) in [("b", 10), ("a", 0)] {
        let tool = |n: usize| Described {
            title: Some(format!("Tool {n}")),
            output_schema: (n == 1).then(|| r#"{"type":"array"}"#.to_owned()),
            icon: (n == 2).then(|| "https://example.com/icon.png".to_owned()),
            meta: (n == 3).then(|| r#"{"example.com/key":1,"cofferdam/x":2}"#.to_owned()),
            ..Described::named(&format!("tool-{n:02}"))
        };
        let tools: Vec<_> = (first..first + 10).rev().map(tool).collect();
        plugins::put(folder.path(), plugin, &component(&tools));
    }
    let file = folder.path().join("cofferdam.toml");
    std::fs::write(&file, format!("[server]\npage_size = {PAGE}\nlist_ttl = \"5m\"\n")).unwrap();
    let file = file.to_str().unwrap().to_owned();
    (folder, file)
}

async fn host() -> (HostProcess, Http, TempDir) {
    let (folder, file) = folder();
    let host = HostProcess::serve(folder.path(), &["--config", &file]).await;
    let http = Http::new(&host.url());
    (host, http, folder)
}

/// The public names of all tools, in their order.
fn names() -> Vec<String> {
    (0..TOOLS).map(|n| format!("{}_tool-{n:02}", if n < 10 { "a" } else { "b" })).collect()
}

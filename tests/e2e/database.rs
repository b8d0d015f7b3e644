//! A plugin's databases through the real binary: where they are, what they outlive, and what an operator says of them.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, process::Stdio};

use cofferdam_tests::{
    HostProcess, Http,
    guest::Sandbox,
    messages::{call, modern},
    plugins, process,
};
use serde_json::{Value, json};

/// What each step of one call gave.
async fn run(http: &Http, label: &str, steps: Value) -> Value {
    let arguments = json!({ "label": label, "steps": steps });
    let answer = http.modern(&modern(1, "tools/call", call("notes_run", arguments))).await.answer();
    assert_ne!(answer["result"]["isError"], true, "{answer}");
    answer["result"]["structuredContent"]["result"].clone()
}

fn execute(sql: &str) -> Value {
    json!({ "act": "execute", "sql": sql })
}

fn query(sql: &str) -> Value {
    json!({ "act": "query", "sql": sql })
}

fn configured(folder: &Path, text: &str) -> String {
    let file = folder.join("cofferdam.toml");
    fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

#[tokio::test]
async fn rows_outlive_a_host_that_is_killed() {
    let folder = plugins::folder(&[("notes", Sandbox::Database)]);
    let host = HostProcess::serve(folder.path(), &[]).await;
    let steps = json!([
        { "act": "migrate", "texts": ["CREATE VIRTUAL TABLE notes USING fts5(title, body)"] },
        execute("INSERT INTO notes VALUES ('crabs', 'they walk sideways')"),
    ]);
    assert_eq!(run(&Http::new(&host.url()), "private", steps).await, json!([1, 1]));
    host.kill().await;
    let data = folder.path().join("data");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&data), mode(&data.join("notes.sqlite3"))), (0o700, 0o600));

    let host = HostProcess::serve(folder.path(), &[]).await;
    let found =
        run(&Http::new(&host.url()), "private", json!([query("SELECT title FROM notes('sideways')")])).await;
    assert_eq!(found, json!([[["crabs"]]]));
}

#[tokio::test]
async fn a_grant_comes_and_goes_without_a_restart() {
    let folder = plugins::folder(&[("notes", Sandbox::Database)]);
    let above = tempfile::tempdir().unwrap();
    // Any database file; an empty one is one.
    fs::write(above.path().join("shop.db"), "").unwrap();
    let shop = "[databases.shop]\nurl = \"sqlite:shop.db\"\n";
    let file = configured(above.path(), shop);
    let host = HostProcess::serve(folder.path(), &["--config", &file]).await;
    let http = Http::new(&host.url());
    let denied = run(&http, "shop", json!([])).await;
    let text = denied[0]["error"][1].as_str().unwrap();
    assert!(text.ends_with("[C0401]; to allow it, run: cofferdam grant notes database shop read"), "{text}");

    configured(above.path(), &format!("{shop}[plugins.notes]\ndatabases = {{ shop = \"schema\" }}\n"));
    host.log.until_events("configuration read again", 1).await;
    let steps = json!([execute("CREATE TABLE t (a)"), execute("INSERT INTO t VALUES (1)")]);
    // The log knows of the change a moment before calls do.
    while run(&http, "shop", json!([query("SELECT 1")])).await != json!([[[1]]]) {}
    assert_eq!(run(&http, "shop", steps).await, json!([0, 1]));

    configured(above.path(), &format!("{shop}[plugins.notes]\ndatabases = {{ shop = \"read\" }}\n"));
    host.log.until_events("configuration read again", 2).await;
    while run(&http, "shop", json!([execute("DELETE FROM t WHERE a = 2")])).await == json!([0]) {}
    let done = run(&http, "shop", json!([query("SELECT a FROM t"), execute("DELETE FROM t")])).await;
    assert_eq!(done[0], json!([[1]]));
    let text = done[1]["error"][1].as_str().unwrap();
    assert!(text.ends_with("run: cofferdam grant notes database shop write"), "{text}");
}

#[test]
fn inspect_shows_the_databases_with_what_was_granted() {
    let folder = plugins::folder(&[("notes", Sandbox::Database)]);
    let component = folder.path().join("notes.wasm");
    let file = configured(
        folder.path(),
        "[databases.shop]\nurl = \"sqlite:shop.db\"\n[plugins.notes]\ndatabases = { shop = \"read\" }\n\
         database_limits = { size = \"1 MiB\" }\n",
    );
    let shown = |arguments: &[&str]| {
        let mut inspect = process::command(&["inspect"]);
        let output = inspect.arg(&component).args(arguments).stdout(Stdio::piped()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let plain = shown(&[]);
    assert!(plain.contains("  has a private database (64 MiB) (cofferdam:plugin/database)\n"), "{plain}");
    let configured = shown(&["--config", &file]);
    let line = "  has a private database (1 MiB); may read `shop` (cofferdam:plugin/database)\n";
    assert!(configured.contains(line), "{configured}");
}

//! Files that come, change and go while the host serves, as a client sees it.

mod cache;
mod clients;
mod killed;
mod odd;
mod removal;
mod stress;
mod swapper;
mod writing;

use std::{fs, io::Write as _, os::unix::fs::symlink, path::Path};

use cofferdam_tests::{
    StdioProcess,
    guest::{
        Good, Guest,
        described::{Described, component},
        wat::component_with,
        wit::Wit,
    },
    messages::{call, initialize, modern, request, text},
    plugins::put,
    process,
};
use serde_json::{Value, json};
use tempfile::TempDir;

const CHANGED: &str = "notifications/tools/list_changed";

/// A session of the era before, on a folder that is empty so far.
async fn session() -> (StdioProcess, TempDir) {
    session_with(&[]).await
}

async fn session_with(arguments: &[&str]) -> (StdioProcess, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (session_on(folder.path(), arguments).await, folder)
}

/// A session of the era before.
pub(crate) async fn session_on(folder: &Path, arguments: &[&str]) -> StdioProcess {
    let mut host = StdioProcess::serve(folder, arguments);
    let agreed = host.ask(&initialize("2025-11-25"), &mut Vec::new()).await;
    assert_eq!(agreed["result"]["capabilities"]["tools"]["listChanged"], true);
    host.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
    host
}

/// Waits for the next change of the list, and returns the names on the new one.
pub(crate) async fn changed(host: &mut StdioProcess) -> Vec<String> {
    let message = host.next().await.unwrap();
    assert_eq!(message["method"], CHANGED, "{message}");
    listed(host).await
}

/// Waits until this is listed, however many changes lead to it.
async fn becomes(host: &mut StdioProcess, names: &[&str]) {
    loop {
        let mut meanwhile = Vec::new();
        if list(host, &mut meanwhile).await == names {
            return;
        }
        if meanwhile.is_empty() {
            assert_eq!(host.next().await.unwrap()["method"], CHANGED);
        }
    }
}

pub(crate) async fn listed(host: &mut StdioProcess) -> Vec<String> {
    let mut meanwhile = Vec::new();
    let names = list(host, &mut meanwhile).await;
    assert_eq!(meanwhile, Vec::<Value>::new());
    names
}

async fn list(host: &mut StdioProcess, meanwhile: &mut Vec<Value>) -> Vec<String> {
    let answer = host.ask(&request("list", "tools/list", Value::Null), meanwhile).await;
    let tools = answer["result"]["tools"].as_array().unwrap();
    tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

pub(crate) fn tools(names: &[&str]) -> Vec<u8> {
    let described: Vec<_> = names.iter().map(|name| Described::named(name)).collect();
    component(&described)
}

/// The command that serves `plugins` over HTTP with a compile cache of its own, below `above`.
fn with_cache(plugins: &Path, above: &Path) -> std::process::Command {
    let mut command =
        process::command(&["serve", "--plugins", plugins.to_str().unwrap(), "--http", "127.0.0.1:0"]);
    command.env("XDG_CACHE_HOME", above);
    command
}

/// Other bytes, and nothing that a client could see.
fn same_but(component: &[u8], mark: u8) -> Vec<u8> {
    // A custom section: kind 0, four bytes, a name of two, one of content.
    [component, &[0, 4, 2, b'n', b'o', mark]].concat()
}

#[tokio::test]
async fn a_file_that_comes_changes_and_goes_is_noticed_once_each() {
    let (mut host, folder) = session().await;
    put(folder.path(), "a", &tools(&["one"]));
    assert_eq!(changed(&mut host).await, ["a_one"]);
    put(folder.path(), "a", &tools(&["one", "two"]));
    assert_eq!(changed(&mut host).await, ["a_one", "a_two"]);
    fs::rename(folder.path().join("a.wasm"), folder.path().join("b.wasm")).unwrap();
    becomes(&mut host, &["b_one", "b_two"]).await;
    fs::remove_file(folder.path().join("b.wasm")).unwrap();
    assert_eq!(changed(&mut host).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_subscription_of_the_stateless_era_hears_of_a_change() {
    let folder = tempfile::tempdir().unwrap();
    let mut host = StdioProcess::serve(folder.path(), &[]);
    host.send(&modern(7, "subscriptions/listen", json!({ "notifications": { "toolsListChanged": true } })))
        .await;
    let acknowledged = host.next().await.unwrap();
    assert_eq!(acknowledged["method"], "notifications/subscriptions/acknowledged");
    put(folder.path(), "a", &tools(&["one"]));
    let message = host.next().await.unwrap();
    assert_eq!(message["method"], CHANGED);
    assert_eq!(message["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], 7);
}

#[tokio::test]
async fn a_bad_version_leaves_the_good_one_serving() {
    let (mut host, folder) = session().await;
    let good = tools(&["one"]);
    put(folder.path(), "a", &good);
    assert_eq!(changed(&mut host).await, ["a_one"]);
    put(folder.path(), "a", &good[..good.len() / 2]);
    host.log.until("plugin refused").await.unwrap();
    assert_eq!(listed(&mut host).await, ["a_one"]);
    put(folder.path(), "a", &tools(&["three"]));
    assert_eq!(changed(&mut host).await, ["a_three"]);
}

#[tokio::test]
async fn a_version_that_wants_what_is_not_offered_leaves_the_one_before_it_serving() {
    let (mut host, folder) = session().await;
    put(folder.path(), "a", &tools(&["one"]));
    assert_eq!(changed(&mut host).await, ["a_one"]);
    let wit = Wit::current()
        .package("package evil:parcel@1.0.0;\ninterface things { run: func(); }")
        .world("import evil:parcel/things@1.0.0;");
    let wanting = component_with("(import \"evil:parcel/things@1.0.0\" \"run\" (func))", &wit);
    put(folder.path(), "a", &wanting);
    let log = host.log.until("plugin refused").await.unwrap();
    assert!(log.contains("evil:parcel/things@1.0.0"), "{log}");
    assert_eq!(listed(&mut host).await, ["a_one"]);
}

#[tokio::test]
async fn a_change_of_code_alone_tells_clients_nothing() {
    let (mut host, folder) = session().await;
    let component = tools(&["one"]);
    put(folder.path(), "a", &component);
    assert_eq!(changed(&mut host).await, ["a_one"]);
    put(folder.path(), "a", &same_but(&component, 1));
    let digest = cofferdam_runtime::load::digest(&same_but(&component, 1));
    host.log.until(&digest).await.unwrap();
    put(folder.path(), "b", &tools(&["two"]));
    // The next message is of the second change, with nothing before it.
    assert_eq!(changed(&mut host).await, ["a_one", "b_two"]);
}

#[tokio::test]
async fn a_name_that_serves_is_not_taken_by_a_newcomer_until_it_is_free() {
    let policy = tempfile::tempdir().unwrap();
    let file = policy.path().join("cofferdam.toml");
    fs::write(&file, "[plugins.a]\nnamespace = \"\"\n[plugins.b]\nnamespace = \"\"\n").unwrap();
    let (mut host, folder) = session_with(&["--config", file.to_str().unwrap()]).await;
    put(folder.path(), "b", &tools(&["one"]));
    assert_eq!(changed(&mut host).await, ["one"]);
    put(folder.path(), "a", &tools(&["one", "two"]));
    host.log.until("is taken by plugin `b`").await.unwrap();
    assert_eq!(listed(&mut host).await, ["one"]);
    fs::remove_file(folder.path().join("b.wasm")).unwrap();
    becomes(&mut host, &["one", "two"]).await;
}

#[tokio::test]
async fn a_change_of_the_operator_s_file_applies_to_plugins_that_serve() {
    let policy = tempfile::tempdir().unwrap();
    let file = policy.path().join("cofferdam.toml");
    fs::write(&file, "").unwrap();
    let (mut host, folder) = session_with(&["--config", file.to_str().unwrap()]).await;
    put(folder.path(), "a", &tools(&["one"]));
    put(folder.path(), "b", &tools(&["two"]));
    becomes(&mut host, &["a_one", "b_two"]).await;
    fs::write(&file, "[plugins.a]\nnamespace = \"x\"\n[plugins.b]\nenabled = false\n").unwrap();
    assert_eq!(changed(&mut host).await, ["x_one"]);
    fs::write(&file, "[plugins.a]\nnamespce = \"y\"\n").unwrap();
    let log = host.log.until("the last good one goes on").await.unwrap();
    assert!(log.contains("namespace"), "{log}");
    assert_eq!(listed(&mut host).await, ["x_one"]);
    fs::write(&file, "").unwrap();
    becomes(&mut host, &["a_one", "b_two"]).await;
}

#[tokio::test]
async fn a_limit_in_the_operator_s_file_applies_to_the_next_call() {
    let policy = tempfile::tempdir().unwrap();
    let file = policy.path().join("cofferdam.toml");
    fs::write(&file, "").unwrap();
    let (mut host, folder) = session_with(&["--config", file.to_str().unwrap()]).await;
    put(folder.path(), "echo", &Guest::from(Good::Echo).component());
    assert_eq!(changed(&mut host).await, ["echo_echo"]);
    let long = request("call", "tools/call", call("echo_echo", json!({ "text": "x".repeat(3_000) })));
    assert_eq!(host.ask(&long, &mut Vec::new()).await["result"]["isError"], false);
    fs::write(&file, "[limits]\narguments = \"2 KiB\"\n").unwrap();
    host.log.until("plugin under its new policy").await.unwrap();
    let answer = host.ask(&long, &mut Vec::new()).await;
    assert_eq!(answer["result"]["_meta"]["cofferdam/error"], "limit/arguments");
}

#[tokio::test]
async fn links_within_the_folder_are_followed_and_links_out_of_it_are_not() {
    let (mut host, folder) = session().await;
    let elsewhere = tempfile::tempdir().unwrap();
    put(elsewhere.path(), "out", &tools(&["out"]));
    symlink(elsewhere.path().join("out.wasm"), folder.path().join("out.wasm")).unwrap();
    host.log.until("leads out of the plugins directory").await.unwrap();
    // The way in which mounted folders switch: a link to a link to a folder, which is switched.
    let version = |name: &str, tool: &str| {
        fs::create_dir(folder.path().join(name)).unwrap();
        put(&folder.path().join(name), "a", &tools(&[tool]));
    };
    version("v1", "one");
    symlink("v1", folder.path().join("data")).unwrap();
    symlink("data/a.wasm", folder.path().join("a.wasm")).unwrap();
    assert_eq!(changed(&mut host).await, ["a_one"]);
    version("v2", "two");
    symlink("v2", folder.path().join("next")).unwrap();
    fs::rename(folder.path().join("next"), folder.path().join("data")).unwrap();
    assert_eq!(changed(&mut host).await, ["a_two"]);
}

#[tokio::test]
async fn what_is_no_regular_file_stops_nothing() {
    let (mut host, folder) = session().await;
    let pipe = folder.path().join("pipe.wasm");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    fs::create_dir(folder.path().join("folder.wasm")).unwrap();
    let sparse = fs::File::create(folder.path().join("sparse.wasm")).unwrap();
    sparse.set_len(1 << 40).unwrap();
    put(folder.path(), "a", &tools(&["one"]));
    assert_eq!(changed(&mut host).await, ["a_one"]);
    for reason in ["pipe.wasm", "folder.wasm", "sparse.wasm"] {
        host.log.until(reason).await.unwrap();
    }
}

#[tokio::test]
async fn a_file_that_trickles_in_is_served_only_whole() {
    let (mut host, folder) = session().await;
    let whole = tools(&["one"]);
    let mut file = fs::File::create(folder.path().join("a.wasm")).unwrap();
    let (most, last) = whole.split_at(whole.len() - 1);
    for chunk in most.chunks(whole.len() / 20) {
        file.write_all(chunk).unwrap();
        assert_eq!(listed(&mut host).await, Vec::<String>::new());
    }
    file.write_all(last).unwrap();
    drop(file);
    assert_eq!(changed(&mut host).await, ["a_one"]);
}

#[tokio::test]
async fn a_folder_that_comes_later_goes_and_comes_back_is_followed() {
    let above = tempfile::tempdir().unwrap();
    let folder = above.path().join("plugins");
    let mut host = StdioProcess::serve(&folder, &[]);
    host.ask(&initialize("2025-11-25"), &mut Vec::new()).await;
    host.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
    for _ in 0..2 {
        fs::create_dir(&folder).unwrap();
        put(&folder, "a", &tools(&["one"]));
        assert_eq!(changed(&mut host).await, ["a_one"]);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(changed(&mut host).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn no_call_fails_while_its_plugin_is_swapped() {
    let (mut host, folder) = session().await;
    let echo = Guest::from(Good::Echo).component();
    put(folder.path(), "echo", &echo);
    assert_eq!(changed(&mut host).await, ["echo_echo"]);
    for round in 0..6_u8 {
        replace(folder.path(), "echo", &same_but(&echo, round));
        let digest = cofferdam_runtime::load::digest(&same_but(&echo, round));
        while !host.log.text().contains(&digest) {
            let said = format!("round {round}");
            let message = request("call", "tools/call", call("echo_echo", json!({ "text": said })));
            let answer = host.ask(&message, &mut Vec::new()).await;
            assert_eq!(text(&answer), said, "{answer}");
        }
    }
}

/// Puts a file in place of another at one stroke, as a careful program does.
fn replace(folder: &Path, name: &str, component: &[u8]) {
    let aside = folder.join("aside.tmp");
    fs::write(&aside, component).unwrap();
    fs::rename(aside, folder.join(format!("{name}.wasm"))).unwrap();
}

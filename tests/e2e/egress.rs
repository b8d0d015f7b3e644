//! HTTP of plugins through the real binary: grants come and go with the operator's file, and secrets stay in the host.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, process::Stdio};

use cofferdam_tests::{
    HostProcess, Http,
    guest::Sandbox,
    messages::{call, modern},
    plugins, process,
    upstream::{Then, Upstream, answer},
};
use serde_json::{Value, json};

const CANARY: &str = "c4n4ry-0123456789";

fn write(folder: &Path, text: &str) -> String {
    let file = folder.join("cofferdam.toml");
    fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

/// What came of one request of the plugin `p`.
async fn sent(http: &Http, url: &str) -> Value {
    let message = call("p_send", json!({ "requests": [{ "url": url }] }));
    let answer = http.modern(&modern(1, "tools/call", message)).await.answer();
    answer["result"]["structuredContent"]["result"][0].clone()
}

/// Whether the plugin's tool is on the list.
async fn is_listed(http: &Http) -> bool {
    let answer = http.modern(&modern(1, "tools/list", json!({}))).await.answer();
    answer["result"]["tools"].as_array().unwrap().iter().any(|tool| tool["name"] == "p_send")
}

fn url(upstream: &Upstream, path: &str) -> String {
    format!("http://{}{path}", upstream.address)
}

#[tokio::test]
async fn a_grant_comes_changes_and_goes_without_a_restart() {
    let (upstream, proxy) = (Upstream::ok().await, Upstream::ok().await);
    let folder = plugins::folder(&[("p", Sandbox::Http)]);
    let above = tempfile::tempdir().unwrap();
    let file = write(above.path(), "");
    let plugins = folder.path().to_str().unwrap();
    let mut command =
        process::command(&["serve", "--plugins", plugins, "--http", "127.0.0.1:0", "--config", &file]);
    // Whatever the environment says, the way out is the host's own.
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
        command.env(name, url(&proxy, ""));
    }
    let host = HostProcess::start(command).await;
    let http = Http::new(&host.url());
    assert!(!is_listed(&http).await);
    let said = host.log.text();
    let remedy = "cofferdam grant p http 'GET https://api.example.com/*'";
    assert!(said.contains("[C0101]") && said.contains(remedy), "{said}");

    let private = format!("allow_private = [\"{}\"]\n", upstream.address);
    let granted = |lines: &str| format!("[plugins.p]\nhttp = [{lines}]\n{private}");
    write(above.path(), &granted(&format!("\"GET {}\"", url(&upstream, "/v1/*"))));
    host.log.until_events("plugin loaded", 1).await;
    while !is_listed(&http).await {}
    assert_eq!(sent(&http, &url(&upstream, "/v1/x")).await["came"]["text"], "hello");
    let denied = sent(&http, &url(&upstream, "/v2/x")).await;
    assert!(denied["denied"].as_str().unwrap().contains("[C0205]"), "{denied}");

    write(above.path(), &granted(&format!("\"GET {}\"", url(&upstream, "/v2/*"))));
    host.log.until_events("plugin under its new policy", 1).await;
    assert_eq!(sent(&http, &url(&upstream, "/v2/x")).await["came"]["text"], "hello");
    let denied = sent(&http, &url(&upstream, "/v1/x")).await;
    assert!(denied["denied"].as_str().unwrap().contains("[C0205]"), "{denied}");

    // What was taken away doesn't go on because the plugin can't be loaded without it.
    write(above.path(), &private.replace("allow", "[plugins.p]\nallow"));
    host.log.until_events("plugin can't go on; calls that run do", 1).await;
    while is_listed(&http).await {}
    let paths: Vec<_> =
        upstream.seen().iter().map(|seen| seen.split(' ').nth(1).unwrap().to_owned()).collect();
    assert_eq!(paths, ["/v1/x", "/v2/x"]);
    assert_eq!(proxy.accepted(), 0);
}

#[tokio::test]
async fn the_host_is_out_of_reach_and_a_wide_grant_is_told() {
    let folder = plugins::folder(&[("p", Sandbox::Http)]);
    let above = tempfile::tempdir().unwrap();
    let file = write(above.path(), "[plugins.p]\nhttp = [\"* http://*/* dangerous-any\"]\n");
    let host = HostProcess::serve(folder.path(), &["--config", &file]).await;
    let told = host.log.until_events("a grant opens hosts that nobody has named", 1).await;
    assert_eq!((&told[0]["plugin"], &told[0]["grant"]), (&json!("p"), &json!("* http://*/* dangerous-any")));
    let address = host.base.strip_prefix("http://").unwrap().to_owned();
    let (_, port) = address.split_once(':').unwrap();
    let text = format!(
        "[plugins.p]\nhttp = [\"* http://*:{port}/* dangerous-any\"]\nallow_private = [\"{address}\", \"[::1]:{port}\"]\n"
    );
    write(above.path(), &text);
    host.log.until_events("plugin under its new policy", 1).await;
    let http = Http::new(&host.url());
    for name in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"] {
        let said = sent(&http, &format!("http://{name}:{port}/mcp")).await;
        assert!(
            said["denied"].as_str().is_some_and(|said| said.contains("this host's own listener [C0214]")),
            "{name}: {said}"
        );
    }
}

#[tokio::test]
async fn a_secret_reaches_its_upstream_and_nothing_else() {
    let upstream = Upstream::start(|request| (answer("", request.as_bytes()), Then::KeepOpen)).await;
    let folder = plugins::folder(&[("p", Sandbox::Http)]);
    let above = tempfile::tempdir().unwrap();
    let token = above.path().join("token");
    fs::write(&token, format!("{CANARY}-file\n")).unwrap();
    fs::set_permissions(&token, fs::Permissions::from_mode(0o600)).unwrap();
    let text = format!(
        "[log]\nlevel = \"trace\"\n\
         [secrets]\nenv = {{ env = \"P_TOKEN\" }}\nfile = {{ file = \"token\" }}\n\
         command = {{ command = [\"printf\", \"%s-%s\", \"{CANARY}\", \"command\"] }}\n\
         [plugins.p]\nallow_private = [\"{}\"]\nhttp = [{{ allow = \"GET {}\", headers = {{ A = \"${{secret:env}}\", \
         B = \"x ${{secret:file}}\", C = \"${{secret:command}}\" }} }}]\n",
        upstream.address,
        url(&upstream, "/*"),
    );
    let file = write(above.path(), &text);
    let plugins = folder.path().to_str().unwrap();
    let mut command =
        process::command(&["serve", "--plugins", plugins, "--http", "127.0.0.1:0", "--config", &file]);
    command.env("P_TOKEN", format!("{CANARY}-env"));
    let host = HostProcess::start(command).await;
    let http = Http::new(&host.url());
    let said = sent(&http, &url(&upstream, "/x")).await.to_string();
    let seen = upstream.seen().pop().unwrap().to_lowercase();
    for header in [format!("a: {CANARY}-env"), format!("b: x {CANARY}-file"), format!("c: {CANARY}-command")]
    {
        assert!(seen.contains(&header), "{seen}");
    }
    assert!(!said.contains(CANARY), "{said}");
    for name in ["env", "file", "command"] {
        assert!(said.contains(&format!("[secret:{name}]")), "{said}");
    }
    let logged = host.log.text() + &host.said.text();
    // Of the command's own words the configuration has the value: that is not what is looked for.
    assert!(logged.contains("an upstream answered"), "{logged}");
    assert!(!logged.contains(CANARY), "{logged}");
    // A file that others may read now is a mistake, and what held goes on.
    fs::set_permissions(&token, fs::Permissions::from_mode(0o644)).unwrap();
    write(above.path(), &format!("{text}# changed\n"));
    let message = |log: &str| log.lines().any(|line| line.contains("the last good one goes on"));
    while !message(&host.log.text()) {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let logged = host.log.text();
    assert!(logged.contains("run: chmod 600") && !logged.contains(&format!("{CANARY}-")), "{logged}");
    assert!(sent(&http, &url(&upstream, "/x")).await["came"]["status"] == 200);
}

#[tokio::test]
async fn the_first_grant_makes_the_file_and_a_host_that_started_without_one_follows_it() {
    let (above, folder) = (tempfile::tempdir().unwrap(), plugins::folder(&[("p", Sandbox::Http)]));
    let plugins = folder.path().to_str().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = process::command(arguments);
        command.current_dir(above.path());
        command
    };
    let host = HostProcess::start(run(&["serve", "--plugins", plugins, "--http", "127.0.0.1:0"])).await;
    let http = Http::new(&host.url());
    assert!(!is_listed(&http).await);
    let grant = ["grant", "p", "http", "GET https://api.example.com/*", "--plugins", plugins];
    assert!(run(&grant).stdout(Stdio::null()).status().unwrap().success());
    host.log.until_events("plugin loaded", 1).await;
    while !is_listed(&http).await {}
}

#[test]
fn a_plugin_that_waits_for_a_grant_can_be_looked_at() {
    let folder = plugins::folder(&[("p", Sandbox::Http)]);
    let file = folder.path().join("p.wasm");
    let mut inspect = process::command(&["inspect", file.to_str().unwrap()]);
    let output = inspect.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{shown}");
    assert!(shown.contains("not served yet: `p` imports http") && shown.contains("\np_send"), "{shown}");
    assert!(shown.contains("would like: http GET https://api.example.com/*"), "{shown}");
}

#[test]
fn a_mistake_that_is_shown_holds_no_secret() {
    let above = tempfile::tempdir().unwrap();
    let file = write(
        above.path(),
        "[secrets]\nw = { env = \"P_TOKEN\" }\n[plugins.p]\nhttp = [{ allow = \"GET https://a.example/*\", headers = { \
         Authorization = \"${secret:w}\" } }]\n",
    );
    let run = |what: &str, value: &str| {
        let mut run = process::command(&["config", what, "--config", &file]);
        let output =
            run.env("P_TOKEN", value).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(!said.contains("c4n4ry"), "{said}");
        (output.status.success(), said.into_owned())
    };
    for (value, fine) in [(CANARY, true), ("c4n4ry\u{7f}-0123456789", false), ("c4n4ry", false)] {
        let (valid, said) = run("check", value);
        assert_eq!(valid, fine, "{said}");
        assert!(fine || said.contains("Authorization") || said.contains("secret `w`"), "{said}");
        // Where it comes from, whatever it is.
        assert!(run("show", value).1.contains("P_TOKEN"));
    }
}

//! Stdio: nothing but messages on stdout, whatever a guest prints and whatever comes in.

use cofferdam_tests::{
    StdioProcess,
    guest::{E2e, Good, Sandbox},
    messages::{call, initialize, modern, request, text},
    plugins, process,
};
use serde_json::{Value, json};

#[tokio::test]
pub(crate) async fn what_a_guest_prints_goes_to_the_log_and_never_to_stdout() {
    let folder = plugins::folder(&[("prints", E2e::Prints)]);
    let mut process = StdioProcess::serve(folder.path(), &[]);
    let mut meanwhile = Vec::new();
    for id in 0..20 {
        let answer =
            process.ask(&modern(id, "tools/call", call("prints_print", json!({}))), &mut meanwhile).await;
        assert_eq!(text(&answer), "printed");
    }
    // Every line on stdout was JSON (or `ask` would have failed), and none was the guest's.
    assert_eq!(meanwhile, Vec::<Value>::new());
    process.hang_up();
    assert_eq!(process.next().await, None);
    process.ended().await;
    let log = process.log.text();
    for words in ["forged", "no line feed at the end", "Content-Length: 5"] {
        assert!(log.contains(words), "{words} in:\n{log}");
    }
    assert!(!log.contains('\u{1b}'), "a guest reached the terminal");
}

#[tokio::test]
async fn lines_that_are_no_messages_end_nothing() {
    let folder = plugins::folder(&[("echo", Good::Echo)]);
    let mut process = StdioProcess::serve(folder.path(), &[]);
    let long = "x".repeat(1 << 20);
    for line in ["", "not json", "{", "[]", "null", "{\"jsonrpc\":\"2.0\"}", "\u{0}", long.as_str()] {
        process.send_line(line).await;
    }
    let said = call("echo_echo", json!({ "text": "still here" }));
    let answer = process.ask(&modern("x", "tools/call", said), &mut Vec::new()).await;
    assert_eq!(text(&answer), "still here");
}

#[tokio::test]
async fn without_a_command_a_pipe_on_stdin_is_a_client() {
    let folder = plugins::folder(&[("echo", Good::Echo)]);
    let mut command = process::command(&[]);
    command.arg("--plugins").arg(folder.path());
    let mut process = StdioProcess::start(command);
    let answer = process.ask(&initialize("2025-11-25"), &mut Vec::new()).await;
    assert_eq!(answer["result"]["serverInfo"]["name"], "cofferdam");
    process.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
    let said = request(2, "tools/call", call("echo_echo", json!({ "text": "piped" })));
    assert_eq!(text(&process.ask(&said, &mut Vec::new()).await), "piped");
}

#[tokio::test]
async fn a_secret_in_the_host_s_environment_is_out_of_a_guest_s_reach() {
    let folder = plugins::folder(&[("guest", Sandbox::Wasi)]);
    let secret = folder.path().join("secret.txt");
    std::fs::write(&secret, "canary-in-a-file").unwrap();
    let mut command = process::command(&["stdio"]);
    command.arg("--plugins").arg(folder.path()).env("CANARY", "canary-in-the-environment");
    command.current_dir(folder.path());
    let mut process = StdioProcess::start(command);
    let look = call("guest_look", json!({ "address": "127.0.0.1:1", "file": secret }));
    let answer = process.ask(&modern(1, "tools/call", look), &mut Vec::new()).await;
    assert_eq!(answer["result"]["structuredContent"]["variables"], 0, "{answer}");
    assert_eq!(answer["result"]["structuredContent"]["open"], "NotFound");
    assert!(!answer.to_string().contains("canary"), "{answer}");
}

#[tokio::test]
async fn many_requests_at_once_are_all_answered() {
    let folder = plugins::folder(&[("echo", Good::Echo)]);
    let mut process = StdioProcess::serve(folder.path(), &[]);
    for id in 0..200 {
        let said = call("echo_echo", json!({ "text": id.to_string() }));
        process.send(&modern(id, "tools/call", said)).await;
    }
    let mut answered = std::collections::BTreeSet::new();
    while answered.len() < 200 {
        let answer = process.next().await.unwrap();
        let id = answer["id"].as_u64().unwrap();
        assert_eq!(text(&answer), id.to_string());
        assert!(answered.insert(id), "{id} is answered twice");
    }
}

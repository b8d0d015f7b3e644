//! While a call runs: progress, log messages, a sign of life, and what ends it early.

use std::time::Duration;

use cofferdam_tests::{
    HostProcess, Http, StdioProcess,
    guest::E2e,
    messages::{MODERN, call, initialize, modern, request, text},
    plugins,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder with the talking guest, of which one call runs at a time, and the file that says so.
fn talking(server: &str) -> (TempDir, String) {
    let folder = plugins::folder(&[("talk", E2e::Talk)]);
    let file = folder.path().join("cofferdam.toml");
    let text = format!(
        "{server}\n[plugins.talk.limits]\nconcurrent_calls = 1\nqueue_wait = \"1m\"\ndeadline = \"2m\"\n"
    );
    std::fs::write(&file, text).unwrap();
    (folder, file.to_str().unwrap().to_owned())
}

async fn host(server: &str) -> (HostProcess, Http, TempDir) {
    let (folder, file) = talking(server);
    let host = HostProcess::serve(folder.path(), &["--config", &file]).await;
    let http = Http::new(&host.url());
    (host, http, folder)
}

/// A call that wants to hear of its progress.
fn told(tool: &str, arguments: Value) -> Value {
    let mut params = call(tool, arguments);
    params["_meta"] = json!({ "progressToken": "token" });
    params
}

fn progress(step: u32) -> Value {
    let params = json!({ "progressToken": "token", "progress": f64::from(step * 50), "total": 100.0, "message": format!("step {step}") });
    json!({ "jsonrpc": "2.0", "method": "notifications/progress", "params": params })
}

fn log(level: &str, logger: Option<&str>, data: Value) -> Value {
    let mut params = json!({ "level": level, "data": data });
    if let Some(logger) = logger {
        params["logger"] = json!(logger);
    }
    json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": params })
}

/// What the tool `steps` says at `info`, in its order.
fn steps() -> Vec<Value> {
    let step = |step: u32| [progress(step), log("info", Some("steps"), json!({ "step": step }))];
    let mut said: Vec<_> = (0..3).flat_map(step).collect();
    said.push(log("error", None, json!("not really")));
    said
}

/// Asserts that the messages are what `steps` says, in the order of each kind, and then its result.
fn check_steps(messages: &[Value]) {
    let (answer, said) = messages.split_last().unwrap();
    assert_eq!(text(answer), "walked", "{messages:?}");
    for method in ["notifications/progress", "notifications/message"] {
        let of =
            |all: &[Value]| -> Vec<_> { all.iter().filter(|m| m["method"] == method).cloned().collect() };
        assert_eq!(of(said), of(&steps()));
    }
    assert_eq!(said.len(), steps().len());
}

#[tokio::test]
pub(crate) async fn progress_and_log_come_on_the_request_s_own_stream_before_its_result() {
    let (_host, http, _folder) = host("").await;

    let mut params = told("talk_steps", json!({}));
    params["_meta"]["io.modelcontextprotocol/logLevel"] = json!("info");
    check_steps(&http.modern(&modern(1, "tools/call", params)).await.messages());

    for version in ["2025-03-26", "2025-11-25"] {
        let (session, _) = http.initialize(version).await;
        let message = request(1, "tools/call", told("talk_steps", json!({})));
        check_steps(&session.send(message.to_string()).await.messages());
    }
}

#[tokio::test]
async fn progress_and_log_come_before_the_result_on_stdio_too() {
    let (folder, file) = talking("");
    for version in ["2024-11-05", MODERN] {
        let mut process = StdioProcess::serve(folder.path(), &["--config", &file]);
        let mut meanwhile = Vec::new();
        let mut params = told("talk_steps", json!({}));
        let asked = if version == MODERN {
            params["_meta"]["io.modelcontextprotocol/logLevel"] = json!("info");
            modern(1, "tools/call", params)
        } else {
            process.ask(&initialize(version), &mut meanwhile).await;
            process.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
            request(1, "tools/call", params)
        };
        let answer = process.ask(&asked, &mut meanwhile).await;
        meanwhile.push(answer);
        check_steps(&meanwhile);
    }
}

#[tokio::test]
async fn who_asked_for_nothing_hears_nothing() {
    let (_host, http, _folder) = host("").await;
    let reply = http.modern(&modern(1, "tools/call", call("talk_steps", json!({})))).await;
    assert_eq!(reply.headers["content-type"], "application/json");
    assert_eq!(reply.messages().len(), 1);
}

#[tokio::test]
async fn a_session_sets_the_level_of_what_it_hears() {
    let (_host, http, _folder) = host("").await;
    let (session, _) = http.initialize("2025-11-25").await;
    for (level, heard) in [("debug", 5), ("info", 4), ("warning", 1), ("emergency", 0)] {
        let set = request(1, "logging/setLevel", json!({ "level": level }));
        assert_eq!(session.send(set.to_string()).await.answer()["result"], json!({}));
        let message = request(2, "tools/call", call("talk_steps", json!({})));
        let messages = session.send(message.to_string()).await.messages();
        assert_eq!(messages.len(), heard + 1, "{level}: {messages:?}");
    }
    let wrong = request(3, "logging/setLevel", json!({ "level": "loud" }));
    assert_eq!(session.send(wrong.to_string()).await.answer()["error"]["code"], -32602);
}

#[tokio::test]
async fn a_client_that_hangs_up_ends_its_call() {
    let (_host, http, _folder) = host("").await;
    for _ in 0..3 {
        // The plugin has one place: the next call gets it when this one's guest is gone.
        let message = modern(1, "tools/call", told("talk_spin", json!({})));
        drop(http.running(&message, "notifications/progress").await);
    }
    let answer = http.modern(&modern(2, "tools/call", call("talk_steps", json!({})))).await.answer();
    assert_eq!(text(&answer), "walked");
}

#[tokio::test]
async fn a_cancelled_call_ends_and_is_not_answered() {
    let (folder, file) = talking("");
    for version in ["2025-11-25", MODERN] {
        let mut process = StdioProcess::serve(folder.path(), &["--config", &file]);
        let mut meanwhile = Vec::new();
        let of_era = |id: &str, params: Value| match version {
            MODERN => modern(id, "tools/call", params),
            _ => request(id, "tools/call", params),
        };
        if version != MODERN {
            process.ask(&initialize(version), &mut meanwhile).await;
            process.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
        }
        process.send(&of_era("spinning", told("talk_spin", json!({})))).await;
        let first = process.next().await.unwrap();
        assert_eq!(first["method"], "notifications/progress", "{first}");
        let reason = json!({ "requestId": "spinning", "reason": "no longer needed" });
        process
            .send(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": reason }))
            .await;
        // It needs the place of the call that was cancelled.
        let answer = process.ask(&of_era("next", call("talk_steps", json!({}))), &mut meanwhile).await;
        assert_eq!(text(&answer), "walked");
        assert!(meanwhile.iter().all(|message| message["id"] != "spinning"), "{meanwhile:?}");
    }
}

#[tokio::test]
async fn a_silent_call_shows_a_sign_of_life_to_who_asked_for_progress() {
    let (_host, http, _folder) = host("[server]\nheartbeat = \"1s\"\n").await;
    let message = modern(1, "tools/call", told("talk_wait", json!({ "milliseconds": 2_600 })));
    let messages = http.modern(&message).await.messages();
    let (answer, said) = messages.split_last().unwrap();
    assert_eq!(text(answer), "waited");
    let progress: Vec<_> = said.iter().map(|m| m["params"]["progress"].as_f64().unwrap()).collect();
    assert!(progress.len() >= 3, "the guest's own and two signs of life: {said:?}");
    assert!(progress.windows(2).all(|pair| pair[0] < pair[1]), "{progress:?}");
    assert_eq!(said[1]["params"]["message"], "still running after 1 s");
}

#[tokio::test]
async fn a_spinning_guest_delays_neither_pings_nor_other_plugins() {
    let (folder, file) = talking("");
    plugins::put(
        folder.path(),
        "echo",
        &cofferdam_tests::Guest::from(cofferdam_tests::guest::Good::Echo).component(),
    );
    let host = HostProcess::serve(folder.path(), &["--config", &file]).await;
    let http = Http::new(&host.url());
    let message = modern(1, "tools/call", told("talk_spin", json!({})));
    let spinning = http.running(&message, "notifications/progress").await;
    let (session, _) = http.initialize("2025-11-25").await;
    let calls = async {
        for n in 0..50 {
            let ping = session.send(request(n, "ping", Value::Null).to_string()).await.answer();
            assert_eq!(ping["result"], json!({}));
            let echo = call("echo_echo", json!({ "text": "here" }));
            assert_eq!(text(&http.modern(&modern(n, "tools/call", echo)).await.answer()), "here");
        }
    };
    // The spinning call goes on for two minutes if nobody ends it: these calls don't wait for it.
    tokio::time::timeout(Duration::from_secs(60), calls).await.unwrap();
    drop(spinning);
}

//! How the host ends: running calls first, and at once for who insists.

use cofferdam_tests::{
    HostProcess, Http, StdioProcess,
    guest::E2e,
    messages::{call, modern, text},
    plugins,
};
use serde_json::{Value, json};

const DRAINING: &str = "ending: no new calls";

/// What the guest says first: it runs.
const RUNS: &str = "notifications/progress";

fn told(tool: &str, arguments: Value) -> Value {
    let mut params = call(tool, arguments);
    params["_meta"] = json!({ "progressToken": 1 });
    modern(1, "tools/call", params)
}

#[tokio::test]
async fn a_first_signal_lets_running_calls_end_and_takes_no_new_ones() {
    let folder = plugins::folder(&[("talk", E2e::Talk)]);
    for signal in ["TERM", "INT"] {
        let mut host = HostProcess::serve(folder.path(), &[]).await;
        let http = Http::new(&host.url());
        let running = http.running(&told("talk_wait", json!({ "milliseconds": 1_500 })), RUNS).await;

        host.signal(signal);
        host.log.until(DRAINING).await.unwrap();
        let ready = Http::new(&format!("{}/readyz", host.base)).method("GET").await;
        assert_eq!((ready.status.as_u16(), ready.body.as_str()), (503, "draining"));
        let live = Http::new(&format!("{}/livez", host.base)).method("GET").await;
        assert_eq!(live.status, 200);
        let refused = http.modern(&modern(2, "tools/call", call("talk_steps", json!({})))).await.answer();
        assert_eq!(
            text(&refused),
            "the server is shutting down and takes no new calls; try again when it is back"
        );

        let said = running.rest().await;
        assert!(said.contains("\"waited\""), "{signal}: {said}\n{}", host.log.text());
        assert!(host.ended().await.success(), "{signal}: {}", host.log.text());
    }
}

#[tokio::test]
async fn the_grace_period_ends_calls_that_don_t() {
    let folder = plugins::folder(&[("talk", E2e::Talk)]);
    let file = folder.path().join("cofferdam.toml");
    std::fs::write(&file, "[server]\nshutdown_grace = \"200ms\"\n").unwrap();
    let mut host = HostProcess::serve(folder.path(), &["--config", file.to_str().unwrap()]).await;
    let http = Http::new(&host.url());
    let _call = http.running(&told("talk_spin", json!({})), RUNS).await;
    host.signal("TERM");
    assert!(host.ended().await.success(), "{}", host.log.text());
    assert!(host.log.text().contains("the grace period is over"), "{}", host.log.text());
}

#[tokio::test]
async fn a_second_signal_ends_at_once() {
    let folder = plugins::folder(&[("talk", E2e::Talk)]);
    let mut host = HostProcess::serve(folder.path(), &[]).await;
    let http = Http::new(&host.url());
    let _call = http.running(&told("talk_wait", json!({ "milliseconds": 60_000 })), RUNS).await;
    host.signal("TERM");
    host.log.until(DRAINING).await.unwrap();
    host.signal("TERM");
    assert_eq!(host.ended().await.code(), Some(130));
}

#[tokio::test]
async fn an_idle_host_ends_at_the_first_signal() {
    let folder = plugins::folder(&[("talk", E2e::Talk)]);
    let mut host = HostProcess::serve(folder.path(), &[]).await;
    host.signal("TERM");
    assert!(host.ended().await.success(), "{}", host.log.text());
}

#[tokio::test]
async fn on_stdio_the_host_ends_with_its_client() {
    let folder = plugins::folder(&[("talk", E2e::Talk)]);
    for asked in [false, true] {
        let mut process = StdioProcess::serve(folder.path(), &[]);
        if asked {
            process.ask(&modern(1, "tools/list", json!({})), &mut Vec::new()).await;
        }
        process.hang_up();
        assert_eq!(process.next().await, None);
        assert!(process.ended().await.success(), "{}", process.log.text());
    }
}

#[tokio::test]
async fn on_stdio_a_signal_lets_the_running_call_end() {
    let folder = plugins::folder(&[("talk", E2e::Talk)]);
    let mut process = StdioProcess::serve(folder.path(), &[]);
    process.send(&told("talk_wait", json!({ "milliseconds": 1_000 }))).await;
    assert_eq!(process.next().await.unwrap()["method"], "notifications/progress");
    process.signal("TERM");
    assert_eq!(text(&process.next().await.unwrap()), "waited");
    assert!(process.ended().await.success(), "{}", process.log.text());
}

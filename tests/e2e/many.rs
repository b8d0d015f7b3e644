//! Far more files in the folder than a host takes.

use std::fs;

use cofferdam_tests::{
    HostProcess, Http,
    guest::{
        Good, Guest,
        described::{Described, component},
    },
    messages::{call, modern, text},
    plugins::put,
};
use serde_json::{Value, json};

/// How many there are: ten times what is taken by default.
const FILES: usize = 10_000;
const TAKEN: usize = 1_000;

async fn says(http: &Http, what: &str) {
    let answer =
        http.modern(&modern(1, "tools/call", call("a_echo", json!({ "text": what })))).await.answer();
    assert_eq!(text(&answer), what, "{answer}");
}

async fn names(http: &Http) -> Vec<Value> {
    let answer = http.modern(&modern(1, "tools/list", json!({}))).await.answer();
    answer["result"]["tools"].as_array().unwrap().iter().map(|tool| tool["name"].clone()).collect()
}

/// What the process has of the machine's memory, in KiB.
fn memory(host: &HostProcess) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", host.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test]
async fn ten_thousand_files_stop_nothing_and_fill_neither_the_log_nor_the_memory() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a", &Guest::from(Good::Echo).component());
    let alone = HostProcess::serve(folder.path(), &[]).await;
    says(&Http::new(&alone.url()), "alone").await;
    let base = memory(&alone);
    drop(alone);

    for n in 1..FILES {
        fs::write(folder.path().join(format!("bad-{n:04}.wasm")), "").unwrap();
    }
    let host = HostProcess::serve(folder.path(), &[]).await;
    let http = Http::new(&host.url());
    says(&http, "one of many").await;
    let greeting = host.said.until("with Ctrl-C").await.unwrap();
    assert!(greeting.contains(&format!("  and {} more; the log says why\n", FILES - 1 - 60)), "{greeting}");
    // One line for each that was looked at, as always, and one for all others.
    let log = host.log.until("plugins loaded").await.unwrap();
    let lines = |log: &str, words: &str| log.lines().filter(|line| line.contains(words)).count();
    assert_eq!(lines(&log, "the file is empty"), TAKEN - 1);
    assert_eq!(lines(&log, "`load.plugins`"), 1);
    let surplus = log.lines().find(|line| line.contains("`load.plugins`")).unwrap();
    assert!(surplus.contains("bad-1000.wasm") && surplus.contains("\"files\":9000"), "{surplus}");
    assert!(memory(&host) < base + (64 << 10), "{} KiB over {base}", memory(&host));

    // One more is told by its name.
    put(folder.path(), "z", &component(&[Described::named("late")]));
    host.log.until("z.wasm").await.unwrap();
    says(&http, "still here").await;
    // It is taken as soon as there is room.
    for n in 1..FILES {
        fs::remove_file(folder.path().join(format!("bad-{n:04}.wasm"))).unwrap();
    }
    while names(&http).await != ["a_echo", "z_late"] {}
    says(&http, "and still").await;
}

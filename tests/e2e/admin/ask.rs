//! What each command asks, and what it prints.

use cofferdam_tests::{
    StdioProcess,
    guest::{E2e, Good},
};
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use super::*;

#[tokio::test]
async fn ps_counts_calls_and_those_that_failed() {
    let place = Place::new::<Guest>(&[("content", E2e::Content.into()), ("echo", Good::Echo.into())]);
    let host = place.serve(&[]).await;
    for _ in 0..2 {
        call_tool(&host, "echo_echo", json!({ "text": "hello" })).await;
    }
    call_tool(&host, "content_failed", json!({})).await;

    let answer = place.ask_json(&["ps"]);
    let told: Vec<_> = answer["plugins"].as_array().unwrap().iter().collect();
    let figures =
        |plugin: &Value| ["id", "state", "calls", "errors", "running"].map(|field| plugin[field].clone());
    assert_eq!(figures(told[0]), [json!("content"), json!("serving"), json!(1), json!(1), json!(0)]);
    assert_eq!(figures(told[1]), [json!("echo"), json!("serving"), json!(2), json!(0), json!(0)]);
    let echo = Guest::from(Good::Echo).component();
    let serving = &told[1]["serving"];
    assert_eq!(serving["digest"], format!("sha256:{}", cofferdam_runtime::load::digest(&echo)));
    assert_eq!((&serving["tools"], &serving["generation"]), (&json!(["echo_echo"]), &json!(1)));
    assert_eq!((serving["size"].as_u64(), told[1]["p95Ms"].is_f64()), (Some(echo.len() as u64), true));

    let said = place.ask(&["ps"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let lines: Vec<Vec<&str>> = said.out.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(
        lines[0],
        ["PLUGIN", "STATE", "DIGEST", "GEN", "TOOLS", "CALLS", "ERRORS", "P50", "P95", "SINCE"]
    );
    assert_eq!(lines[2][..7], ["echo", "serving", &short(&echo), "1", "1", "2", "0"]);
    assert_eq!(lines.len(), 3);
}

#[tokio::test]
async fn reload_returns_once_a_new_file_serves() {
    let place = Place::empty();
    let _host = place.serve(&[]).await;
    let said = place.ask(&["ps"]);
    assert_eq!(
        (said.code, said.out.as_str()),
        (0, "no plugins: put a .wasm file into the plugins directory\n")
    );

    let component = tools(&["one"]);
    put(place.plugins.path(), "a", &component);
    let said = place.ask(&["reload"]);
    assert_eq!(said.code, 0, "{}", said.err);
    // The host may have seen the file by itself, just before it was asked.
    let first = said.out.lines().next().unwrap();
    assert!(
        first == format!("+ a serves {}", short(&component)) || first == "nothing changed",
        "{}",
        said.out
    );
    assert!(said.out.contains(&format!("\na         serving  {}    1", short(&component))), "{}", said.out);
    assert!(place.ask(&["reload"]).out.starts_with("nothing changed\n"));
}

#[tokio::test]
async fn what_is_refused_is_shown_with_its_reason() {
    let place = Place::empty();
    let _host = place.serve(&[]).await;
    put(place.plugins.path(), "a", &tools(&["one"]));
    fs::write(place.plugins.path().join("bad.wasm"), "hello").unwrap();
    let said = place.ask(&["reload"]);
    assert_eq!((said.code, said.err.as_str()), (4, ""), "{}", said.out);
    let reason = "not a WebAssembly component: its first bytes are something else";
    assert!(said.out.contains(&format!("\nbad is refused: {reason}")), "{}", said.out);

    fs::write(place.plugins.path().join("a.wasm"), "hello").unwrap();
    assert_eq!(place.ask(&["reload"]).code, 4);
    let said = place.ask(&["ps"]);
    assert_eq!(said.code, 0);
    assert!(said.out.contains(&format!("\na         outdated  {}", short(&tools(&["one"])))), "{}", said.out);
    let words = format!("\na serves an earlier version, since what is in its file is refused: {reason}");
    assert!(said.out.contains(&words), "{}", said.out);
    let told = place.ask_json(&["ps"]);
    assert!(told["plugins"][0]["refused"].as_str().unwrap().starts_with(reason), "{told}");

    fs::remove_file(place.plugins.path().join("bad.wasm")).unwrap();
    put(place.plugins.path(), "a", &tools(&["two"]));
    assert_eq!(place.ask(&["reload"]).code, 0);
}

#[tokio::test]
async fn rollback_changes_what_a_call_meets_until_a_new_file_comes() {
    let place = Place::new(&[("a", Good::Echo)]);
    let (good, newer, newest) = (Guest::from(Good::Echo).component(), tools(&["one"]), tools(&["two"]));
    let host = place.serve(&[]).await;
    let says =
        async || call_tool(&host, "a_echo", json!({ "text": "hi" })).await["result"]["content"].clone();
    let hi = json!([{ "type": "text", "text": "hi" }]);

    let said = place.ask(&["rollback", "a"]);
    let message = "error: `a` has had no other good version since the host started\n";
    assert_eq!((said.code, said.err.as_str(), said.out.as_str()), (2, message, ""));

    put(place.plugins.path(), "a", &newer);
    assert_eq!(place.ask(&["reload"]).code, 0);
    assert_eq!(says().await, Value::Null);
    let said = place.ask(&["rollback", "a"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.starts_with(&format!("a serves {} (", short(&good))), "{}", said.out);
    assert!(said.out.contains("until its file changes or the host restarts"), "{}", said.out);
    assert_eq!(says().await, hi);
    let shown = place.ask(&["ps"]).out;
    assert!(shown.contains(&format!("\na         rolled back  {}", short(&good))), "{shown}");
    // The file is as it was: looking at it again is no reason to take it.
    assert_eq!(place.ask(&["reload"]).code, 0);
    assert_eq!(says().await, hi);

    put(place.plugins.path(), "a", &newest);
    assert_eq!(place.ask(&["reload"]).code, 0);
    assert_eq!(says().await, Value::Null);
    assert_eq!(place.ask_json(&["ps"])["plugins"][0]["serving"]["tools"], json!(["a_two"]));

    for (arguments, words) in [
        (&["rollback", "missing"][..], "no plugin `missing` serves"),
        (&["rollback", "No_Id"], "plugin id \"No_Id\" is not valid"),
        (&["history", "missing"], "no plugin `missing` was seen since the host started"),
    ] {
        let said = place.ask(arguments);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{arguments:?}");
        assert!(said.err.contains(words), "{arguments:?}: {}", said.err);
    }
}

#[tokio::test]
async fn history_shows_what_happened_newest_last() {
    let place = Place::empty();
    let _host = place.serve(&[]).await;
    let (first, second) = (tools(&["one"]), tools(&["one", "two"]));
    for (content, code) in [(&first[..], 0), (&second, 0), (b"hello", 4)] {
        put(place.plugins.path(), "a", content);
        assert_eq!(place.ask(&["reload"]).code, code);
    }
    assert_eq!(place.ask(&["rollback", "a"]).code, 0);
    fs::remove_file(place.plugins.path().join("a.wasm")).unwrap();
    assert_eq!(place.ask(&["reload"]).code, 0);

    let said = place.ask(&["history", "a"]);
    let events: Vec<_> = said
        .out
        .lines()
        .filter(|line| !line.starts_with(' '))
        .map(|line| line.split_once("  ").unwrap().1)
        .collect();
    assert_eq!(events[0], format!("loaded {} (generation 1, 1 tool)", short(&first)));
    assert_eq!(events[1], format!("loaded {} (generation 2, 2 tools)", short(&second)));
    assert!(events[2].starts_with(&format!("refused {}: not a WebAssembly component", short(b"hello"))));
    assert!(events[3].starts_with(&format!("rolled back to {} (generation 3, 1 tool", short(&first))));
    assert_eq!((events[4], events.len()), ("removed", 5));

    let told = place.ask_json(&["history", "a"]);
    assert_eq!((&told["plugin"], &told["changes"][0]["event"]), (&json!("a"), &json!("loaded")));
    assert_eq!(told["changes"][1]["version"]["tools"], json!(["a_one", "a_two"]));
}

#[tokio::test]
async fn logs_show_what_was_logged_and_follow_it_until_the_host_ends() {
    let place = Place::new(&[("prints", E2e::Prints)]);
    // What stderr shows is the operator's choice, and no reason to know less.
    let mut host = place.serve(&["--log-level", "error"]).await;
    let said = place.ask(&["logs"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert!(said.out.contains(" INFO plugin loaded ") && said.out.contains(" plugin=prints"), "{}", said.out);

    let follow = ["logs", "-f", "--plugin", "a", "--plugins", text(place.plugins.path())];
    let mut following = tokio::process::Command::from(place.command(&follow));
    let mut following = following.stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(following.stdout.take().unwrap()).lines();
    // The first may have been there when the command began to read. The second comes while it reads.
    for component in [tools(&["one"]), tools(&["two"])] {
        put(place.plugins.path(), "a", &component);
        let line = lines.next_line().await.unwrap().unwrap();
        assert!(line.contains(" INFO plugin loaded ") && line.contains(" plugin=a "), "{line}");
        assert!(line.contains(&format!(" digest={}", short(&component))), "{line}");
    }

    // Of another plugin, and not shown.
    call_tool(&host, "prints_print", json!({})).await;
    host.signal("TERM");
    while let Some(line) = lines.next_line().await.unwrap() {
        assert!(line.contains("plugin=a"), "{line}");
    }
    assert!(following.wait().await.unwrap().success());
    assert!(host.ended().await.success());
}

#[tokio::test]
async fn logs_are_json_for_programs_and_can_be_cut_short() {
    let place = Place::new(&[("echo", Good::Echo)]);
    let host = place.serve(&[]).await;
    put(place.plugins.path(), "b", b"hello");
    assert_eq!(place.ask(&["reload"]).code, 4);
    let said = place.ask(&["logs", "--json", "--plugin", "b", "--lines", "1"]);
    let line: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((&line["level"], &line["fields"]["plugin"]), (&json!("WARN"), &json!("b")));
    assert!(line["message"].as_str().unwrap().starts_with("plugin refused"), "{line}");

    let (status, problem) = request(&place.socket(&host), "GET /logs?lines=many");
    assert_eq!(status, "400 Bad Request");
    assert_eq!(
        problem,
        json!({ "error": { "code": "bad_request", "message": "`lines` is \"many\", and a number was expected" } })
    );
}

#[tokio::test]
async fn what_a_guest_prints_is_found_by_its_plugin() {
    let place = Place::new(&[("prints", E2e::Prints)]);
    let host = place.serve(&[]).await;
    call_tool(&host, "prints_print", json!({})).await;
    let said = place.ask(&["logs", "--plugin", "prints", "--json"]);
    let lines: Vec<Value> = said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["target"] == "cofferdam::plugin"), "{}", said.out);
    assert!(lines.iter().all(|line| line["fields"]["plugin"] == "prints"), "{}", said.out);
}

#[tokio::test]
async fn a_host_on_stdio_is_asked_as_any_other() {
    let place = Place::new(&[("echo", Good::Echo)]);
    let mut host = StdioProcess::start(place.command(&["stdio", "--plugins", text(place.plugins.path())]));
    let agreed = modern(1, "tools/call", call("echo_echo", json!({ "text": "a" })));
    host.ask(&agreed, &mut Vec::new()).await;
    let told = place.ask_json(&["ps"]);
    assert_eq!(told["plugins"][0]["calls"], 1);
    let entry = fs::read_dir(place.folder()).unwrap().next().unwrap().unwrap();
    let (status, about) = request(&entry.path(), "GET /host");
    assert_eq!((status.as_str(), &about["serves"]), ("200 OK", &json!("stdio")));
    assert_eq!(about["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(about["pluginsDir"], text(place.plugins.path()));
    host.hang_up();
    assert!(host.ended().await.success());
    assert_eq!(fs::read_dir(place.folder()).unwrap().count(), 0);
}

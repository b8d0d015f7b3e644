//! Commands: what each prints, and how each ends.

use std::{
    path::Path,
    process::{Output, Stdio},
};

use cofferdam_tests::{
    cargo,
    guest::{E2e, Good, wat},
    plugins, process,
};
use serde_json::{Value, json};

/// What a command wrote, and its exit code.
struct Said {
    out: String,
    err: String,
    code: i32,
}

fn said(output: Output) -> Said {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { out: text(output.stdout), err: text(output.stderr), code: output.status.code().unwrap() }
}

fn run(arguments: &[&str]) -> Said {
    said(process::command(arguments).stdout(Stdio::piped()).output().unwrap())
}

fn json_of(said: &Said) -> Value {
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}\n{}", said.out, said.err))
}

fn str_of(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn every_command_helps_with_an_example() {
    for command in [
        &[][..],
        &["serve"],
        &["stdio"],
        &["build"],
        &["dev"],
        &["call"],
        &["inspect"],
        &["approve"],
        &["grant"],
        &["revoke"],
        &["grants"],
        &["explain"],
        &["config", "show"],
        &["config", "check"],
        &["config", "schema"],
    ] {
        let said = run(&[command, &["--help"]].concat());
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{command:?}");
        let (_, example) =
            said.out.split_once("Example").unwrap_or_else(|| panic!("{command:?}:\n{}", said.out));
        assert!(example.contains("cofferdam "), "{command:?}");
    }
    let said = run(&["--version"]);
    assert_eq!(said.out, format!("cofferdam {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn call_prints_the_result_and_what_it_used() {
    let folder = plugins::folder(&[("echo", Good::Echo)]);
    let file = folder.path().join("echo.wasm");
    for arguments in [
        &["call", str_of(&file), "echo", "text=hello"][..],
        &["call", str_of(&file), "echo_echo", "--args", "{\"text\":\"hello\"}"],
        &["call", "echo", "echo", "text=hello", "--plugins", str_of(folder.path())],
    ] {
        let said = run(arguments);
        assert_eq!((said.code, said.out.as_str()), (0, "hello\n"), "{arguments:?}: {}", said.err);
        assert!(
            said.err.contains("fuel ") && said.err.contains(" memory ") && said.err.contains(" ms"),
            "{}",
            said.err
        );
    }
    let said = run(&["call", str_of(&file), "echo", "text=hello", "--json"]);
    let answer = json_of(&said);
    assert_eq!(answer["result"]["content"], json!([{ "type": "text", "text": "hello" }]));
    assert!(answer["usage"]["fuel"].as_u64().unwrap() > 0);
}

#[test]
fn call_says_what_was_meant() {
    let folder = plugins::folder(&[("echo", Good::Echo)]);
    let plugins = ["--plugins", str_of(folder.path())];
    for (arguments, code, words) in [
        (&["call", "echo", "ecko", "text=a"][..], 2, "did you mean `echo`?"),
        (&["call", "ecko", "echo", "text=a"], 2, "did you mean `echo`?"),
        (&["call", "echo", "echo", "txt=a"], 2, "`text`"),
        (&["call", "echo", "echo", "--args", "[1]"], 2, "object"),
    ] {
        let said = run(&[arguments, &plugins].concat());
        assert_eq!(said.code, code, "{arguments:?}: {}", said.err);
        assert!(said.err.starts_with("error: ") && said.err.contains(words), "{arguments:?}: {}", said.err);
        assert_eq!(said.out, "");
    }
}

#[test]
fn call_fails_when_the_tool_does() {
    let folder = plugins::folder(&[("content", E2e::Content)]);
    let plugins = ["--plugins", str_of(folder.path())];
    let fails = |arguments: &[&str]| run(&[arguments, &plugins].concat());
    let said = fails(&["call", "content", "fail", "how=denied"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("error: denied: not allowed"), "{}", said.err);
    let said = fails(&["call", "content", "failed"]);
    assert_eq!((said.code, said.out.as_str()), (1, "line 3: expected `;`\n"));
    let said = fails(&["call", "content", "fail", "how=panic"]);
    assert_eq!(said.code, 1);
    // The guest's own last words are in the log.
    assert!(said.err.contains("on purpose") && said.err.contains("it panicked or aborted"), "{}", said.err);
}

#[test]
fn inspect_shows_what_a_component_is() {
    let folder = plugins::folder(&[("echo", Good::Echo)]);
    let file = folder.path().join("echo.wasm");
    let size = std::fs::metadata(&file).unwrap().len();
    let shown = json_of(&run(&["inspect", str_of(&file), "--json"]));
    assert_eq!(
        (&shown["plugin"], &shown["abi"], &shown["size"]),
        (&json!("echo"), &json!("0.1.0"), &json!(size))
    );
    assert_eq!(shown["digest"].as_str().unwrap().len(), "sha256:".len() + 64);
    assert_eq!(shown["tools"][0]["publicName"], "echo_echo");
    assert_eq!(shown["tools"][0]["annotations"]["readOnlyHint"], true);
    assert_eq!(shown["tools"][0]["inputSchema"]["required"], json!(["text"]));

    let said = run(&["inspect", str_of(&file)]);
    assert_eq!(said.code, 0);
    for words in
        ["plugin   echo", "abi      cofferdam:plugin@0.1.0", "echo_echo", "Say `text`.", "What to say."]
    {
        assert!(said.out.contains(words), "{words} in:\n{}", said.out);
    }
}

#[test]
fn inspect_shows_what_is_refused_as_far_as_it_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    plugins::put(folder.path(), "core", &wat::binary("(module (func (export \"run\")))"));
    plugins::put(folder.path(), "none", &wat::binary("(component)"));
    std::fs::write(folder.path().join("text.wasm"), "hello").unwrap();
    for (name, reason) in [
        ("core", "not a WebAssembly component: it is a core module"),
        ("none", "the component exports no tools"),
        ("text", "not a WebAssembly component: its first bytes are something else"),
    ] {
        let file = folder.path().join(format!("{name}.wasm"));
        let said = run(&["inspect", str_of(&file)]);
        assert_eq!(said.code, 4, "{}", said.err);
        assert!(said.err.contains(&format!("error: {}: {reason}", file.display())), "{}", said.err);
        let shown = json_of(&run(&["inspect", str_of(&file), "--json"]));
        assert!(shown["refused"].as_str().unwrap().starts_with(reason), "{shown}");
    }
    let said = run(&["inspect", str_of(&folder.path().join("missing.wasm"))]);
    assert_eq!(said.code, 2, "{}", said.err);
}

#[test]
fn the_schema_of_the_file_is_the_one_that_is_kept() {
    let kept = std::fs::read_to_string(cargo::workspace().join("host/server/config.schema.json")).unwrap();
    assert_eq!(run(&["config", "schema"]).out.trim_end(), kept.trim_end());
}

#[test]
fn what_the_configuration_shows_is_a_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let first = folder.path().join("first.toml");
    std::fs::write(&first, "[limits]\nmemory = \"64 MiB\"\n\n[plugins.a]\nnamespace = \"x\"\n").unwrap();
    let shown = run(&["config", "show", "--config", str_of(&first)]);
    assert_eq!(shown.code, 0, "{}", shown.err);
    assert!(shown.out.contains("memory = \"64 MiB\"\n"), "{}", shown.out);
    let second = folder.path().join("second.toml");
    std::fs::write(&second, &shown.out).unwrap();
    let checked = run(&["config", "check", "--config", str_of(&second)]);
    assert_eq!(checked.out, format!("{} is valid\n", second.display()));
    assert_eq!(run(&["config", "show", "--config", str_of(&second)]).out, shown.out);
}

#[test]
fn each_value_says_where_it_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cofferdam.toml");
    std::fs::write(&file, "[server]\nheartbeat = \"7s\"\n").unwrap();
    let output = process::command(&["config", "show", "--origin", "--json", "--plugins", "/p"])
        .args(["--config", str_of(&file)])
        .env("COFFERDAM_SERVER__PAGE_SIZE", "9")
        .output();
    let shown = json_of(&said(output.unwrap()));
    let origin = |key: &str| (shown[key]["value"].clone(), shown[key]["origin"]["kind"].clone());
    assert_eq!(origin("plugins_dir"), (json!("/p"), json!("flag")));
    assert_eq!(origin("server.page_size"), (json!(9), json!("environment")));
    assert_eq!(origin("server.heartbeat"), (json!("7s"), json!("file")));
    assert_eq!(shown["server.heartbeat"]["origin"]["line"], 2);
    assert_eq!(origin("server.usage_meta"), (json!(true), json!("default")));
}

#[test]
fn a_mistake_in_the_file_is_shown_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cofferdam.toml");
    for (text, words) in [
        ("[limits]\nmemry = \"1 MiB\"\n", &["unknown key `memry`", ":2:1", "did you mean `memory`?"][..]),
        ("[limits]\nmemory = \"unlimited\"\n", &[":2:", "64 MiB"]),
        ("[limits]\nmemory = 0\n", &[":2:", "64 KiB to 2 GiB"]),
        ("[plugins.Bad_Name]\n", &[":1:", "Bad_Name"]),
        ("[server\n", &[":1:"]),
    ] {
        std::fs::write(&file, text).unwrap();
        let said = run(&["config", "check", "--config", str_of(&file)]);
        assert_eq!(said.code, 3, "{text}");
        for words in words {
            assert!(said.err.contains(words), "{words} in:\n{}", said.err);
        }
        assert_eq!(run(&["serve", "--config", str_of(&file)]).code, 3, "it doesn't serve either");
    }
}

#[test]
fn a_command_that_there_is_not_is_a_mistake_of_usage() {
    for arguments in [&["srve"][..], &["serve", "--prot", "1"], &["call"], &["serve", "--http", "nowhere"]] {
        let said = run(arguments);
        assert!(matches!(said.code, 2 | 3), "{arguments:?}: {} {}", said.code, said.err);
        assert_eq!(said.out, "");
    }
}

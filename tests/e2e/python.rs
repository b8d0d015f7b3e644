//! The client that others wrote: the Python package `mcp`, in an environment that the test run makes.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use cofferdam_tests::{
    HostProcess, cargo,
    guest::{
        E2e,
        described::{Described, component},
    },
    plugins, process,
};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::samples::{self, Sample};

/// The version that the test was written for; it speaks both eras.
const PACKAGE: &str = "mcp==2.3.0";

#[tokio::test]
pub(crate) async fn the_python_client_lists_and_calls_every_sample_tool() {
    let python = environment();
    let host = HostProcess::serve(plugins::samples(), &[]).await;
    let talking = plugins::folder(&[("talk", E2e::Talk)]);
    let talk = HostProcess::serve(talking.path(), &[]).await;
    let program = process::binary().to_str().unwrap();
    let command = [program, "stdio", "--plugins", plugins::samples().to_str().unwrap()];
    let samples: Vec<_> = samples::all();
    let calls: Vec<_> =
        samples.iter().map(|sample| json!({ "tool": sample.tool, "arguments": sample.arguments })).collect();
    let given =
        json!({ "url": host.url(), "talk": talk.url(), "command": command, "samples": calls }).to_string();

    let came = run(&python, "client.py", &given).await;

    for transport in ["http", "stdio"] {
        for mode in ["auto", "legacy", "2026-07-28"] {
            let (came, how) = (&came[transport][mode], format!("{mode} over {transport}"));
            let version = came["version"].as_str().unwrap();
            match (mode, transport) {
                ("legacy", _) => assert_eq!(version, "2025-11-25", "{how}"),
                // It asks once, and falls back when a program takes long to start.
                ("auto", "stdio") => assert!(["2025-11-25", "2026-07-28"].contains(&version), "{how}"),
                _ => assert_eq!(version, "2026-07-28", "{how}"),
            }
            visited(came, &samples, &how);
        }
    }
    for mode in ["auto", "legacy", "2026-07-28"] {
        talked(&came["talk"][mode], mode);
    }
}

fn visited(came: &Value, samples: &[Sample], how: &str) {
    assert_eq!(came["tools"], json!(samples::names(samples)), "{how}");
    for sample in samples {
        let call = &came["calls"][&sample.tool];
        assert_eq!(call["error"], false, "{how}: {call}");
        let text = call["text"].as_str().unwrap();
        assert!(text.contains(&sample.says), "{how}: {} says {text}", sample.tool);
    }
    assert_eq!(came["wrong_arguments"]["error"], true, "{how}");
    let text = came["wrong_arguments"]["text"].as_str().unwrap();
    let expected = "invalid arguments: `data` is required, but missing; `compute` is required, but missing";
    assert_eq!(text, expected, "{how}");
    assert_eq!(came["unknown_tool"], -32602, "{how}");
}

fn talked(came: &Value, mode: &str) {
    assert_eq!(came["text"], "walked", "{mode}");
    assert_eq!(
        came["progress"],
        json!([[0.0, 100.0, "step 0"], [50.0, 100.0, "step 1"], [100.0, 100.0, "step 2"]]),
        "{mode}"
    );
    assert_eq!(
        came["logs"],
        json!([
            ["info", { "step": 0 }],
            ["info", { "step": 1 }],
            ["info", { "step": 2 }],
            ["error", "not really"]
        ]),
        "{mode}"
    );
}

#[tokio::test]
async fn the_python_client_hears_of_plugins_that_come_change_and_go() {
    let python = environment();
    let tools =
        |names: &[&str]| component(&names.iter().map(|name| Described::named(name)).collect::<Vec<_>>());
    let components = tempfile::tempdir().unwrap();
    plugins::put(components.path(), "one", &tools(&["one"]));
    plugins::put(components.path(), "two", &tools(&["one", "two"]));
    let (served, started) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let host = HostProcess::serve(served.path(), &[]).await;
    let command = [process::binary(), Path::new("stdio"), Path::new("--plugins"), started.path()];
    let given = json!({
        "hosts": {
            "http": { "url": host.url(), "folder": served.path() },
            "stdio": { "command": command, "folder": started.path() },
        },
        "one": components.path().join("one.wasm"),
        "two": components.path().join("two.wasm"),
    });
    let came = run(&python, "reload_client.py", &given.to_string()).await;
    for transport in ["http", "stdio"] {
        for era in ["legacy", "modern"] {
            let seen = json!([["a_one"], ["a_one", "a_two"], ["a_one", "a_two"], []]);
            assert_eq!(came[transport][era], seen, "{era} over {transport}");
        }
    }
}

/// Runs a driver with `given` on its stdin.
pub(crate) async fn run(python: &Path, driver: &str, given: &str) -> Value {
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e").join(driver);
    let mut child = tokio::process::Command::new(python)
        .arg(driver)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(given.as_bytes()).await.unwrap();
    let output = child.wait_with_output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the Python client failed:\n{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The Python of an environment that has the package, made on first use and kept with what is built.
pub(crate) fn environment() -> PathBuf {
    let folder = cargo::target().join("python");
    let (python, made) = (folder.join("bin/python"), folder.join(PACKAGE));
    if !made.exists() {
        make(&folder);
        let installed = Command::new(&python).args(["-m", "pip", "install", "--quiet", PACKAGE]).output();
        must(installed, &format!("`pip install {PACKAGE}` failed; the test needs the network for it"));
        std::fs::write(&made, "installed").unwrap();
    }
    python
}

fn make(folder: &Path) {
    let venv = || Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder).output();
    if venv().is_ok_and(|output| output.status.success()) {
        return;
    }
    // Debian keeps the module in a package of its own.
    for arguments in [&["update"][..], &["install", "-y", "python3", "python3-venv"]] {
        let installed = Command::new("apt-get").args(arguments).output();
        must(
            installed,
            "Python 3 with its module venv is missing and can't be installed: install python3-venv",
        );
    }
    must(venv(), "`python3 -m venv` failed");
}

fn must(output: std::io::Result<Output>, what: &str) {
    match output {
        Ok(output) if output.status.success() => {}
        Ok(output) => panic!("{what}:\n{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => panic!("{what}: {error}"),
    }
}

//! The author's own cargo, as a child: what it says on stderr is shown as it comes.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Stdio,
};

use serde::Deserialize;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::Command,
};

use super::{crates::PluginCrate, target::TARGET};
use crate::cli::{Exit, Failure, out};

/// How a plugin is compiled: quick, since that is a third of what a small call costs. Given here and not in the
/// author's manifest, so that a plugin needs none of it; names stay, for the host's log.
const PROFILE: [&str; 8] = [
    "profile.cofferdam.inherits=\"release\"",
    "profile.cofferdam.opt-level=3",
    "profile.cofferdam.lto=true",
    "profile.cofferdam.codegen-units=1",
    "profile.cofferdam.strip=\"debuginfo\"",
    "profile.cofferdam.panic=\"abort\"",
    // A sum that overflows is an error, not a wrong answer.
    "profile.cofferdam.overflow-checks=true",
    // Memory that is there from the start: growing it costs every call two changes of its pages' protection.
    "target.wasm32-wasip2.rustflags=[\"-Clink-arg=--initial-heap=131072\"]",
];

/// A program that may be replaced by a variable, as cargo and rustup do.
pub(super) fn program(variable: &str, name: &str) -> OsString {
    std::env::var_os(variable).filter(|value| !value.is_empty()).unwrap_or_else(|| name.into())
}

fn cargo() -> Command {
    let mut command = Command::new(program("CARGO", "cargo"));
    command.kill_on_drop(true).stdin(Stdio::null());
    command
}

/// What can't be started, and what to do about it.
pub(super) fn unavailable(variable: &str, name: &str, error: &std::io::Error) -> String {
    let program = program(variable, name);
    format!("can't start `{}`: {error}; building plugins needs Rust: https://rustup.rs", program.display())
}

/// What cargo says of the package of a manifest and of its workspace; or, inside, why it says nothing.
pub(super) async fn metadata(manifest: &Path) -> Result<Result<Vec<u8>, String>, Failure> {
    let arguments = ["metadata", "--no-deps", "--format-version", "1", "--manifest-path"];
    let output = cargo().args(arguments).arg(manifest).output().await;
    let output =
        output.map_err(|error| Failure::new(Exit::Environment, unavailable("CARGO", "cargo", &error)))?;
    if output.status.success() {
        return Ok(Ok(output.stdout));
    }
    out::say(String::from_utf8_lossy(&output.stderr).trim_end());
    Ok(Err("cargo can't read its manifest, and has said why above".to_owned()))
}

/// Builds one crate; the path of the component that cargo made.
pub(super) async fn build(found: &PluginCrate) -> Result<PathBuf, String> {
    let mut command = cargo();
    command.args(["build", "--lib", "--target", TARGET, "--profile", "cofferdam"]);
    command.args(PROFILE.iter().flat_map(|value| ["--config", value]));
    command.args(["--message-format", "json-render-diagnostics", "--manifest-path"]).arg(&found.manifest);
    // Where a toolchain is chosen by directory, it is by the crate's.
    command.current_dir(&found.directory).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(|error| unavailable("CARGO", "cargo", &error))?;
    let mut made = None;
    if let Some(stdout) = child.stdout.take() {
        let mut lines = BufReader::new(stdout).lines();
        while let Some(line) = lines.next_line().await.map_err(|error| format!("cargo's answer: {error}"))? {
            made = component(&line, found).or(made);
        }
    }
    let status = child.wait().await.map_err(|error| format!("cargo didn't end: {error}"))?;
    match (status.success(), made) {
        (true, Some(file)) => Ok(file),
        (true, None) => {
            Err("cargo made no component; is `crate-type = [\"cdylib\"]` set under [lib]?".to_owned())
        }
        (false, _) => Err("it doesn't build, and cargo has said why above".to_owned()),
    }
}

#[derive(Deserialize)]
struct Message {
    reason: String,
    manifest_path: Option<PathBuf>,
    target: Option<MessageTarget>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct MessageTarget {
    name: String,
}

/// The component that this message tells of, if it is about the crate's library.
fn component(line: &str, found: &PluginCrate) -> Option<PathBuf> {
    let message: Message = serde_json::from_str(line).ok()?;
    let is_ours = message.reason == "compiler-artifact"
        && message.manifest_path.as_ref() == Some(&found.manifest)
        && message.target.is_some_and(|target| target.name == found.library);
    let is_wasm = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "wasm");
    message.filenames.into_iter().find(is_wasm).filter(|_| is_ours)
}

#[cfg(test)]
mod tests {
    use cofferdam_policy::PluginId;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_component_is_found_among_cargo_s_messages() {
        let found = PluginCrate {
            id: PluginId::parse("my-tool").unwrap(),
            library: "my_tool".to_owned(),
            directory: "/w/my-tool".into(),
            manifest: "/w/my-tool/Cargo.toml".into(),
            found_in: None,
        };
        let artifact = |manifest: &str, name: &str, files: serde_json::Value| {
            json!({
                "reason": "compiler-artifact", "manifest_path": manifest, "target": { "name": name },
                "filenames": files,
            })
            .to_string()
        };
        let ours = "/w/my-tool/Cargo.toml";
        let files = json!(["/t/libmy_tool.rlib", "/t/my_tool.wasm"]);
        let path = Some(PathBuf::from("/t/my_tool.wasm"));
        assert_eq!(component(&artifact(ours, "my_tool", files.clone()), &found), path);
        for other in [
            artifact("/w/other/Cargo.toml", "my_tool", files.clone()),
            artifact(ours, "build-script-build", files),
            artifact(ours, "my_tool", json!(["/t/libmy_tool.rlib"])),
            json!({ "reason": "build-finished", "success": true }).to_string(),
            "not json".to_owned(),
        ] {
            assert_eq!(component(&other, &found), None, "{other}");
        }
    }
}

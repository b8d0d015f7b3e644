//! The operator's view of a host that runs: its admin socket, and the commands that ask there.

mod ask;
mod find;
mod socket;

use std::{
    fs,
    io::{Read as _, Write as _},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use cofferdam_tests::{
    HostProcess, Http,
    guest::{
        Guest,
        described::{Described, component},
    },
    messages::{call, modern},
    plugins::{self, put},
    process,
};
use serde_json::Value;
use tempfile::TempDir;

/// Hosts of one test: their sockets are found by no other test.
struct Place {
    /// Short, since a socket's path has to be.
    runtime: TempDir,
    cache: TempDir,
    plugins: TempDir,
}

/// What a command wrote, and its exit code.
struct Said {
    out: String,
    err: String,
    code: i32,
}

impl Place {
    fn new<G: Into<Guest> + Copy>(guests: &[(&str, G)]) -> Self {
        let made = || tempfile::tempdir().unwrap();
        Self { runtime: made(), cache: made(), plugins: plugins::folder(guests) }
    }

    fn empty() -> Self {
        Self::new::<Guest>(&[])
    }

    /// A command that finds the hosts of this place.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = process::command(arguments);
        command.env("XDG_RUNTIME_DIR", self.runtime.path()).env("XDG_CACHE_HOME", self.cache.path());
        command
    }

    /// A host of the place's plugins.
    async fn serve(&self, arguments: &[&str]) -> HostProcess {
        self.serve_folder(self.plugins.path(), arguments).await
    }

    async fn serve_folder(&self, folder: &Path, arguments: &[&str]) -> HostProcess {
        let mut command = self.command(&["serve", "--plugins", text(folder), "--http", "127.0.0.1:0"]);
        command.args(arguments);
        HostProcess::start(command).await
    }

    /// Asks the host of the place's plugins.
    fn ask(&self, arguments: &[&str]) -> Said {
        run(self.command(arguments).args(["--plugins", text(self.plugins.path())]))
    }

    fn ask_json(&self, arguments: &[&str]) -> Value {
        let said = self.ask(&[arguments, &["--json"]].concat());
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {} {}", said.out, said.err))
    }

    fn folder(&self) -> PathBuf {
        self.runtime.path().join("cofferdam")
    }

    fn socket(&self, host: &HostProcess) -> PathBuf {
        self.folder().join(format!("{}.sock", host.id()))
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn run(command: &mut Command) -> Said {
    let Output { stdout, stderr, status } = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { out: text(stdout), err: text(stderr), code: status.code().unwrap() }
}

/// A plugin with tools of these names.
fn tools(names: &[&str]) -> Vec<u8> {
    let described: Vec<_> = names.iter().map(|name| Described::named(name)).collect();
    component(&described)
}

/// The first twelve digits of a component's digest, as commands show it.
fn short(component: &[u8]) -> String {
    cofferdam_runtime::load::digest(component)[..12].to_owned()
}

/// Calls a tool as a client does.
async fn call_tool(host: &HostProcess, tool: &str, arguments: Value) -> Value {
    Http::new(&host.url()).modern(&modern(1, "tools/call", call(tool, arguments))).await.answer()
}

/// Sends bytes to a socket and hangs up on that side; returns all that comes back.
fn send(socket: &Path, bytes: &[u8]) -> String {
    let stream = UnixStream::connect(socket).unwrap();
    // The host may hang up before it has read everything.
    let _ = (&stream).write_all(bytes);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    read(stream)
}

/// All that the host says until it hangs up.
fn read(mut stream: UnixStream) -> String {
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// The body of an answer to a plain request.
fn request(socket: &Path, line: &str) -> (String, Value) {
    let mut stream = UnixStream::connect(socket).unwrap();
    write!(stream, "{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let said = read(stream);
    let (head, body) = said.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {said:?}"));
    let status = head.lines().next().unwrap().trim_start_matches("HTTP/1.1 ").to_owned();
    (status, serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body:?}")))
}

//! The real binary as a child process: serving HTTP, or speaking on its stdin and stdout.

mod kernel;
mod lines;

use std::{
    path::{Path, PathBuf},
    process::{Command as Plain, ExitStatus, Stdio},
    sync::OnceLock,
};

use serde_json::Value;
use tokio::{
    io::{AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, ChildStdout, Command},
};

pub use self::{
    kernel::{children, is_there, peak, resident},
    lines::Log,
};
use crate::cargo;

/// The program, built once in the profile of this test run.
///
/// Together with a test, as `cargo test` itself does: nothing is compiled twice over a feature of a dependency.
pub fn binary() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let target = cargo::target();
        let profile = cargo::profile();
        cargo::cargo(&[
            "build",
            "--bin=cofferdam",
            "--test=e2e",
            "--profile",
            if profile == "debug" { "dev" } else { &profile },
            "--target-dir",
            target.to_str().expect("the target folder's name is UTF-8"),
        ]);
        target.join(profile).join("cofferdam")
    })
}

/// A command of the program, which finds no configuration but what the test gives it.
///
/// Native code is kept beside what the tests are built to, for all of them; a test of the cache names its own.
#[must_use]
pub fn command(arguments: &[&str]) -> Plain {
    let mut command = Plain::new(binary());
    command.args(arguments);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("COFFERDAM_") {
            command.env_remove(name);
        }
    }
    // Where somebody's own file would be found.
    command.env("XDG_CONFIG_HOME", "/nonexistent").env_remove("RUST_LOG").stdin(Stdio::null());
    // Where somebody's own hosts keep their sockets.
    command.env("XDG_RUNTIME_DIR", runtime_dir());
    command.env("XDG_CACHE_HOME", cargo::target().join("cache"));
    command
}

/// Where hosts of this test run keep their sockets.
fn runtime_dir() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = cargo::target().join("run");
        std::fs::create_dir_all(&folder).expect("the target folder can be written");
        folder
    })
}

/// The program while it serves. Killed when dropped.
#[derive(Debug)]
pub struct HostProcess {
    child: Child,
    /// What it has written to stderr.
    pub log: Log,
    /// What it has written to stdout, when it serves HTTP.
    pub said: Log,
    /// `http://127.0.0.1:PORT`.
    pub base: String,
}

impl HostProcess {
    /// Serves `plugins` over HTTP on a free port.
    pub async fn serve(plugins: &Path, arguments: &[&str]) -> Self {
        let plugins = plugins.to_str().expect("the folder's name is UTF-8");
        let mut all = vec!["serve", "--plugins", plugins, "--http", "127.0.0.1:0"];
        all.extend(arguments);
        let mut command = command(&all);
        // Where it goes with the plugins when the test is over.
        command.env("COFFERDAM_DATA_DIR", Path::new(plugins).join("data"));
        Self::start(command).await
    }

    /// Starts a command that serves HTTP, and waits until it says where.
    ///
    /// # Panics
    /// If it ends before it serves.
    pub async fn start(mut command: Plain) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = Command::from(command).kill_on_drop(true).spawn().expect("the program starts");
        let said = Log::of(child.stdout.take().expect("it is piped"));
        let log = Log::of(child.stderr.take().expect("it is piped"));
        let greeting = said.until("cofferdam serves http").await;
        let found = greeting.and_then(|said| {
            let (_, rest) = said.split_once("cofferdam serves ")?;
            rest.split_once("/mcp").map(|(base, _)| base.to_owned())
        });
        let base = found.unwrap_or_else(|| panic!("the program didn't serve:\n{}", log.text()));
        Self { child, log, said, base }
    }

    /// Where MCP is spoken.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}/mcp", self.base)
    }

    /// Its process id.
    ///
    /// # Panics
    /// If it has ended.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Sends it a signal, such as `TERM`.
    pub fn signal(&self, name: &str) {
        signal(self.id(), name);
    }

    /// Ends it now, without a word, and waits until it is gone.
    pub async fn kill(mut self) {
        self.kill_at_once();
        self.ended().await;
    }

    /// Ends it now, without a word. That it has ended already is fine.
    pub fn kill_at_once(&mut self) {
        // The one error is that.
        let _ = self.child.start_kill();
    }

    /// Waits until it ends.
    pub async fn ended(&mut self) -> ExitStatus {
        self.child.wait().await.expect("it can be waited for")
    }
}

fn signal(id: u32, name: &str) {
    let sent = Plain::new("kill").args(["-s", name, &id.to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()), "signal {name} can't be sent");
}

/// The program as a client starts it: messages on its stdin and stdout, line by line. Killed when dropped.
#[derive(Debug)]
pub struct StdioProcess {
    child: Child,
    input: Option<ChildStdin>,
    output: lines::Lines<BufReader<ChildStdout>>,
    /// What it has written to stderr.
    pub log: Log,
}

impl StdioProcess {
    /// Starts a command that speaks on stdin and stdout.
    ///
    /// # Panics
    /// If it doesn't start.
    #[must_use]
    pub fn start(mut command: Plain) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = Command::from(command).kill_on_drop(true).spawn().expect("the program starts");
        let output = lines::lines(child.stdout.take().expect("it is piped"));
        let log = Log::of(child.stderr.take().expect("it is piped"));
        Self { input: child.stdin.take(), child, output, log }
    }

    /// Serves `plugins`.
    #[must_use]
    pub fn serve(plugins: &Path, arguments: &[&str]) -> Self {
        let plugins = plugins.to_str().expect("the folder's name is UTF-8");
        let mut all = vec!["stdio", "--plugins", plugins];
        all.extend(arguments);
        let mut command = command(&all);
        command.env("COFFERDAM_DATA_DIR", Path::new(plugins).join("data"));
        Self::start(command)
    }

    /// Sends a line, whatever it is.
    ///
    /// # Panics
    /// If the program no longer listens.
    pub async fn send_line(&mut self, line: &str) {
        let input = self.input.as_mut().expect("stdin is open");
        input.write_all(format!("{line}\n").as_bytes()).await.expect("the program listens");
    }

    /// Sends a message.
    pub async fn send(&mut self, message: &Value) {
        self.send_line(&message.to_string()).await;
    }

    /// The next message. None: stdout has ended.
    ///
    /// # Panics
    /// If a line is anything but JSON.
    pub async fn next(&mut self) -> Option<Value> {
        let line = self.output.next_line().await.expect("stdout can be read")?;
        let message = serde_json::from_str(&line);
        Some(message.unwrap_or_else(|error| panic!("not JSON on stdout ({error}): {line:?}")))
    }

    /// Sends a request and takes its answer; messages that come before are kept in `meanwhile`.
    ///
    /// # Panics
    /// If stdout ends before.
    pub async fn ask(&mut self, request: &Value, meanwhile: &mut Vec<Value>) -> Value {
        self.send(request).await;
        loop {
            let message = self.next().await.expect("an answer comes");
            if message.get("id") == request.get("id") {
                return message;
            }
            meanwhile.push(message);
        }
    }

    /// Sends it a signal, such as `TERM`.
    ///
    /// # Panics
    /// If it has ended.
    pub fn signal(&self, name: &str) {
        signal(self.child.id().expect("it runs"), name);
    }

    /// Closes its stdin.
    pub fn hang_up(&mut self) {
        self.input = None;
    }

    /// Waits until it ends.
    ///
    /// # Panics
    /// If it can't be waited for.
    pub async fn ended(&mut self) -> ExitStatus {
        self.child.wait().await.expect("it can be waited for")
    }
}

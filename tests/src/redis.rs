//! A Redis of a test's own. The capabilities' tests use this same file.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

/// Runs until it is dropped, or the test's process ends.
#[derive(Debug)]
pub struct Redis {
    port: u16,
    folder: TempDir,
    process: Child,
}

impl Redis {
    /// On a port of its own.
    pub fn start() -> Self {
        Self::at(free_port())
    }

    /// On this port.
    pub fn at(port: u16) -> Self {
        let folder = tempfile::tempdir().expect("a folder for Redis");
        let process = run(port, &folder);
        let redis = Self { port, folder, process };
        redis.wait();
        redis
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// One command, and what comes back as it is on the wire.
    pub fn ask(&self, words: &[&str]) -> String {
        ask(self.port, words).expect("Redis answers")
    }

    /// Sends it a signal, such as `STOP`.
    pub fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().expect("kill runs").success());
    }

    /// Ends it at once, and starts it again with nothing in it.
    pub fn restart(&mut self) {
        self.process.kill().expect("Redis ends");
        self.process.wait().expect("Redis ends");
        self.process = run(self.port, &self.folder);
        self.wait();
    }

    fn wait(&self) {
        for _ in 0..1_000 {
            if ask(self.port, &["PING"]).is_ok_and(|answer| answer.starts_with("+PONG")) {
                return;
            }
            std::thread::yield_now();
            std::thread::park_timeout(std::time::Duration::from_millis(10));
        }
        panic!("redis-server doesn't answer");
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port on which nobody listens.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}

fn run(port: u16, folder: &TempDir) -> Child {
    // With the test process it ends too, however that ends.
    Command::new("setpriv")
        .args([
            "--pdeathsig",
            "KILL",
            "redis-server",
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ])
        .args(["--port", &port.to_string(), "--dir"])
        .arg(folder.path())
        .stdout(Stdio::null())
        .spawn()
        .expect("redis-server and setpriv: apt-get install redis-server util-linux")
}

fn ask(port: u16, words: &[&str]) -> std::io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    let words: String = words.iter().map(|word| format!("${}\r\n{word}\r\n", word.len())).collect();
    let count = words.matches("\r\n").count() / 2;
    write!(stream, "*{count}\r\n{words}")?;
    let mut answer = [0; 4096];
    let length = stream.read(&mut answer)?;
    Ok(String::from_utf8_lossy(answer.get(..length).unwrap_or_default()).into_owned())
}

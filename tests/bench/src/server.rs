//! The servers under load, as processes of their own.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::Stdio as Pipe,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    process::{Child, Command},
};

use crate::{
    artefacts::Artefacts,
    client::Stdio,
    process::{self, Memory},
    request::ToolCall,
};

/// How long a server may take to start: it compiles all its plugins first.
const START: Duration = Duration::from_secs(600);
const RETRY: Duration = Duration::from_millis(20);

/// Which server.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind<'a> {
    /// The host, with the plugins of a directory.
    Ours(&'a Path),
    /// The native server.
    Native,
}

/// A server that runs until this is dropped.
pub(crate) struct Server {
    child: Child,
    pid: u32,
}

impl Server {
    /// Starts a server on a free port of this machine.
    pub(crate) async fn http(artefacts: &Artefacts, kind: Kind<'_>) -> io::Result<(Self, SocketAddr)> {
        let address = free_address()?;
        let mut command = match kind {
            Kind::Ours(plugins) => {
                let mut command = Command::new(&artefacts.host);
                command.arg("serve").arg("--plugins").arg(plugins).arg("--http").arg(address.to_string());
                command
            }
            Kind::Native => {
                let mut command = Command::new(&artefacts.native);
                // It says where it listens, which is known here.
                command.arg("http").arg(address.to_string()).stderr(Pipe::null());
                command
            }
        };
        let server = Self::start(command.stdin(Pipe::null()).stdout(Pipe::null()))?;
        server.wait(address).await.map(|server| (server, address))
    }

    /// Starts a server on pipes, with a client at their other end.
    pub(crate) fn stdio(
        artefacts: &Artefacts,
        kind: Kind<'_>,
        depth: usize,
        call: &ToolCall,
    ) -> io::Result<(Self, Stdio)> {
        let mut command = match kind {
            Kind::Ours(plugins) => {
                let mut command = Command::new(&artefacts.host);
                command.arg("stdio").arg("--plugins").arg(plugins);
                command
            }
            Kind::Native => {
                let mut command = Command::new(&artefacts.native);
                command.arg("stdio");
                command
            }
        };
        let mut server = Self::start(command.stdin(Pipe::piped()).stdout(Pipe::piped()))?;
        let pipes = server.child.stdin.take().zip(server.child.stdout.take());
        let (input, output) = pipes.ok_or_else(|| io::Error::other("a server has no pipes"))?;
        Ok((server, Stdio::new(input, output, depth, call)))
    }

    fn start(command: &mut Command) -> io::Result<Self> {
        // Nobody's own configuration, and nothing on the terminal but what is measured.
        command.env("COFFERDAM_LOG__LEVEL", "error").env("RUST_BACKTRACE", "0");
        let file = command.as_std().get_program().to_owned();
        let child = command.kill_on_drop(true).spawn();
        let child =
            child.map_err(|error| io::Error::other(format!("can't start {}: {error}", file.display())))?;
        let pid = child.id().ok_or_else(|| io::Error::other("a server ended at once"))?;
        Ok(Self { child, pid })
    }

    async fn wait(mut self, address: SocketAddr) -> io::Result<Self> {
        let started = Instant::now();
        while answers(address).await.is_err() {
            if let Some(status) = self.child.try_wait()? {
                return Err(io::Error::other(format!("a server ended at its start ({status})")));
            }
            if started.elapsed() > START {
                return Err(io::Error::other(format!("a server doesn't answer after {START:?}")));
            }
            tokio::time::sleep(RETRY).await;
        }
        Ok(self)
    }

    /// Processor time so far.
    pub(crate) fn cpu(&self) -> io::Result<Duration> {
        process::cpu(self.pid)
    }

    /// Memory now.
    pub(crate) fn memory(&self) -> io::Result<Memory> {
        process::memory(self.pid)
    }
}

/// Whatever a server says, it says it when it has loaded its plugins: before, connections only queue.
async fn answers(address: SocketAddr) -> io::Result<u8> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    stream.read_u8().await
}

fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

//! HTTP over the admin socket: one request per connection.
//!
//! The host is ours, and still what it sends is bounded, and waited for with a limit.

use std::{io, path::PathBuf, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{Method, Request, StatusCode, header::HOST};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;
use tokio_util::task::AbortOnDropHandle;

use super::super::{Exit, Failure};
use crate::admin::wire::{Code, Failed, Problem};

/// Largest answer.
const ANSWER: usize = 64 << 20;
/// Longest line of a log.
const LINE: usize = 4 << 20;

/// How long an answer may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Patience {
    /// It is asked only who it is.
    Little,
    /// It has to say something.
    Some,
    /// It has to do something: read, compile, ask plugins for their tools.
    Much,
}

impl Patience {
    fn time(self) -> Duration {
        Duration::from_secs(match self {
            Self::Little => 2,
            Self::Some => 30,
            Self::Much => 15 * 60,
        })
    }
}

/// Asks one host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Client {
    socket: PathBuf,
}

/// An answer that begins. The connection ends with it.
struct Reply {
    response: http::Response<Incoming>,
    _connection: AbortOnDropHandle<()>,
}

impl Client {
    /// Of the host at this socket.
    pub(in crate::cli) fn new(socket: PathBuf) -> Self {
        Self { socket }
    }

    /// What is at a path.
    pub(in crate::cli) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        patience: Patience,
    ) -> Result<T, Failure> {
        self.ask(Method::GET, path, patience).await
    }

    /// What comes of an order.
    pub(in crate::cli) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        patience: Patience,
    ) -> Result<T, Failure> {
        self.ask(Method::POST, path, patience).await
    }

    /// The lines at a path, as they come.
    pub(in crate::cli) async fn lines(&self, path: &str) -> Result<Lines, Failure> {
        let reply = self.within(Patience::Some, self.begin(Method::GET, path)).await?;
        Ok(Lines { client: self.clone(), reply, read: BytesMut::new() })
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        patience: Patience,
    ) -> Result<T, Failure> {
        let bytes =
            self.within(patience, async { self.whole(self.begin(method, path).await?).await }).await?;
        serde_json::from_slice(&bytes).map_err(|error| self.unreadable(&error))
    }

    async fn within<T>(
        &self,
        patience: Patience,
        asked: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let time = patience.time();
        tokio::time::timeout(time, asked).await.unwrap_or_else(|_| {
            Err(self.failed(&format!(
                "doesn't answer within {time:?}; look at its log, or stop it and start it again"
            )))
        })
    }

    /// Sends a request; the reply has a status of success.
    async fn begin(&self, method: Method, path: &str) -> Result<Reply, Failure> {
        let stream = UnixStream::connect(&self.socket).await.map_err(|error| self.unreachable(&error))?;
        let broken = |error: hyper::Error| self.failed(&format!("hung up: {error}"));
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        let connection = AbortOnDropHandle::new(tokio::spawn(async {
            // What goes wrong is seen by who reads the answer.
            let _ = connection.await;
        }));
        let request = Request::builder().method(method).uri(path).header(HOST, "cofferdam");
        let request = request.body(Empty::<Bytes>::new()).map_err(|error| self.failed(&error.to_string()))?;
        let response = sender.send_request(request).await.map_err(broken)?;
        let reply = Reply { response, _connection: connection };
        match reply.response.status() {
            status if status.is_success() => Ok(reply),
            status => Err(self.refused(status, &self.whole(reply).await?)),
        }
    }

    async fn whole(&self, reply: Reply) -> Result<Bytes, Failure> {
        let body = Limited::new(reply.response.into_body(), ANSWER).collect().await;
        Ok(body.map_err(|error| self.failed(&format!("broke off its answer: {error}")))?.to_bytes())
    }

    fn refused(&self, status: StatusCode, body: &[u8]) -> Failure {
        match serde_json::from_slice::<Failed>(body) {
            Ok(Failed { error: Problem { code, message } }) => Failure::new(exit(code), message),
            Err(_) => self.failed(&format!("answered with status {status}")),
        }
    }

    fn unreachable(&self, error: &io::Error) -> Failure {
        let socket = self.socket.display();
        let message = match error.kind() {
            io::ErrorKind::NotFound => format!(
                "there is no socket {socket}: its host has ended, or has no admin endpoint; `cofferdam serve` starts one"
            ),
            io::ErrorKind::ConnectionRefused => {
                format!("nobody answers at {socket}: its host was killed; `cofferdam serve` starts one")
            }
            io::ErrorKind::PermissionDenied => {
                format!("{socket} belongs to another user; ask as the user that the host runs as, or as root")
            }
            _ => format!("can't ask at {socket}: {error}"),
        };
        Failure::new(Exit::Environment, message)
    }

    fn unreadable(&self, error: &serde_json::Error) -> Failure {
        let ours = env!("CARGO_PKG_VERSION");
        self.failed(&format!(
            "gave an answer that can't be read; is it of another version than {ours}? ({error})"
        ))
    }

    fn failed(&self, what: &str) -> Failure {
        Failure::new(Exit::Environment, format!("the host at {} {what}", self.socket.display()))
    }
}

/// What a script learns from a host's refusal.
fn exit(code: Code) -> Exit {
    match code {
        Code::BadRequest
        | Code::NotFound
        | Code::MethodNotAllowed
        | Code::UnknownPlugin
        | Code::NoPrevious => Exit::Usage,
        Code::Gone => Exit::Plugin,
        Code::Ending | Code::Unknown => Exit::Environment,
    }
}

/// Lines of an answer that goes on.
pub(in crate::cli) struct Lines {
    client: Client,
    reply: Reply,
    read: BytesMut,
}

impl Lines {
    /// The next line. None: the host has ended, or has no more.
    pub(in crate::cli) async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        let mut searched = 0;
        loop {
            let rest = self.read.get(searched..).unwrap_or_default();
            if let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                let line = self.read.split_to(searched + end).freeze();
                let _line_feed = self.read.split_to(1);
                return Ok(Some(line));
            }
            searched = self.read.len();
            if searched > LINE {
                return Err(self.client.failed("sent a line of the log that is too long"));
            }
            match self.reply.response.body_mut().frame().await {
                Some(Ok(frame)) => self.read.extend(frame.into_data().unwrap_or_default()),
                // A host that is killed ends the log too.
                Some(Err(_)) | None => return Ok(None),
            }
        }
    }

    /// A line that can't be read.
    pub(in crate::cli) fn unreadable(&self, error: &serde_json::Error) -> Failure {
        self.client.unreadable(error)
    }
}

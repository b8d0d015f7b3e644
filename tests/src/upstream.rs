//! Names and upstreams on loopback, for tests of HTTP: they answer what a test wants, and remember what came.
//!
//! Used by this harness, and by the tests of the service alone.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "where the harness fails, a test fails")]

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use cofferdam_capabilities::http::{Resolve, Resolving};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// Names and their answers: one after the other, the last one for ever.
#[derive(Debug, Default)]
pub struct Names {
    answers: Mutex<HashMap<String, Vec<Vec<IpAddr>>>>,
    asked: Mutex<Vec<String>>,
}

impl Names {
    /// Each name with its answers.
    #[must_use]
    pub fn new(names: &[(&str, &[&[&str]])]) -> Arc<Self> {
        let parse = |answer: &&[&str]| answer.iter().map(|ip| ip.parse().unwrap()).collect();
        let answers =
            names.iter().map(|(name, answers)| ((*name).to_owned(), answers.iter().map(parse).collect()));
        Arc::new(Self { answers: Mutex::new(answers.collect()), asked: Mutex::default() })
    }

    /// `up.example` and `other.example`, both on 127.0.0.1.
    #[must_use]
    pub fn usual() -> Arc<Self> {
        Self::new(&[("up.example", &[&["127.0.0.1"]]), ("other.example", &[&["127.0.0.1"]])])
    }

    /// The names that were asked for, in order.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Resolve for Names {
    fn resolve<'a>(&'a self, host: &'a str) -> Resolving<'a> {
        self.asked.lock().unwrap().push(host.to_owned());
        let mut answers = self.answers.lock().unwrap();
        let found = match answers.get_mut(host) {
            Some(answers) if answers.len() > 1 => Ok(answers.remove(0)),
            Some(answers) => Ok(answers[0].clone()),
            None if host == "hanging.example" => return Box::pin(std::future::pending()),
            None => Err(io::ErrorKind::NotFound.into()),
        };
        Box::pin(async move { found })
    }
}

/// What follows an answer.
#[derive(Debug, Clone, Copy)]
pub enum Then {
    /// The next request.
    KeepOpen,
    /// The end.
    Close,
    /// The end, without a farewell.
    Reset,
    /// Nothing, for ever.
    Hang,
    /// One more of these bytes, for ever, as fast as they are taken.
    Repeat(&'static [u8]),
    /// One byte every few milliseconds, for ever.
    Drip,
}

/// Answers each request on each connection, and remembers both.
#[derive(Debug)]
pub struct Upstream {
    /// Where it listens.
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
    accepted: Arc<Mutex<usize>>,
    task: JoinHandle<()>,
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Upstream {
    /// On a free port.
    pub async fn start(answer: impl Fn(&str) -> (Vec<u8>, Then) + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0", answer).await
    }

    /// On this address.
    ///
    /// # Panics
    /// If the address is taken.
    pub async fn at(address: &str, answer: impl Fn(&str) -> (Vec<u8>, Then) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, accepted) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(0)));
        let (answer, requests, connections) = (Arc::new(answer), Arc::clone(&seen), Arc::clone(&accepted));
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                *connections.lock().unwrap() += 1;
                tokio::spawn(converse(stream, Arc::clone(&answer), Arc::clone(&requests)));
            }
        });
        Self { address, seen, accepted, task }
    }

    /// The same answer to everything.
    pub async fn saying(answer: impl Into<Vec<u8>>, then: Then) -> Self {
        let answer = answer.into();
        Self::start(move |_| (answer.clone(), then)).await
    }

    /// `hello` to everything.
    pub async fn ok() -> Self {
        Self::saying(ok("hello"), Then::KeepOpen).await
    }

    /// `http://name:port/path` here.
    #[must_use]
    pub fn url(&self, name: &str, path: &str) -> String {
        format!("http://{name}:{}{path}", self.address.port())
    }

    /// The requests as they came, byte by byte.
    #[must_use]
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// Connections that were accepted.
    #[must_use]
    pub fn accepted(&self) -> usize {
        *self.accepted.lock().unwrap()
    }
}

async fn converse(
    mut stream: TcpStream,
    answer: Arc<impl Fn(&str) -> (Vec<u8>, Then)>,
    seen: Arc<Mutex<Vec<String>>>,
) {
    while let Some(request) = read_request(&mut stream).await {
        seen.lock().unwrap().push(request.clone());
        let (bytes, then) = answer(&request);
        let mut failed = stream.write_all(&bytes).await.is_err();
        match then {
            Then::KeepOpen => {}
            Then::Close => return,
            Then::Reset => return stream.set_zero_linger().unwrap(),
            Then::Hang => std::future::pending().await,
            Then::Repeat(bytes) => {
                while !failed {
                    failed = stream.write_all(bytes).await.is_err();
                }
            }
            Then::Drip => {
                while !failed {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    failed = stream.write_all(b"x").await.is_err();
                }
            }
        }
        if failed {
            return;
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if bytes.len() >= end + 4 + length.map_or(0, |length| length.parse().unwrap()) {
                return Some(String::from_utf8_lossy(&bytes).into_owned());
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

/// A plain answer with this body.
#[must_use]
pub fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// An answer with these headers, each with its line end, and this body.
#[must_use]
pub fn answer(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\n{headers}content-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

//! HTTP/1.1, just as much as the servers speak: one kept connection per worker, replies with a content length.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
};

use super::{Latencies, Until, nanos, wrong};
use crate::request::{ToolCall, looks_right};

/// Kept connections to one server.
pub(crate) struct Http {
    connections: Vec<Connection>,
}

struct Connection {
    stream: TcpStream,
    /// Sent in turn.
    requests: Vec<Vec<u8>>,
    next: usize,
    buffer: Vec<u8>,
}

impl Http {
    /// Connects that often. A worker sends its calls in turn; workers start at different ones.
    pub(crate) async fn connect(
        address: SocketAddr,
        connections: usize,
        calls: &[ToolCall],
    ) -> io::Result<Self> {
        let host = address.to_string();
        let requests: Vec<_> = calls.iter().map(|call| call.http(&host)).collect();
        let mut all = Vec::new();
        for worker in 0..connections {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let next = worker * requests.len() / connections;
            all.push(Connection { stream, requests: requests.clone(), next, buffer: Vec::new() });
        }
        Ok(Self { connections: all })
    }

    /// One call; its answer in full.
    pub(crate) async fn call(&mut self) -> io::Result<Vec<u8>> {
        let connection = self.connections.first_mut();
        connection.ok_or_else(|| io::Error::other("there is no connection"))?.call().await.map(<[u8]>::to_vec)
    }

    /// Calls on every connection, each as soon as the last one is answered.
    pub(crate) async fn load(&mut self, until: Until) -> io::Result<Latencies> {
        let mut workers = JoinSet::new();
        for mut connection in self.connections.drain(..) {
            workers.spawn(async move { connection.load(until).await.map(|all| (connection, all)) });
        }
        let mut latencies = Latencies::new();
        while let Some(worker) = workers.join_next().await {
            let (connection, measured) = worker.map_err(io::Error::other)??;
            self.connections.push(connection);
            latencies.extend(measured);
        }
        Ok(latencies)
    }
}

impl Http {
    /// Calls on every connection until told to stop; how many calls there were, and how many of them failed.
    pub(crate) async fn until_stopped(self, stop: Arc<AtomicBool>) -> io::Result<(u64, u64)> {
        let mut workers = JoinSet::new();
        for mut connection in self.connections {
            let stop = Arc::clone(&stop);
            workers.spawn(async move {
                let (mut made, mut failed) = (0_u64, 0_u64);
                while !stop.load(Ordering::Relaxed) {
                    let right = looks_right(connection.call().await?);
                    (made, failed) = (made + 1, failed + u64::from(!right));
                }
                Ok::<_, io::Error>((made, failed))
            });
        }
        let mut all = (0, 0);
        while let Some(worker) = workers.join_next().await {
            let (made, failed) = worker.map_err(io::Error::other)??;
            all = (all.0 + made, all.1 + failed);
        }
        Ok(all)
    }
}

impl Connection {
    async fn load(&mut self, until: Until) -> io::Result<Latencies> {
        let mut latencies = Latencies::new();
        let mut now = Instant::now();
        while !until.is_over(latencies.len(), now) {
            let answer = self.call().await?;
            if !looks_right(answer) {
                return Err(wrong(answer));
            }
            let ended = Instant::now();
            latencies.push(nanos(ended - now));
            now = ended;
        }
        Ok(latencies)
    }

    async fn call(&mut self) -> io::Result<&[u8]> {
        let request = self.requests.get(self.next).ok_or_else(|| io::Error::other("there is no request"))?;
        self.next = (self.next + 1) % self.requests.len();
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(wrong(&self.buffer));
            }
            if let Some(body) = body(&self.buffer)? {
                return Ok(self.buffer.get(body..).unwrap_or_default());
            }
        }
    }
}

/// Where the body starts, once all of it is there.
fn body(reply: &[u8]) -> io::Result<Option<usize>> {
    let Some(end) = reply.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let (head, body) = reply.split_at(end + 4);
    let length = length(head).ok_or_else(|| wrong(reply))?;
    Ok((body.len() >= length).then_some(head.len()))
}

fn length(head: &[u8]) -> Option<usize> {
    const NAME: &str = "content-length:";
    let lines = std::str::from_utf8(head).ok()?.split("\r\n");
    let value = lines.filter_map(|line| Some((line.get(..NAME.len())?, line.get(NAME.len()..)?)));
    value.filter(|(name, _)| name.eq_ignore_ascii_case(NAME)).find_map(|(_, value)| value.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_whole_when_its_length_says_so() {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n";
        for (reply, expected) in [
            ("HTTP/1.1 200 OK\r\ncontent-le".to_owned(), None),
            (format!("{head}{{\"a"), None),
            (format!("{head}true"), Some(head.len())),
        ] {
            assert_eq!(body(reply.as_bytes()).unwrap(), expected);
        }
    }

    #[test]
    fn a_stream_of_events_is_not_what_is_measured() {
        let reply = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\ntrue\r\n";
        assert!(body(reply).unwrap_err().to_string().starts_with("expected a result without an error"));
    }
}

//! A client that waits for changes of the list: a subscription of 2026-07-28, read as it comes.

use std::{io, net::SocketAddr};

use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A subscription.
pub(super) struct Listener {
    stream: TcpStream,
    /// What has come and was not waited for yet.
    said: Vec<u8>,
}

impl Listener {
    /// Subscribes to changes of the list.
    pub(super) async fn connect(address: SocketAddr) -> io::Result<Self> {
        let message = json!({
            "jsonrpc": "2.0",
            "id": 1,
            "method": "subscriptions/listen",
            "params": {
                "notifications": { "toolsListChanged": true },
                "_meta": {
                    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                    "io.modelcontextprotocol/clientInfo": { "name": "listener", "version": "0" },
                    "io.modelcontextprotocol/clientCapabilities": {},
                },
            },
        })
        .to_string();
        let head = format!(
            "POST /mcp HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
             accept: application/json, text/event-stream\r\nmcp-protocol-version: 2026-07-28\r\n\
             mcp-method: subscriptions/listen\r\ncontent-length: {}\r\n\r\n",
            message.len()
        );
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all((head + &message).as_bytes()).await?;
        let mut listener = Self { stream, said: Vec::new() };
        listener.until("notifications/subscriptions/acknowledged").await?;
        Ok(listener)
    }

    /// Waits for the next change.
    pub(super) async fn changed(&mut self) -> io::Result<()> {
        self.until("notifications/tools/list_changed").await
    }

    /// Whether a change has come that wasn't waited for.
    pub(super) async fn has_more(&mut self) -> io::Result<bool> {
        let pause = std::time::Duration::from_millis(300);
        match tokio::time::timeout(pause, self.changed()).await {
            Err(_elapsed) => Ok(false),
            Ok(changed) => changed.map(|()| true),
        }
    }

    /// Reads on until the words have come, and forgets what came up to them.
    async fn until(&mut self, words: &str) -> io::Result<()> {
        loop {
            let found = self.said.windows(words.len()).position(|part| part == words.as_bytes());
            if let Some(at) = found {
                self.said.drain(..at + words.len());
                return Ok(());
            }
            if self.stream.read_buf(&mut self.said).await? == 0 {
                let said = String::from_utf8_lossy(&self.said).into_owned();
                return Err(io::Error::other(format!("expected {words}, found the end of: {said}")));
            }
        }
    }
}

//! JSON-RPC lines over a child's pipes. One session, with any number of calls under way at the same time.

use std::{io, time::Instant};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::{ChildStdin, ChildStdout},
};

use super::{Latencies, Until, nanos, wrong};
use crate::request::{ToolCall, looks_right};

/// A client at the other end of a server's stdin and stdout.
pub(crate) struct Stdio {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// One line per call that may be under way; its place is its id.
    lines: Vec<Vec<u8>>,
    answer: Vec<u8>,
}

impl Stdio {
    /// A client that has up to `depth` calls under way.
    pub(crate) fn new(input: ChildStdin, output: ChildStdout, depth: usize, call: &ToolCall) -> Self {
        let lines = (0..depth).map(|id| (call.message(id) + "\n").into_bytes()).collect();
        Self { input, output: BufReader::new(output), lines, answer: Vec::new() }
    }

    /// One call; its answer in full.
    pub(crate) async fn call(&mut self) -> io::Result<Vec<u8>> {
        self.send(0).await?;
        self.receive().await?;
        Ok(self.answer.clone())
    }

    /// Keeps all calls under way, each sent again as soon as it is answered.
    pub(crate) async fn load(&mut self, until: Until) -> io::Result<Latencies> {
        let mut latencies = Latencies::new();
        let mut sent = vec![Instant::now(); self.lines.len()];
        for id in 0..self.lines.len() {
            self.send(id).await?;
        }
        let mut under_way = self.lines.len();
        while under_way > 0 {
            let id = self.receive().await?;
            let now = Instant::now();
            let start = sent.get_mut(id).ok_or_else(|| wrong(&self.answer))?;
            latencies.push(nanos(now - *start));
            *start = now;
            if until.is_over(latencies.len() + under_way, now) {
                under_way -= 1;
            } else {
                self.send(id).await?;
            }
        }
        Ok(latencies)
    }

    async fn send(&mut self, id: usize) -> io::Result<()> {
        let line = self.lines.get(id).ok_or_else(|| io::Error::other("there is no such call"))?;
        self.input.write_all(line).await
    }

    /// The id of the next answer.
    async fn receive(&mut self) -> io::Result<usize> {
        self.answer.clear();
        self.output.read_until(b'\n', &mut self.answer).await?;
        id(&self.answer).filter(|_| looks_right(&self.answer)).ok_or_else(|| wrong(&self.answer))
    }
}

fn id(answer: &[u8]) -> Option<usize> {
    let rest = std::str::from_utf8(answer).ok()?.split_once(r#""id":"#)?.1;
    rest.split([',', '}']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_told_by_its_id() {
        assert_eq!(id(br#"{"jsonrpc":"2.0","id":31,"result":{}}"#), Some(31));
        assert_eq!(id(br#"{"result":{},"id":0}"#), Some(0));
        assert_eq!(id(br#"{"result":{}}"#), None);
    }
}

//! What a child process writes, collected while it writes.

use serde_json::Value;
pub(super) use tokio::io::Lines;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    sync::watch,
};

/// The lines of a pipe.
pub(super) fn lines<R: AsyncRead>(pipe: R) -> Lines<BufReader<R>> {
    BufReader::new(pipe).lines()
}

/// All that was written to a pipe so far.
#[derive(Debug, Clone)]
pub struct Log(watch::Receiver<String>);

impl Log {
    pub(super) fn of(pipe: impl AsyncRead + Unpin + Send + 'static) -> Self {
        let (sender, receiver) = watch::channel(String::new());
        tokio::spawn(async move {
            let mut lines = lines(pipe);
            while let Ok(Some(line)) = lines.next_line().await {
                sender.send_modify(|text| {
                    text.push_str(&line);
                    text.push('\n');
                });
            }
        });
        Self(receiver)
    }

    /// What was written so far.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.borrow().clone()
    }

    /// The events with this message so far: what a host logs where stderr is no terminal.
    #[must_use]
    pub fn events(&self, message: &str) -> Vec<Value> {
        let text = self.0.borrow();
        let events = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        events.filter(|event| event["message"] == message).collect()
    }

    /// Waits until that many events with this message were logged; all of them by then.
    ///
    /// # Panics
    /// If the pipe ends before.
    pub async fn until_events(&self, message: &str, count: usize) -> Vec<Value> {
        let mut receiver = self.0.clone();
        let quoted = format!("\"message\":{}", Value::from(message));
        let enough = receiver.wait_for(|text| text.matches(&quoted).count() >= count).await;
        assert!(enough.is_ok(), "the program ended before:\n{}", self.text());
        drop(enough);
        self.events(message)
    }

    /// Waits until `words` were written; what was written by then. None: the pipe ended before.
    pub async fn until(&self, words: &str) -> Option<String> {
        let mut receiver = self.0.clone();
        receiver.wait_for(|text| text.contains(words)).await.ok().map(|text| text.clone())
    }
}

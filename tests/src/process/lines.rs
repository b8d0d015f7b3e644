//! What a child process writes, collected while it writes.

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

    /// Waits until `words` were written; what was written by then. None: the pipe ended before.
    pub async fn until(&self, words: &str) -> Option<String> {
        let mut receiver = self.0.clone();
        receiver.wait_for(|text| text.contains(words)).await.ok().map(|text| text.clone())
    }
}

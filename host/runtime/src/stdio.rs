//! Where a guest's stdout and stderr go: into a bounded buffer of the call, then into the host's log.
//!
//! Never to the process's own stdout, which is the protocol channel in stdio mode.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use cofferdam_capabilities::sanitize;
use cofferdam_policy::LimitKind;
use tokio::io::AsyncWrite;
use wasmtime_wasi::{
    cli::{IsTerminal, StdoutStream},
    p2::{OutputStream, Pollable, StreamError, StreamResult},
};

use crate::limits::Tripped;

/// How much of the output reaches the log; the rest only counts.
const KEPT: usize = 8 << 10;
/// What a guest may write in one go: it asks again for more.
const CHUNK: usize = 64 << 10;

/// The output of one call: stdout and stderr together.
#[derive(Debug, Clone)]
pub(crate) struct Output(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    left: u64,
    kept: Vec<u8>,
    tripped: bool,
}

impl Output {
    pub(crate) fn new(limit: u64) -> Self {
        Self(Arc::new(Mutex::new(State { left: limit, kept: Vec::new(), tripped: false })))
    }

    /// Whether the guest printed more than it may.
    pub(crate) fn tripped(&self) -> bool {
        self.state().tripped
    }

    /// Writes what was printed to the host's log.
    pub(crate) fn log(&self, plugin: &str, call: &str) {
        let kept = std::mem::take(&mut self.state().kept);
        for line in String::from_utf8_lossy(&kept).lines().filter(|line| !line.trim().is_empty()) {
            let line = sanitize::line(line, 1024);
            tracing::info!(target: "cofferdam::plugin", plugin, call, "{line}");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic while the lock is held leaves bytes and numbers, which are valid in every state.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, bytes: &[u8]) -> Result<(), Tripped> {
        let mut state = self.state();
        let Some(left) = state.left.checked_sub(bytes.len() as u64) else {
            state.left = 0;
            state.tripped = true;
            return Err(Tripped(LimitKind::Stdio));
        };
        state.left = left;
        let room = KEPT.saturating_sub(state.kept.len());
        state.kept.extend(bytes.iter().take(room));
        Ok(())
    }
}

impl StdoutStream for Output {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }

    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl OutputStream for Output {
    fn write(&mut self, bytes: bytes::Bytes) -> StreamResult<()> {
        self.take(&bytes).map_err(|tripped| StreamError::Trap(tripped.into()))
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(CHUNK)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {}
}

impl AsyncWrite for Output {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Poll::Ready(self.take(bytes).map(|()| bytes.len()).map_err(std::io::Error::other))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

//! The threads that guests run on, apart from those of transports and timers.
//!
//! A spinning guest yields often, but between two yields it holds its thread. Here that thread is never one
//! on which a ping, a timer or another client waits.

use std::{
    any::Any,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::JoinError,
};
use tokio_util::task::AbortOnDropHandle;

use crate::error::StartError;

/// The guests' own executor.
#[derive(Debug)]
pub(crate) struct Guests(Option<Runtime>);

impl Guests {
    pub(crate) fn start() -> Result<Self, StartError> {
        let runtime = Builder::new_multi_thread()
            .thread_name("guest")
            .enable_all()
            .build()
            .map_err(StartError::Threads)?;
        Ok(Self(Some(runtime)))
    }

    /// Runs `work` on the guests' threads. Dropping the handle ends it at its next yield.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> AbortOnDropHandle<T> {
        let handle = match &self.0 {
            Some(runtime) => runtime.spawn(work),
            // Only while dropping; nothing calls then.
            None => Handle::current().spawn(work),
        };
        AbortOnDropHandle::new(handle)
    }

    /// Runs `work`: on the guests' threads, or `here` up to its first wait or yield, and there only what is left.
    /// None if it panicked. Dropping the future ends it at its next yield.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        here: bool,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let mut work = Box::pin(work);
        if here {
            match poll_fn(|cx| Poll::Ready(self.poll(work.as_mut(), cx))).await {
                Ok(Poll::Ready(done)) => return Some(done),
                Ok(Poll::Pending) => {}
                Err(_) => {
                    tracing::error!("a call panicked");
                    return None;
                }
            }
        }
        let ended = self.spawn(work).await;
        ended.inspect_err(|failure| tracing::error!(%failure, "a call's task failed")).ok()
    }

    /// Polls `work` on this thread, with timers and wakers of the guests' executor, to which it may be moved.
    fn poll<T>(
        &self,
        work: Pin<&mut impl Future<Output = T>>,
        cx: &mut Context<'_>,
    ) -> Result<Poll<T>, Box<dyn Any + Send>> {
        let _guests = self.0.as_ref().map(Runtime::enter);
        // As on the guests' threads, a panic ends the call and nothing else.
        catch_unwind(AssertUnwindSafe(|| work.poll(cx)))
    }

    /// Runs `work`, which doesn't yield, on a thread of its own.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        match &self.0 {
            Some(runtime) => runtime.spawn_blocking(work).await,
            None => tokio::task::spawn_blocking(work).await,
        }
    }
}

impl Drop for Guests {
    fn drop(&mut self) {
        // Waiting for a spinning guest would block an async context, which may be where we are dropped.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

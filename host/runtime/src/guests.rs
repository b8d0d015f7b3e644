//! The threads that guests run on, apart from those of transports and timers.
//!
//! A spinning guest yields often, but between two yields it holds its thread. Here that thread is never one
//! on which a ping, a timer or another client waits.

use std::future::Future;

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

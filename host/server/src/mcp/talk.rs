//! What a client hears while its call runs: progress, log messages, a sign of life; and what ends the call early.

#![expect(deprecated, reason = "logging is deprecated by the protocol, and still spoken by every client")]

use std::{
    future::Future,
    pin::pin,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use cofferdam_runtime::{
    CallError, CallReport,
    capabilities::{Event, LogLevel},
};
use rmcp::{
    RoleServer,
    model::{LoggingMessageNotificationParam, ProgressNotificationParam, ProgressToken, RequestId},
    service::{Peer, RequestContext},
};
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval_at},
};
use tokio_util::sync::CancellationToken;

use super::{Shared, convert};
use crate::transport::http::sessions::RequestStream;

/// Messages of one call that wait for its client; then its guest waits.
const WAITING: usize = 16;
/// How long a guest that was told of its cancellation may clean up.
const GRACE: Duration = Duration::from_millis(20);

/// How often a call without news of its own tells its client that it still runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeartbeatPeriod(pub(crate) Duration);

/// The conversation of one call.
pub(super) struct Talk {
    peer: Peer<RoleServer>,
    token: Option<ProgressToken>,
    level: Option<LogLevel>,
    channel: Option<(mpsc::Sender<Event>, mpsc::Receiver<Event>)>,
    stream: Option<RequestStream>,
    heartbeat: HeartbeatPeriod,
    progress: f64,
}

impl Talk {
    pub(super) fn new(
        cx: &RequestContext<RoleServer>,
        shared: &Shared,
        level: Option<LogLevel>,
        modern: bool,
    ) -> Self {
        let token = cx.meta.get_progress_token();
        let listens = token.is_some() || level.is_some();
        Self {
            peer: cx.peer.clone(),
            level,
            channel: listens.then(|| mpsc::channel(WAITING)),
            stream: if modern { None } else { request_stream(cx, shared, &cx.id) },
            heartbeat: shared.config.heartbeat,
            token,
            progress: 0.0,
        }
    }

    pub(super) fn sender(&self) -> Option<mpsc::Sender<Event>> {
        self.channel.as_ref().map(|(sender, _)| sender.clone())
    }

    pub(super) fn wants_progress(&self) -> bool {
        self.token.is_some()
    }

    pub(super) fn log_level(&self) -> Option<LogLevel> {
        self.level
    }

    /// Runs the call, passing on what it says. Ends it soon after the client no longer wants it.
    pub(super) async fn during(
        &mut self,
        call: impl Future<Output = CallReport>,
        no_longer_wanted: &CancellationToken,
        cancelled: &AtomicBool,
    ) -> CallReport {
        let mut call = pin!(call);
        // The sender here would keep the channel open for ever.
        let mut events = self.channel.take().map(|(_, events)| events);
        let mut heartbeat = self.token.is_some().then(|| {
            let mut ticks = interval_at(Instant::now() + self.heartbeat.0, self.heartbeat.0);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        });
        let started = Instant::now();
        let report = loop {
            tokio::select! {
                biased;
                () = no_longer_wanted.cancelled() => {
                    cancelled.store(true, Ordering::Relaxed);
                    let ended = tokio::time::timeout(GRACE, &mut call).await;
                    // Nobody reads this report; the protocol wants no more messages after a cancellation.
                    return ended.unwrap_or_else(|_| CallError::Internal.into());
                }
                Some(event) = next(&mut events) => {
                    self.pass(event).await;
                    if let Some(ticks) = &mut heartbeat {
                        ticks.reset();
                    }
                }
                report = &mut call => break report,
                () = tick(&mut heartbeat) => self.still_running(started.elapsed()).await,
            }
        };
        // What the guest said last is in the channel still, and must not come after the result.
        while let Some(event) = events.as_mut().and_then(|events| events.try_recv().ok()) {
            self.pass(event).await;
        }
        report
    }

    async fn pass(&mut self, event: Event) {
        match event {
            Event::Progress { progress, total, message } => {
                // After a sign of life the guest's own zero would be no increase.
                if progress > self.progress || self.progress == 0.0 {
                    self.progress = progress;
                    self.report(progress, total, message).await;
                }
            }
            Event::Log { level, logger, data } => {
                let mut message = LoggingMessageNotificationParam::new(convert::level_to(level), data);
                message.logger = logger;
                self.log(message).await;
            }
        }
    }

    /// The smallest step forward that the protocol allows, with words.
    async fn still_running(&mut self, elapsed: Duration) {
        self.progress = self.progress.next_up().max(f64::MIN_POSITIVE);
        let message = format!("still running after {} s", elapsed.as_secs());
        self.report(self.progress, None, Some(message)).await;
    }

    async fn report(&self, progress: f64, total: Option<f64>, message: Option<String>) {
        let Some(token) = self.token.clone() else { return };
        let mut news = ProgressNotificationParam::new(token, progress);
        (news.total, news.message) = (total, message);
        if let Err(error) = self.peer.notify_progress(news).await {
            tracing::debug!(%error, "can't tell the client of progress");
        }
    }

    async fn log(&self, message: LoggingMessageNotificationParam) {
        if let Some(stream) = &self.stream {
            return stream.send(message).await;
        }
        let sent = self.peer.notify_logging_message(message).await;
        if let Err(error) = sent {
            tracing::debug!(%error, "can't pass a log message to the client");
        }
    }
}

/// The stream of a legacy HTTP session's own request: the library would send log messages on another one.
fn request_stream(cx: &RequestContext<RoleServer>, shared: &Shared, id: &RequestId) -> Option<RequestStream> {
    let sessions = shared.sessions.as_ref()?;
    let parts = cx.extensions.get::<http::request::Parts>()?;
    let session = parts.headers.get("mcp-session-id")?.to_str().ok()?;
    sessions.request_stream(session, id)
}

async fn next(events: &mut Option<mpsc::Receiver<Event>>) -> Option<Event> {
    match events {
        Some(events) => events.recv().await,
        None => None,
    }
}

async fn tick(heartbeat: &mut Option<tokio::time::Interval>) {
    match heartbeat {
        Some(ticks) => {
            ticks.tick().await;
        }
        None => std::future::pending().await,
    }
}

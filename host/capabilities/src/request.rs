//! The running request: what came with it, and what the guest says while it runs.
//!
//! Messages go to the client through a bounded channel: a slow client slows down its own guest, under the
//! call's deadline, and nobody else.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::{Map, Value};
use tokio::{sync::mpsc, time::Instant};

use crate::{Budget, Exhausted, sanitize};

/// Severity of a log message, as in RFC 5424; ordered from the least to the most severe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are the documentation")]
pub enum LogLevel {
    Debug,
    Info,
    Notice,
    Warning,
    Error,
    Critical,
    Alert,
    Emergency,
}

/// The program that called, as it describes itself: not verified.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The client capabilities that it declared.
    pub capabilities: Map<String, Value>,
    /// The MCP revision spoken with it.
    pub protocol_version: String,
}

/// On whose behalf a call is made, from a token that the host has checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Principal {
    /// The token's subject.
    pub subject: String,
    /// The token's issuer.
    pub issuer: Option<String>,
    /// The token's scopes.
    pub scopes: Vec<String>,
    /// All claims of the token.
    pub claims: Map<String, Value>,
}

/// What the guest says while it runs.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// How far the call is.
    Progress {
        /// Strictly greater than the one before.
        progress: f64,
        /// In the unit of `progress`.
        total: Option<f64>,
        /// For people.
        message: Option<String>,
    },
    /// A log message for the client.
    Log {
        /// Its severity.
        level: LogLevel,
        /// Who says it.
        logger: Option<String>,
        /// What is said.
        data: Value,
    },
}

/// Who called, and with what. Most guests never ask, so nothing is made before they do.
pub trait Caller: Send + Sync {
    /// The program that called, if it said so.
    fn client(&self) -> Option<Client>;
    /// On whose behalf, if the host checked a token.
    fn principal(&self) -> Option<Principal>;
    /// The request's `_meta` without the protocol's own keys.
    fn meta(&self) -> Map<String, Value>;
}

/// What came with a call, made by the transport.
#[derive(Clone, Default)]
pub struct CallContext {
    /// The host's id for the call.
    pub id: String,
    /// Who called. None: nobody but the host itself.
    pub caller: Option<Arc<dyn Caller>>,
    /// Where messages to the client go. None: the client wants none.
    pub events: Option<mpsc::Sender<Event>>,
    /// Whether the client asked for progress.
    pub wants_progress: bool,
    /// The least severe level that the client wants; none: no log messages.
    pub log_level: Option<LogLevel>,
    /// Set when the client no longer wants the result.
    pub cancelled: Arc<AtomicBool>,
}

impl std::fmt::Debug for CallContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallContext").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The request service of one call.
#[derive(Debug)]
pub struct Request {
    /// The plugin, for the host's log.
    plugin: String,
    context: CallContext,
    deadline: Instant,
    last_progress: f64,
}

impl Request {
    /// The request of one call of `plugin`.
    #[must_use]
    pub fn new(plugin: &str, context: CallContext, deadline: Instant) -> Self {
        Self { plugin: plugin.to_owned(), context, deadline, last_progress: f64::NEG_INFINITY }
    }

    /// The host's id for the call.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.context.id
    }

    /// Who called, and with what.
    #[must_use]
    pub fn caller(&self) -> Option<&dyn Caller> {
        self.context.caller.as_deref()
    }

    /// Time left until the call's deadline.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Whether the client no longer wants the result.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.context.cancelled.load(Ordering::Relaxed)
    }

    /// Tells the client how far the call is. Values that are not finite or do not increase are dropped, since
    /// the protocol demands that progress increases.
    ///
    /// # Errors
    /// [`Exhausted`] when the call has said too much.
    pub async fn progress(
        &mut self,
        budget: &mut Budget,
        progress: f64,
        total: Option<f64>,
        message: Option<String>,
    ) -> Result<(), Exhausted> {
        // A message without text still costs the host and the client an envelope.
        budget.message(32 + message.as_deref().map_or(0, str::len))?;
        if !self.context.wants_progress || !progress.is_finite() || progress <= self.last_progress {
            return Ok(());
        }
        self.last_progress = progress;
        let total = total.filter(|t| t.is_finite());
        self.send(Event::Progress { progress, total, message }).await;
        Ok(())
    }

    /// Sends a log message to the client, if it wants this level, and to the host's log.
    ///
    /// # Errors
    /// [`Exhausted`] when the call has said too much.
    pub async fn log(
        &mut self,
        budget: &mut Budget,
        level: LogLevel,
        logger: Option<String>,
        data: &str,
    ) -> Result<(), Exhausted> {
        budget.message(32 + data.len() + logger.as_deref().map_or(0, str::len))?;
        tracing::debug!(
            target: "cofferdam::plugin",
            plugin = %self.plugin, call = %self.context.id, ?level, message = %sanitize::line(data, 512),
        );
        if self.context.log_level.is_some_and(|wanted| level >= wanted) {
            // What a guest calls JSON may be plain text: then it is the text.
            let data = serde_json::from_str(data).unwrap_or_else(|_| Value::String(data.to_owned()));
            self.send(Event::Log { level, logger, data }).await;
        }
        Ok(())
    }

    /// What the host itself has to say while the call runs.
    #[must_use]
    pub fn teller(&self) -> Teller {
        let CallContext { id, events, log_level, .. } = &self.context;
        let wants = log_level.is_some_and(|wanted| LogLevel::Warning >= wanted);
        let events = events.clone().filter(|_| wants);
        let left = Arc::new(AtomicUsize::new(TOLD));
        Teller { plugin: self.plugin.clone(), call: id.clone(), events, left }
    }

    async fn send(&self, event: Event) {
        if let Some(events) = &self.context.events {
            // A closed channel means that nobody listens any more: the call is about to end.
            let _ = events.send(event).await;
        }
    }
}

/// How often a [`Teller`] says something: a guest must not fill logs by asking for what it doesn't get.
const TOLD: usize = 32;

/// Says why something wasn't done, where the interface that the guest uses has no words for it. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Teller {
    plugin: String,
    call: String,
    events: Option<mpsc::Sender<Event>>,
    left: Arc<AtomicUsize>,
}

impl Teller {
    /// Tells the client, if it wants warnings, and the host's log; of many, the first 32.
    pub async fn warn(&self, logger: &str, text: &str) {
        let take = |left: usize| left.checked_sub(1);
        if self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_err() {
            return;
        }
        tracing::warn!(
            target: "cofferdam::plugin",
            plugin = %self.plugin, call = %self.call, logger, message = %sanitize::line(text, 512),
        );
        if let Some(events) = &self.events {
            let (level, logger) = (LogLevel::Warning, Some(logger.to_owned()));
            let _ = events.send(Event::Log { level, logger, data: text.into() }).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use cofferdam_policy::{CallLimits, units::Quantity as _};

    use super::*;

    fn request(log_level: Option<LogLevel>) -> (Request, Budget, mpsc::Receiver<Event>) {
        let (events, received) = mpsc::channel(16);
        let context =
            CallContext { events: Some(events), wants_progress: true, log_level, ..CallContext::default() };
        (Request::new("p", context, Instant::now()), Budget::new(&CallLimits::default()), received)
    }

    #[tokio::test]
    async fn progress_reaches_the_client_only_while_it_increases() {
        let (mut request, mut budget, mut received) = request(None);
        for value in [0.0, 50.0, 50.0, 20.0, f64::NAN, f64::INFINITY, 100.0] {
            request.progress(&mut budget, value, Some(100.0), None).await.unwrap();
        }
        drop(request);
        let mut seen = Vec::new();
        while let Some(Event::Progress { progress, .. }) = received.recv().await {
            seen.push(progress);
        }
        assert_eq!(seen, [0.0, 50.0, 100.0]);
    }

    #[tokio::test]
    async fn log_messages_below_the_wanted_level_stay_here() {
        let (mut request, mut budget, mut received) = request(Some(LogLevel::Warning));
        request.log(&mut budget, LogLevel::Info, None, "\"no\"").await.unwrap();
        request.log(&mut budget, LogLevel::Error, None, "not json").await.unwrap();
        drop(request);
        let event = received.recv().await.unwrap();
        assert_eq!(event, Event::Log { level: LogLevel::Error, logger: None, data: "not json".into() });
        assert_eq!(received.recv().await, None);
    }

    #[tokio::test]
    async fn the_host_itself_says_why_and_not_without_end() {
        for (wanted, expected) in [(Some(LogLevel::Info), TOLD), (Some(LogLevel::Error), 0), (None, 0)] {
            let (events, mut received) = mpsc::channel(2 * TOLD);
            let context = CallContext { events: Some(events), log_level: wanted, ..CallContext::default() };
            let teller = Request::new("p", context, Instant::now()).teller();
            for _ in 0..2 * TOLD {
                teller.clone().warn("x", "no").await;
            }
            drop(teller);
            let mut told = 0;
            while let Some(event) = received.recv().await {
                let (level, logger) = (LogLevel::Warning, Some("x".to_owned()));
                assert_eq!(event, Event::Log { level, logger, data: "no".into() });
                told += 1;
            }
            assert_eq!(told, expected);
        }
    }

    #[tokio::test]
    async fn a_flood_of_empty_messages_is_paid_for_too() {
        let (mut request, mut budget, _received) = request(None);
        let mut sent = 0;
        while request.log(&mut budget, LogLevel::Debug, None, "").await.is_ok() {
            sent += 1;
        }
        assert_eq!(sent, CallLimits::default().log.value() / 32);
    }
}

//! Sessions of the era before 2026-07-28, on the library's own manager, with two things added.
//!
//! A cap: an `initialize` beyond it is refused. And a way for log messages to reach the stream of the request
//! that they belong to: the library sends them on the session's standalone stream, which many clients never open.

#![expect(deprecated, reason = "logging is deprecated by the protocol, and still spoken by every client")]

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use futures::Stream;
use rmcp::{
    model::{
        ClientJsonRpcMessage, JsonRpcMessage, LoggingMessageNotification, LoggingMessageNotificationParam,
        RequestId, ServerJsonRpcMessage, ServerNotification,
    },
    transport::{
        common::server_side_http::{ServerSseMessage, SessionId},
        streamable_http_server::{
            SessionManager,
            session::local::{LocalSessionManager, LocalSessionManagerError},
        },
    },
};
use tokio::sync::mpsc;

/// Sessions at the same time.
const SESSIONS_MAX: usize = 10_000;
/// Log messages of one request that wait for its client.
const WAITING: usize = 16;

type Key = (SessionId, RequestId);

/// The session manager.
pub(crate) struct Sessions {
    inner: LocalSessionManager,
    /// The streams of requests that are being answered.
    streams: Arc<Streams>,
}

type Streams = Mutex<HashMap<Key, mpsc::Sender<ServerSseMessage>>>;

/// Why a session is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SessionsError {
    /// There are too many.
    #[error("too many sessions; end some, or try again later")]
    Full,
    /// The library's reason.
    #[error(transparent)]
    Inner(#[from] LocalSessionManagerError),
}

/// The stream on which one request is answered.
pub(crate) struct RequestStream(mpsc::Sender<ServerSseMessage>);

impl RequestStream {
    /// Sends a log message before the answer. A client that is gone is no failure.
    pub(crate) async fn send(&self, message: LoggingMessageNotificationParam) {
        let notification =
            ServerNotification::LoggingMessageNotification(LoggingMessageNotification::new(message));
        let message = ServerJsonRpcMessage::notification(notification);
        let _ = self.0.send(ServerSseMessage::from_message(message)).await;
    }
}

impl Sessions {
    /// A manager whose sessions end after `idle` without a message.
    pub(crate) fn new(idle: Duration) -> Arc<Self> {
        let mut inner = LocalSessionManager::default();
        inner.session_config.keep_alive = Some(idle);
        Arc::new(Self { inner, streams: Arc::default() })
    }

    /// The stream on which request `id` of `session` is being answered.
    pub(crate) fn request_stream(&self, session: &str, id: &RequestId) -> Option<RequestStream> {
        let key = (SessionId::from(session), id.clone());
        lock(&self.streams).get(&key).cloned().map(RequestStream)
    }
}

fn lock(streams: &Streams) -> MutexGuard<'_, HashMap<Key, mpsc::Sender<ServerSseMessage>>> {
    // A map is valid whatever the thread that panicked was doing with it.
    streams.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SessionManager for Sessions {
    type Error = SessionsError;
    type Transport = <LocalSessionManager as SessionManager>::Transport;

    async fn create_session(&self) -> Result<(SessionId, Self::Transport), Self::Error> {
        if self.inner.sessions.read().await.len() >= SESSIONS_MAX {
            return Err(SessionsError::Full);
        }
        Ok(self.inner.create_session().await?)
    }

    async fn initialize_session(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<ServerJsonRpcMessage, Self::Error> {
        Ok(self.inner.initialize_session(id, message).await?)
    }

    async fn has_session(&self, id: &SessionId) -> Result<bool, Self::Error> {
        Ok(self.inner.has_session(id).await?)
    }

    async fn close_session(&self, id: &SessionId) -> Result<(), Self::Error> {
        Ok(self.inner.close_session(id).await?)
    }

    async fn create_stream(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        let aside = match &message {
            JsonRpcMessage::Request(request) => {
                Some(Aside::open(&self.streams, (id.clone(), request.id.clone())))
            }
            _ => None,
        };
        // From here on the handler may look for the stream, so it is open before the message goes in.
        let answers = self.inner.create_stream(id, message).await?;
        Ok(Merged { aside, answers: Box::pin(answers) })
    }

    async fn accept_message(&self, id: &SessionId, message: ClientJsonRpcMessage) -> Result<(), Self::Error> {
        Ok(self.inner.accept_message(id, message).await?)
    }

    async fn create_standalone_stream(
        &self,
        id: &SessionId,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        Ok(self.inner.create_standalone_stream(id).await?)
    }

    async fn resume(
        &self,
        id: &SessionId,
        last_event_id: String,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        Ok(self.inner.resume(id, last_event_id).await?)
    }
}

/// What is sent beside the library's own messages, while a request is being answered.
struct Aside {
    streams: Arc<Streams>,
    key: Key,
    messages: mpsc::Receiver<ServerSseMessage>,
}

impl Aside {
    fn open(streams: &Arc<Streams>, key: Key) -> Self {
        let (sender, messages) = mpsc::channel(WAITING);
        lock(streams).insert(key.clone(), sender);
        Self { streams: Arc::clone(streams), key, messages }
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        lock(&self.streams).remove(&self.key);
    }
}

/// Both in one stream. What is beside comes first, so that nothing comes after the answer.
struct Merged<S> {
    aside: Option<Aside>,
    answers: Pin<Box<S>>,
}

impl<S: Stream<Item = ServerSseMessage>> Stream for Merged<S> {
    type Item = ServerSseMessage;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(aside) = &mut self.aside
            && let Poll::Ready(Some(message)) = aside.messages.poll_recv(cx)
        {
            return Poll::Ready(Some(message));
        }
        let answer = self.answers.as_mut().poll_next(cx);
        if let Poll::Ready(None) = answer {
            self.aside = None;
        }
        answer
    }
}

//! Counts a request as running until its answer is sent, so that an orderly end doesn't cut it off.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::Response,
};
use http_body::{Frame, SizeHint};
use tokio_util::task::{TaskTracker, task_tracker::TaskTrackerToken};

/// A stream of notifications, which ends only with its client or the host.
const ENDLESS: &str = "subscriptions/listen";

/// Counts requests that end by themselves.
pub(super) async fn track(State(running): State<TaskTracker>, request: Request, next: Next) -> Response {
    let method = request.headers().get("mcp-method").map(|method| method.as_bytes());
    if request.method() != Method::POST || method == Some(ENDLESS.as_bytes()) {
        return next.run(request).await;
    }
    let token = running.token();
    next.run(request).await.map(|body| Body::new(Tracked { body, _token: token }))
}

/// An answer that is being sent.
struct Tracked {
    body: Body,
    _token: TaskTrackerToken,
}

impl HttpBody for Tracked {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

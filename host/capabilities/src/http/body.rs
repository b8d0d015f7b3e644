//! Reads the body of a response: as many bytes as allowed, at the rate that is demanded, until the deadline.
//!
//! What an upstream says about its length is used to refuse early, and never believed.

use std::time::Duration;

use bytes::Bytes;
use cofferdam_policy::{HttpLimits, units::Quantity};
use http::{HeaderMap, header};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use tokio::time::{Instant, timeout_at};

use super::{Failure, HttpBudget, HttpError, HttpLimit, decode};

/// What bounds one body.
#[derive(Clone, Copy)]
pub(super) struct Bounds<'a> {
    pub(super) limits: &'a HttpLimits,
    pub(super) budget: &'a HttpBudget,
    pub(super) deadline: Instant,
    /// How long each response may take to begin, if that is less.
    pub(super) begins: Option<Duration>,
}

impl Bounds<'_> {
    /// Bytes that the body may have, before and after decompression.
    fn body(&self) -> u64 {
        self.limits.response_body.value().min(self.budget.answer())
    }

    /// Until when a response must begin that is asked for now.
    pub(super) fn beginning(&self) -> Instant {
        self.begins.map_or(self.deadline, |begins| self.deadline.min(Instant::now() + begins))
    }

    /// Says which of the two it was.
    fn too_large(&self) -> HttpError {
        match self.budget.answer() {
            answer if answer < self.limits.response_body.value() => HttpError::answer(answer),
            _ => HttpLimit::ResponseBody.reached(self.limits),
        }
    }

    pub(super) fn late(&self, text: &str) -> HttpError {
        HttpError::failed(Failure::Timeout, text)
    }
}

/// The bytes as they came. Trailers are dropped.
pub(super) async fn read(mut body: Incoming, bounds: Bounds<'_>) -> Result<Bytes, HttpError> {
    let limits = bounds.limits;
    if body.size_hint().lower() > bounds.body() {
        return Err(bounds.too_large());
    }
    let mut pace = Pace::new(bounds);
    let mut bytes = Vec::new();
    loop {
        pace.check()?;
        let Ok(frame) = timeout_at(pace.next(), body.frame()).await else { continue };
        let Some(frame) = frame else { return Ok(bytes.into()) };
        let frame = frame.map_err(|error| HttpError::from_exchange(&error, limits))?;
        let Ok(data) = frame.into_data() else { continue };
        if (bytes.len() + data.len()) as u64 > bounds.body() {
            return Err(bounds.too_large());
        }
        bounds.budget.bytes(data.len(), limits)?;
        pace.came(data.len());
        bytes.extend_from_slice(&data);
    }
}

/// Whether enough comes, window after window. It also sees to the deadline of a body that never makes us wait.
struct Pace<'a> {
    bounds: Bounds<'a>,
    window: Instant,
    came: u64,
}

impl<'a> Pace<'a> {
    fn new(bounds: Bounds<'a>) -> Self {
        Self { bounds, window: Instant::now() + bounds.limits.rate_window.duration(), came: 0 }
    }

    fn came(&mut self, bytes: usize) {
        self.came = self.came.saturating_add(bytes as u64);
    }

    /// When to check again, at the latest.
    fn next(&self) -> Instant {
        self.window.min(self.bounds.deadline)
    }

    fn check(&mut self) -> Result<(), HttpError> {
        let now = Instant::now();
        if now >= self.bounds.deadline {
            return Err(self.bounds.late("the response's body did not end"));
        }
        if now < self.window {
            return Ok(());
        }
        if self.came < self.bounds.limits.rate_bytes.value() {
            return Err(HttpLimit::RateBytes.reached(self.bounds.limits));
        }
        self.window = now + self.bounds.limits.rate_window.duration();
        self.came = 0;
        Ok(())
    }
}

/// Takes compression off, and with it the headers that speak of the compressed body. A coding that we don't know
/// stays, with its header.
pub(super) async fn decoded(
    body: Bytes,
    headers: &mut HeaderMap,
    bounds: Bounds<'_>,
) -> Result<Bytes, HttpError> {
    let codings = match decode::codings(headers) {
        Some(codings) if !codings.is_empty() && !body.is_empty() => codings,
        _ => return Ok(body),
    };
    let own = bounds.body();
    let cap = own.min(bounds.budget.bytes_left());
    // Not on the threads that serve everyone; what a decoder does there is bounded by what goes in and comes out.
    let work = tokio::task::spawn_blocking(move || decode::decode(&codings, body, cap));
    let done =
        timeout_at(bounds.deadline, work).await.map_err(|_| bounds.late("decompressing took too long"))?;
    let failed = |text| HttpError::failed(Failure::Protocol, text);
    let plain = match done.map_err(|_| failed("its compression broke the decoder"))? {
        Ok(plain) => plain,
        Err(decode::Error::Large) if cap == own => return Err(bounds.too_large()),
        Err(decode::Error::Large) => return Err(HttpLimit::CallBytes.reached(bounds.limits)),
        Err(decode::Error::Damaged) => return Err(failed("its compression is damaged")),
    };
    bounds.budget.bytes(plain.len(), bounds.limits)?;
    headers.remove(header::CONTENT_ENCODING);
    headers.remove(header::CONTENT_LENGTH);
    Ok(plain)
}

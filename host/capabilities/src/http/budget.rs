//! What is left of one call's allowance on the network.

use std::sync::atomic::{AtomicU64, Ordering};

use cofferdam_policy::{HttpLimits, units::Quantity};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{Failure, HttpError, HttpLimit};

/// One call's requests and bytes. Starts full, only ever shrinks; shared by the requests of a batch.
#[derive(Debug)]
pub struct HttpBudget {
    requests: AtomicU64,
    bytes: AtomicU64,
    /// Bytes of bodies that may be gathered before they are sent: as many as may be sent.
    gathered: AtomicU64,
    places: Semaphore,
    answer: u64,
}

impl HttpBudget {
    /// The full allowance of a call under `limits`.
    #[must_use]
    pub fn new(limits: &HttpLimits) -> Self {
        let places = usize::try_from(limits.parallel.value()).unwrap_or(1);
        Self {
            requests: AtomicU64::new(limits.requests.value()),
            bytes: AtomicU64::new(limits.call_bytes.value()),
            gathered: AtomicU64::new(limits.call_bytes.value()),
            places: Semaphore::new(places),
            answer: u64::MAX,
        }
    }

    /// The same, with responses of at most so many bytes each: what one call into the host may copy.
    #[must_use]
    pub fn answering(self, answer: u64) -> Self {
        Self { answer, ..self }
    }

    /// Bytes that one response may have, headers and address included.
    pub(super) fn answer(&self) -> u64 {
        self.answer
    }

    /// Waits for one of the call's places; those who came first have them first.
    pub(super) async fn place(&self) -> Result<SemaphorePermit<'_>, HttpError> {
        let closed = |_| HttpError::failed(Failure::Internal, "the call is over");
        self.places.acquire().await.map_err(closed)
    }

    /// Pays for one request.
    pub(super) fn request(&self, limits: &HttpLimits) -> Result<(), HttpError> {
        draw(&self.requests, 1).ok_or_else(|| HttpLimit::Requests.reached(limits))
    }

    /// Pays for bytes that were sent, or came, or were decompressed.
    pub(super) fn bytes(&self, amount: usize, limits: &HttpLimits) -> Result<(), HttpError> {
        let amount = u64::try_from(amount).unwrap_or(u64::MAX);
        draw(&self.bytes, amount).ok_or_else(|| HttpLimit::CallBytes.reached(limits))
    }

    /// Pays for bytes of a body that isn't sent yet.
    pub(super) fn gathered(&self, amount: usize, limits: &HttpLimits) -> Result<(), HttpError> {
        let amount = u64::try_from(amount).unwrap_or(u64::MAX);
        draw(&self.gathered, amount).ok_or_else(|| HttpLimit::CallBytes.reached(limits))
    }

    /// Requests that are left.
    pub(super) fn requests_left(&self) -> usize {
        usize::try_from(self.requests.load(Ordering::Relaxed)).unwrap_or(usize::MAX)
    }

    /// Bytes that are left.
    pub(super) fn bytes_left(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

/// Takes `amount`; takes all that is left, and gives none, if that is less.
fn draw(left: &AtomicU64, amount: u64) -> Option<()> {
    let before = left
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| Some(left.saturating_sub(amount)))
        .unwrap_or(0);
    (before >= amount).then_some(())
}

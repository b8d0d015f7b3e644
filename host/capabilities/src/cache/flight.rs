//! Who computes a missing value: one call at a time, while others wait for what it finds.
//!
//! Nothing here has a time of its own: a call that waits ends at its deadline, as one that computes does, and the
//! lease of a call that ended lets the next one compute.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use cofferdam_policy::limits::CACHE_LEASES;
use tokio::sync::watch;

use super::{CacheError, CacheService};

/// The leases of one call. Clones are those of the same call.
#[derive(Debug, Clone, Default)]
pub struct Holder(Arc<AtomicUsize>);

impl Holder {
    pub(super) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// What comes of a claim.
#[derive(Debug)]
pub enum Claimed {
    /// The value.
    Value(Bytes),
    /// The right to compute it.
    Lease(Lease),
}

/// The right to compute a missing value. Dropping it lets the next one compute.
pub struct Lease {
    cache: CacheService,
    key: String,
    holder: Holder,
    /// None: nobody waits for this one, because another call computes the same.
    promise: Option<watch::Sender<Option<Bytes>>>,
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("key", &self.key).finish_non_exhaustive()
    }
}

/// What is being computed, by key.
#[derive(Debug, Default)]
pub(super) struct Flights(Mutex<HashMap<String, watch::Receiver<Option<Bytes>>>>);

impl Flights {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, watch::Receiver<Option<Bytes>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Where to wait for the value, or who is to be told of it.
    fn join(&self, key: &str) -> Result<watch::Receiver<Option<Bytes>>, watch::Sender<Option<Bytes>>> {
        let mut flights = self.lock();
        if let Some(flight) = flights.get(key) {
            return Ok(flight.clone());
        }
        let (promise, flight) = watch::channel(None);
        flights.insert(key.to_owned(), flight);
        Err(promise)
    }
}

pub(super) async fn claim(cache: &CacheService, key: &str, holder: &Holder) -> Result<Claimed, CacheError> {
    loop {
        if let Some(value) = cache.tiers().get(key).await {
            return Ok(Claimed::Value(value));
        }
        if holder.count() >= CACHE_LEASES {
            return Err(CacheError::Limit(format!(
                "this call has {CACHE_LEASES} leases of the cache, and that is the most that it can have"
            )));
        }
        let mut flight = match cache.flights().join(key) {
            Err(promise) => {
                let lease = Lease::new(cache, key, holder, Some(promise));
                // Between the look above and now, somebody may have computed it.
                return Ok(cache.tiers().get(key).await.map_or(Claimed::Lease(lease), Claimed::Value));
            }
            Ok(_) if holder.count() > 0 => return Ok(Claimed::Lease(Lease::new(cache, key, holder, None))),
            Ok(flight) => flight,
        };
        if let Ok(value) = flight.wait_for(Option::is_some).await
            && let Some(value) = value.clone()
        {
            return Ok(Claimed::Value(value));
        }
    }
}

impl Lease {
    fn new(
        cache: &CacheService,
        key: &str,
        holder: &Holder,
        promise: Option<watch::Sender<Option<Bytes>>>,
    ) -> Self {
        holder.0.fetch_add(1, Ordering::Relaxed);
        Self { cache: cache.clone(), key: key.to_owned(), holder: holder.clone(), promise }
    }

    /// Keeps the value, and hands it to all who wait.
    ///
    /// # Errors
    /// [`CacheError`] if it can't be kept; then the next one computes.
    pub async fn fulfil(self, value: impl Into<Bytes>, ttl: Option<Duration>) -> Result<(), CacheError> {
        let value = value.into();
        self.cache.set(&self.key, value.clone(), ttl).await?;
        if let Some(promise) = &self.promise {
            promise.send_replace(Some(value));
        }
        Ok(())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.holder.0.fetch_sub(1, Ordering::Relaxed);
        // In this order: who wakes up because the promise is gone finds no flight, and may take off.
        if let Some(promise) = self.promise.take() {
            self.cache.flights().lock().remove(&self.key);
            drop(promise);
        }
    }
}

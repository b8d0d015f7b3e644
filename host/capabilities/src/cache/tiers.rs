//! Memory first, and behind it Redis if there is one.
//!
//! A value in memory is taken for what is in Redis for a bounded time; then Redis is asked again. While Redis doesn't
//! answer, memory goes on alone for as long as a value lasts: what is only a shortcut (reading, keeping a value) works on.
//! What others may rely on (a counter, set-if-absent, a deletion) says that it is unavailable.

use std::time::Duration;

use bytes::Bytes;
use cofferdam_policy::CacheLimits;
use tokio::time::Instant;

use super::{
    CacheError,
    remote::RemoteSpace,
    store::{Lifetime, Seen, Store},
};

#[derive(Debug)]
pub(super) struct Tiers {
    memory: Store,
    remote: Option<RemoteSpace>,
    limits: CacheLimits,
}

impl Tiers {
    pub(super) fn new(limits: CacheLimits, remote: Option<RemoteSpace>) -> Self {
        Self { memory: Store::new(&limits), remote, limits }
    }

    pub(super) async fn get(&self, key: &str) -> Option<Bytes> {
        let Some(remote) = &self.remote else { return self.memory.get(key).await };
        let seen = self.memory.look(key).await;
        if let Some(value) = seen.fresh() {
            return Some(value);
        }
        match remote.get(key).await {
            Ok(found) => {
                let (value, lifetime) = match found {
                    Some((value, left)) => (Some(value), self.lifetime(left)),
                    None => (None, self.lifetime(Duration::ZERO)),
                };
                self.memory.refresh(key, &seen, value.clone(), lifetime).await;
                value
            }
            Err(_down) => seen.live(),
        }
    }

    pub(super) async fn put(&self, key: &str, value: Bytes, ttl: Duration) {
        if let Some(remote) = &self.remote {
            // Not kept there: then it is kept here.
            let _ = remote.put(key, &value, ttl, &self.limits).await;
        }
        self.memory.put(key, value, self.lifetime(ttl)).await;
    }

    pub(super) async fn put_if_absent(
        &self,
        key: &str,
        value: Bytes,
        ttl: Duration,
    ) -> Result<bool, CacheError> {
        let Some(remote) = &self.remote else {
            return Ok(self.memory.put_if_absent(key, value, self.lifetime(ttl)).await);
        };
        let kept = remote.put_if_absent(key, &value, ttl, &self.limits).await?;
        if kept {
            self.memory.put(key, value, self.lifetime(ttl)).await;
        }
        Ok(kept)
    }

    pub(super) async fn remove(&self, key: &str) -> Result<(), CacheError> {
        if let Some(remote) = &self.remote {
            remote.remove(key).await?;
        }
        self.memory.remove(key).await;
        Ok(())
    }

    pub(super) async fn add(&self, key: &str, by: i64, ttl: Duration) -> Result<i64, CacheError> {
        let Some(remote) = &self.remote else { return self.memory.add(key, by, self.lifetime(ttl)).await };
        let (sum, _) = remote.add(key, by, ttl, &self.limits).await?;
        // Two sums may come back in another order than they were made in; Redis knows which is the last.
        self.memory.remove(key).await;
        Ok(sum)
    }

    fn lifetime(&self, ttl: Duration) -> Lifetime {
        let now = Instant::now();
        let until = now + ttl;
        let fresh = self.remote.as_ref().map_or(until, |remote| until.min(now + remote.stale()));
        Lifetime { until, fresh }
    }

    #[cfg(test)]
    pub(super) fn memory(&self) -> &Store {
        &self.memory
    }
}

/// What memory had when Redis was asked: it is only replaced if nobody has written it since.
impl Seen {
    /// The value, if it may be taken for what is in Redis.
    fn fresh(&self) -> Option<Bytes> {
        self.value(|lifetime| lifetime.fresh)
    }

    /// The value, if its time isn't over.
    fn live(&self) -> Option<Bytes> {
        self.value(|lifetime| lifetime.until)
    }
}

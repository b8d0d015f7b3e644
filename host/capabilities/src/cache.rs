//! A plugin's cache: bytes under keys, for a time, within the plugin's quota.
//!
//! Each plugin has a [`CacheService`] of its own, so no key names anything of another plugin. It is empty until the
//! plugin first uses it, and lives as long as somebody holds it: which versions of a plugin share one is for the
//! runtime to decide.
//! Behind it there may be a [`remote`] one: then memory is what was there a moment ago.
//! Bytes are opaque here: nothing is ever decoded but the digits of a counter.

mod error;
mod flight;
pub mod remote;
mod store;
mod tiers;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use cofferdam_policy::{CacheLimits, limits::CACHE_KEY, units::Quantity as _};
use futures::future::join_all;
use tokio::task::consume_budget;

pub use self::{
    error::CacheError,
    flight::{Claimed, Holder, Lease},
};
use self::{flight::Flights, remote::RemoteSpace, tiers::Tiers};

/// Keys of one request that are looked up at the same time.
const AT_ONCE: usize = 64;

/// The cache of one plugin. Clones are the same cache.
#[derive(Debug, Clone)]
pub struct CacheService(Arc<Space>);

#[derive(Debug)]
struct Space {
    limits: CacheLimits,
    remote: Option<RemoteSpace>,
    /// Most plugins never use it, so it is made on first use.
    tiers: OnceLock<Tiers>,
    flights: Flights,
}

impl CacheService {
    /// An empty cache within these limits.
    #[must_use]
    pub fn new(limits: CacheLimits) -> Self {
        Self::before(None, limits)
    }

    /// A cache within these limits, as the first level of a remote one, which has the same.
    #[must_use]
    pub fn before(remote: Option<RemoteSpace>, limits: CacheLimits) -> Self {
        Self(Arc::new(Space { limits, remote, tiers: OnceLock::new(), flights: Flights::default() }))
    }

    /// The value under a key.
    ///
    /// # Errors
    /// [`CacheError::Limit`] if the key has a wrong length.
    pub async fn get(&self, key: &str) -> Result<Option<Bytes>, CacheError> {
        check_key(key)?;
        consume_budget().await;
        Ok(self.tiers().get(key).await)
    }

    /// The values under many keys, in their order, until `pay` refuses the bytes of one.
    ///
    /// # Errors
    /// [`CacheError::Limit`] if a key has a wrong length. The outer error is that of `pay`.
    pub async fn get_many<E>(
        &self,
        keys: &[String],
        mut pay: impl FnMut(usize) -> Result<(), E>,
    ) -> Result<Result<Vec<Option<Bytes>>, CacheError>, E> {
        let mut values = Vec::with_capacity(keys.len());
        for some in keys.chunks(AT_ONCE) {
            let asked: Vec<_> = some.iter().map(|key| self.get(key)).collect();
            for value in join_all(asked).await {
                match value {
                    Ok(value) => {
                        pay(value.as_ref().map_or(0, Bytes::len))?;
                        values.push(value);
                    }
                    Err(error) => return Ok(Err(error)),
                }
            }
        }
        Ok(Ok(values))
    }

    /// Keeps a value, in place of one that is there.
    ///
    /// # Errors
    /// [`CacheError::Limit`] if key or value are too large.
    pub async fn set(
        &self,
        key: &str,
        value: impl Into<Bytes>,
        ttl: Option<Duration>,
    ) -> Result<(), CacheError> {
        let value = self.checked(key, value.into())?;
        consume_budget().await;
        self.tiers().put(key, value, self.ttl(ttl)).await;
        Ok(())
    }

    /// Keeps a value unless there is one. Whether it is kept.
    ///
    /// # Errors
    /// [`CacheError::Limit`] if key or value are too large, [`CacheError::Unavailable`] if the remote one doesn't answer.
    pub async fn set_if_absent(
        &self,
        key: &str,
        value: impl Into<Bytes>,
        ttl: Option<Duration>,
    ) -> Result<bool, CacheError> {
        let value = self.checked(key, value.into())?;
        consume_budget().await;
        self.tiers().put_if_absent(key, value, self.ttl(ttl)).await
    }

    /// Removes what is under a key, if anything is.
    ///
    /// # Errors
    /// [`CacheError::Limit`] if the key has a wrong length, [`CacheError::Unavailable`] if the remote one doesn't answer.
    pub async fn delete(&self, key: &str) -> Result<(), CacheError> {
        check_key(key)?;
        consume_budget().await;
        self.tiers().remove(key).await
    }

    /// Adds to the number under a key, which is zero where there is nothing, and gives the sum.
    /// A number that is there keeps the time that it has left.
    ///
    /// # Errors
    /// [`CacheError::Invalid`] if something else is there or the sum is too large, and [`CacheError::Limit`] if the
    /// key has a wrong length. Then nothing has changed.
    pub async fn increment(&self, key: &str, by: i64, ttl: Option<Duration>) -> Result<i64, CacheError> {
        check_key(key)?;
        consume_budget().await;
        self.tiers().add(key, by, self.ttl(ttl)).await
    }

    /// The value under a key, or the right to compute it. Waits while another call computes it, unless `holder`
    /// has a lease already: then it gets one of its own. So no two calls wait for each other, and none for itself.
    ///
    /// # Errors
    /// [`CacheError::Limit`] if the key has a wrong length, or the call has too many leases.
    pub async fn claim(&self, key: &str, holder: &Holder) -> Result<Claimed, CacheError> {
        check_key(key)?;
        consume_budget().await;
        flight::claim(self, key, holder).await
    }

    fn tiers(&self) -> &Tiers {
        let space = &self.0;
        space.tiers.get_or_init(|| Tiers::new(space.limits.clone(), space.remote.clone()))
    }

    fn flights(&self) -> &Flights {
        &self.0.flights
    }

    fn ttl(&self, ttl: Option<Duration>) -> Duration {
        let ceiling = self.0.limits.ttl.duration();
        ttl.map_or(ceiling, |ttl| ttl.min(ceiling))
    }

    fn checked(&self, key: &str, value: Bytes) -> Result<Bytes, CacheError> {
        check_key(key)?;
        let limits = &self.0.limits;
        if value.len() as u64 > limits.value.value() {
            return Err(CacheError::Limit(format!(
                "the value has {} bytes, and the cache takes values of up to {}",
                value.len(),
                limits.value
            )));
        }
        if store::weight(key.len(), value.len()) > limits.bytes.value() {
            return Err(CacheError::Limit(format!(
                "the value has {} bytes, too many for a cache of {}",
                value.len(),
                limits.bytes
            )));
        }
        Ok(value)
    }
}

fn check_key(key: &str) -> Result<(), CacheError> {
    match key.len() {
        1..=CACHE_KEY => Ok(()),
        length => Err(CacheError::Limit(format!(
            "the key has {length} bytes, and a key of the cache has 1 to {CACHE_KEY}"
        ))),
    }
}

#[cfg(test)]
mod tests;

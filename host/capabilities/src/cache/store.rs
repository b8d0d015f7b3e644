//! The entries of one plugin's cache in memory: how much, for how long, and who goes first.
//!
//! Least recently used goes first. Every write goes through the key's own lock, so that none is lost between the
//! reading and the writing half of another.

use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use cofferdam_policy::{CacheLimits, units::Quantity as _};
use moka::{Expiry, future::Cache, ops::compute::Op, policy::EvictionPolicy};
use tokio::time::Instant;

use super::CacheError;

/// What an entry costs besides its key and value: nodes of the index and of the queue.
const OVERHEAD: u64 = 640;
/// What is written before the cache is told to evict is at most this part of its size.
const SLACK: u64 = 64;

/// What an entry counts as: the memory that the process needs for it. Of what is allocated and freed in many sizes, an
/// allocator loses up to half again.
pub(super) fn weight(key: usize, value: usize) -> u64 {
    let bytes = (key as u64).saturating_add(value as u64);
    bytes.saturating_add(bytes / 2).saturating_add(OVERHEAD)
}

#[derive(Debug)]
pub(super) struct Store {
    entries: Cache<String, Entry>,
    /// Weight that was written since the last eviction.
    written: AtomicU64,
    slack: u64,
}

/// A value and its end. The index frees its nodes late, and a value with them if it were in there itself: so it is
/// taken out as soon as it is evicted.
#[derive(Debug, Clone)]
struct Entry {
    value: Arc<Mutex<Option<Bytes>>>,
    weight: u32,
    until: Instant,
}

impl Entry {
    fn new(key: &str, value: Bytes, until: Instant) -> Self {
        let weight = u32::try_from(weight(key.len(), value.len())).unwrap_or(u32::MAX);
        Self { value: Arc::new(Mutex::new(Some(value))), weight, until }
    }

    /// None if its time is over, or if it was evicted meanwhile.
    fn live(&self) -> Option<Bytes> {
        self.lock(|value| value.clone()).filter(|_| self.until > Instant::now())
    }

    fn lock<T>(&self, with: impl FnOnce(&mut Option<Bytes>) -> T) -> T {
        with(&mut self.value.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Until;

impl Until {
    fn left(entry: &Entry) -> Duration {
        entry.until.saturating_duration_since(Instant::now())
    }
}

impl Expiry<String, Entry> for Until {
    fn expire_after_create(&self, _: &String, entry: &Entry, _: std::time::Instant) -> Option<Duration> {
        Some(Self::left(entry))
    }

    fn expire_after_update(
        &self,
        _: &String,
        entry: &Entry,
        _: std::time::Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(Self::left(entry))
    }
}

impl Store {
    /// There is one capacity for both quotas: an entry counts as its bytes, and at least as its share of them.
    pub(super) fn new(limits: &CacheLimits) -> Self {
        let entries = limits.entries.value();
        let share = (limits.bytes.value() / entries).max(1);
        let least = u32::try_from(share).unwrap_or(u32::MAX);
        // As many shares as there may be entries, so that this many of the smallest fit exactly.
        let capacity = share.saturating_mul(entries).min(limits.bytes.value());
        Self {
            entries: Cache::builder()
                .max_capacity(capacity)
                .eviction_policy(EvictionPolicy::lru())
                .weigher(move |_, entry: &Entry| entry.weight.max(least))
                .expire_after(Until)
                .eviction_listener(|_, entry, _| drop(entry.lock(Option::take)))
                .build(),
            written: AtomicU64::new(0),
            slack: capacity / SLACK,
        }
    }

    pub(super) async fn get(&self, key: &str) -> Option<Bytes> {
        loop {
            let entry = self.entries.get(key).await?;
            if entry.until <= Instant::now() {
                return None;
            }
            // Taken out between the two lines: there may be another one by now.
            if let Some(value) = entry.live() {
                return Some(value);
            }
        }
    }

    pub(super) async fn put(&self, key: &str, value: Bytes, until: Instant) {
        let entry = Entry::new(key, value, until);
        self.write(key, |_| Ok::<_, Infallible>(Op::Put(entry))).await.unwrap_or_else(|never| match never {});
    }

    pub(super) async fn put_if_absent(&self, key: &str, value: Bytes, until: Instant) -> bool {
        let entry = Entry::new(key, value, until);
        let mut kept = false;
        let write = |found: Option<Bytes>| {
            kept = found.is_none();
            Ok::<_, Infallible>(if kept { Op::Put(entry) } else { Op::Nop })
        };
        self.write(key, |found| write(found.map(|(value, _)| value)))
            .await
            .unwrap_or_else(|never| match never {});
        kept
    }

    pub(super) async fn remove(&self, key: &str) {
        self.write(key, |_| Ok::<_, Infallible>(Op::Remove)).await.unwrap_or_else(|never| match never {});
    }

    pub(super) async fn add(&self, key: &str, by: i64, until: Instant) -> Result<i64, CacheError> {
        let mut sum = 0;
        self.write(key, |found| {
            let (before, until) = match found {
                Some((value, until)) => (number(&value)?, until),
                None => (0, until),
            };
            sum = before.checked_add(by).ok_or_else(|| {
                CacheError::Invalid(format!(
                    "{before} and {by} are more than a number of the cache can be: it has 64 bits"
                ))
            })?;
            Ok(Op::Put(Entry::new(key, sum.to_string().into(), until)))
        })
        .await?;
        Ok(sum)
    }

    /// Decides what to do by what is there, and does it, while nobody else writes this key.
    async fn write<E: Send + Sync + 'static>(
        &self,
        key: &str,
        decide: impl FnOnce(Option<(Bytes, Instant)>) -> Result<Op<Entry>, E>,
    ) -> Result<(), E> {
        let mut weight = 0;
        let slot = self.entries.entry_by_ref(key);
        slot.and_try_compute_with(|found| {
            let found = found.map(moka::Entry::into_value);
            let op = decide(found.and_then(|entry| Some((entry.live()?, entry.until))));
            if let Ok(Op::Put(entry)) = &op {
                weight = u64::from(entry.weight);
            }
            std::future::ready(op)
        })
        .await?;
        self.evict(weight).await;
        Ok(())
    }

    /// Evicts what is too much, before more than a small part of the cache is written on top.
    async fn evict(&self, weight: u64) {
        if self.written.fetch_add(weight, Ordering::Relaxed).saturating_add(weight) > self.slack {
            self.written.store(0, Ordering::Relaxed);
            self.entries.run_pending_tasks().await;
        }
    }

    /// What is there, once all that is due is done: entries, and the weight of them.
    #[cfg(test)]
    pub(super) async fn held(&self) -> (u64, u64) {
        self.entries.run_pending_tasks().await;
        let bytes = |entry: Entry| entry.lock(|value| value.as_ref().map_or(0, Bytes::len)) as u64;
        (self.entries.entry_count(), self.entries.iter().map(|(_, entry)| bytes(entry)).sum())
    }
}

fn number(value: &[u8]) -> Result<i64, CacheError> {
    std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()).ok_or_else(|| {
        CacheError::Invalid("what is under this key is no whole number, so nothing can be added to it".into())
    })
}

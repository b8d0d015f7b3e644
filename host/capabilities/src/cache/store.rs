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
    lifetime: Lifetime,
}

/// How long a value lasts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lifetime {
    /// Its end.
    pub(super) until: Instant,
    /// Until when nobody has to be asked whether there is a newer one.
    pub(super) fresh: Instant,
}

/// What was under a key when somebody looked.
#[derive(Debug)]
pub(super) struct Seen(Option<Entry>);

impl Seen {
    /// The value, if the end that `of` names isn't over.
    pub(super) fn value(&self, of: impl FnOnce(&Lifetime) -> Instant) -> Option<Bytes> {
        let entry = self.0.as_ref()?;
        entry.live().filter(|_| of(&entry.lifetime) > Instant::now())
    }

    fn is(&self, found: Option<&Entry>) -> bool {
        match (&self.0, found) {
            (None, None) => true,
            (Some(seen), Some(found)) => Arc::ptr_eq(&seen.value, &found.value),
            _ => false,
        }
    }
}

impl Entry {
    fn new(key: &str, value: Bytes, lifetime: Lifetime) -> Self {
        let weight = u32::try_from(weight(key.len(), value.len())).unwrap_or(u32::MAX);
        Self { value: Arc::new(Mutex::new(Some(value))), weight, lifetime }
    }

    /// None if its time is over, or if it was evicted meanwhile.
    fn live(&self) -> Option<Bytes> {
        self.lock(|value| value.clone()).filter(|_| self.lifetime.until > Instant::now())
    }

    fn lock<T>(&self, with: impl FnOnce(&mut Option<Bytes>) -> T) -> T {
        with(&mut self.value.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Until;

impl Until {
    fn left(entry: &Entry) -> Duration {
        entry.lifetime.until.saturating_duration_since(Instant::now())
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
            if entry.lifetime.until <= Instant::now() {
                return None;
            }
            // Taken out between the two lines: there may be another one by now.
            if let Some(value) = entry.live() {
                return Some(value);
            }
        }
    }

    /// What is under a key, to [`Store::refresh`] it by.
    pub(super) async fn look(&self, key: &str) -> Seen {
        Seen(self.entries.get(key).await)
    }

    /// Puts what was found elsewhere, none if nothing was, unless somebody has written the key since it was `seen`.
    pub(super) async fn refresh(&self, key: &str, seen: &Seen, value: Option<Bytes>, lifetime: Lifetime) {
        let write = |found: Option<Entry>| {
            Ok::<_, Infallible>(match value {
                _ if !seen.is(found.as_ref()) => Op::Nop,
                Some(value) => Op::Put(Entry::new(key, value, lifetime)),
                None => Op::Remove,
            })
        };
        self.write(key, write).await.unwrap_or_else(|never| match never {});
    }

    pub(super) async fn put(&self, key: &str, value: Bytes, lifetime: Lifetime) {
        let entry = Entry::new(key, value, lifetime);
        self.write(key, |_| Ok::<_, Infallible>(Op::Put(entry))).await.unwrap_or_else(|never| match never {});
    }

    pub(super) async fn put_if_absent(&self, key: &str, value: Bytes, lifetime: Lifetime) -> bool {
        let entry = Entry::new(key, value, lifetime);
        let mut kept = false;
        let write = |found: Option<Entry>| {
            kept = found.and_then(|found| found.live()).is_none();
            Ok::<_, Infallible>(if kept { Op::Put(entry) } else { Op::Nop })
        };
        self.write(key, write).await.unwrap_or_else(|never| match never {});
        kept
    }

    pub(super) async fn remove(&self, key: &str) {
        self.write(key, |_| Ok::<_, Infallible>(Op::Remove)).await.unwrap_or_else(|never| match never {});
    }

    pub(super) async fn add(&self, key: &str, by: i64, lifetime: Lifetime) -> Result<i64, CacheError> {
        let mut sum = 0;
        self.write(key, |found| {
            let (before, lifetime) = match found.and_then(|entry| Some((entry.live()?, entry.lifetime))) {
                Some((value, lifetime)) => (number(&value)?, lifetime),
                None => (0, lifetime),
            };
            sum = before.checked_add(by).ok_or_else(|| {
                CacheError::Invalid(format!(
                    "{before} and {by} are more than a number of the cache can be: it has 64 bits"
                ))
            })?;
            Ok::<_, CacheError>(Op::Put(Entry::new(key, sum.to_string().into(), lifetime)))
        })
        .await?;
        Ok(sum)
    }

    /// Decides what to do by what is there, and does it, while nobody else writes this key.
    async fn write<E: Send + Sync + 'static>(
        &self,
        key: &str,
        decide: impl FnOnce(Option<Entry>) -> Result<Op<Entry>, E>,
    ) -> Result<(), E> {
        let mut weight = 0;
        let slot = self.entries.entry_by_ref(key);
        slot.and_try_compute_with(|found| {
            let op = decide(found.map(moka::Entry::into_value));
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

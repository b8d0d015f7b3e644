//! Places: how many calls run at the same time, per plugin and in all, and how long others wait.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use crate::error::CallError;

/// Calls that may wait at the same time; more are refused at once.
const WAITING_MAX: usize = 1_024;

/// A number of places.
#[derive(Debug)]
pub(crate) struct Places {
    total: usize,
    free: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// A call's place, its plugin's and the host's. Free again when dropped: the host's first, as it was taken last,
/// so that a plugin's next call never finds the place that it follows still counted.
#[derive(Debug)]
pub(crate) struct Place {
    _host: OwnedSemaphorePermit,
    _plugin: OwnedSemaphorePermit,
}

impl Places {
    pub(crate) fn new(places: u64) -> Self {
        let places = usize::try_from(places).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        Self { total: places, free: Arc::new(Semaphore::new(places)), waiting: AtomicUsize::new(0) }
    }

    /// All places.
    pub(crate) fn total(&self) -> u32 {
        u32::try_from(self.total).unwrap_or(u32::MAX)
    }

    /// Places that are taken now.
    pub(crate) fn taken(&self) -> usize {
        self.total.saturating_sub(self.free.available_permits())
    }

    async fn take(&self, until: Instant) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
            return Some(permit);
        }
        let _waiting = Waiting::enter(&self.waiting)?;
        tokio::time::timeout_at(until, Arc::clone(&self.free).acquire_owned()).await.ok()?.ok()
    }
}

/// Counts a waiting call for as long as it waits, however the waiting ends.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn enter(count: &'a AtomicUsize) -> Option<Self> {
        let waiting = Self(count);
        (count.fetch_add(1, Ordering::Relaxed) < WAITING_MAX).then_some(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Takes a place of the plugin, then one of the host, within `wait`.
/// In this order a plugin whose calls pile up holds no place of the host for them.
pub(crate) async fn take(plugin: &Places, host: &Places, wait: Duration) -> Result<Place, CallError> {
    let started = Instant::now();
    let until = started + wait;
    let busy = |host| CallError::Busy { waited: started.elapsed(), host };
    let of_plugin = plugin.take(until).await.ok_or_else(|| busy(false))?;
    let of_host = host.take(until).await.ok_or_else(|| busy(true))?;
    Ok(Place { _host: of_host, _plugin: of_plugin })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_secs(5);

    #[tokio::test(start_paused = true)]
    async fn a_call_waits_for_a_place_and_no_longer_than_it_may() {
        let (plugin, host) = (Places::new(1), Places::new(2));
        let held = take(&plugin, &host, WAIT).await.unwrap();
        let refused = take(&plugin, &host, WAIT).await.unwrap_err();
        assert_eq!(refused, CallError::Busy { waited: WAIT, host: false });
        let (waited, ()) = tokio::join!(take(&plugin, &host, WAIT), async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            drop(held);
        });
        assert!(waited.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_for_the_host_is_told_apart_and_gives_the_plugin_s_place_back() {
        let (plugin, host) = (Places::new(2), Places::new(1));
        let _held = take(&plugin, &host, WAIT).await.unwrap();
        let refused = take(&plugin, &host, WAIT).await.unwrap_err();
        assert_eq!(refused, CallError::Busy { waited: WAIT, host: true });
        assert_eq!((plugin.taken(), host.taken()), (1, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn the_queue_is_bounded_too() {
        let (plugin, host) = (Places::new(1), Places::new(10_000));
        let _held = take(&plugin, &host, WAIT).await.unwrap();
        let mut waiting = tokio::task::JoinSet::new();
        let (plugin, host) = (Arc::new(plugin), Arc::new(host));
        for _ in 0..WAITING_MAX + 10 {
            let (plugin, host) = (Arc::clone(&plugin), Arc::clone(&host));
            waiting.spawn(async move { take(&plugin, &host, WAIT).await.unwrap_err() });
        }
        let mut at_once = 0;
        while let Some(refused) = waiting.join_next().await {
            at_once +=
                usize::from(refused.unwrap() == CallError::Busy { waited: Duration::ZERO, host: false });
        }
        assert_eq!(at_once, 10);
        assert_eq!(plugin.waiting.load(Ordering::Relaxed), 0);
    }
}

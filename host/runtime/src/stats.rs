//! What a plugin's calls came to: counts and a latency histogram, kept across its versions.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Buckets per doubling of the latency: a quantile is exact to a quarter.
const PER_DOUBLING: u32 = 4;
/// From 1 µs to about 19 hours.
const BUCKETS: usize = 144;

/// Counts of one plugin. Shared by all of its versions.
#[derive(Debug)]
pub(crate) struct Stats {
    errors: AtomicU64,
    running: AtomicU64,
    latency: [AtomicU64; BUCKETS],
}

/// What was counted since the host started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Calls that ended.
    pub calls: u64,
    /// Of these, those that ended with an error: the tool's own, a limit, a trap.
    pub errors: u64,
    /// Calls that run now.
    pub running: u64,
    /// The latency that half of the calls stayed within, exact to a quarter; none before the first call.
    pub p50: Option<Duration>,
    /// The latency that 95 of 100 calls stayed within.
    pub p95: Option<Duration>,
}

impl Default for Stats {
    fn default() -> Self {
        Self {
            errors: AtomicU64::new(0),
            running: AtomicU64::new(0),
            latency: [const { AtomicU64::new(0) }; BUCKETS],
        }
    }
}

impl Stats {
    /// A call that starts to run, counted until it is dropped.
    pub(crate) fn running(&self) -> Running<'_> {
        self.running.fetch_add(1, Ordering::Relaxed);
        Running(self)
    }

    fn count(&self, elapsed: Duration, failed: bool) {
        if failed {
            self.errors.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(bucket) = self.latency.get(bucket(elapsed)) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The counts as they are now.
    pub(crate) fn figures(&self) -> Figures {
        let counts: Vec<u64> = self.latency.iter().map(|bucket| bucket.load(Ordering::Relaxed)).collect();
        let calls = counts.iter().sum();
        Figures {
            calls,
            errors: self.errors.load(Ordering::Relaxed),
            running: self.running.load(Ordering::Relaxed),
            p50: quantile(&counts, calls, 50),
            p95: quantile(&counts, calls, 95),
        }
    }
}

/// A call that runs.
pub(crate) struct Running<'a>(&'a Stats);

impl Running<'_> {
    /// It ended by itself.
    pub(crate) fn ended(self, elapsed: Duration, failed: bool) {
        self.0.count(elapsed, failed);
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Buckets grow by the fourth root of two, computed in whole numbers: the exponent and the two bits behind it.
fn bucket(elapsed: Duration) -> usize {
    let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX).max(1);
    let exponent = micros.ilog2();
    let fraction =
        if exponent >= 2 { (micros >> (exponent - 2)) & 3 } else { (micros << (2 - exponent)) & 3 };
    let index = exponent * PER_DOUBLING + u32::try_from(fraction).unwrap_or(0);
    usize::try_from(index).unwrap_or(usize::MAX).min(BUCKETS - 1)
}

/// The end of a bucket, in microseconds.
fn end_of(bucket: usize) -> u64 {
    let (exponent, fraction) = (bucket / 4, bucket as u64 % 4);
    ((5 + fraction) << exponent) / 4
}

fn quantile(counts: &[u64], calls: u64, percent: u64) -> Option<Duration> {
    let wanted = (calls * percent).div_ceil(100).max(1);
    let mut seen = 0;
    let found = counts.iter().position(|count| {
        seen += count;
        seen >= wanted
    })?;
    Some(Duration::from_micros(end_of(found)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_exact_to_a_quarter() {
        for micros in [1, 2, 3, 5, 7, 10, 99, 1_000, 12_345, 5_000_000, 3_600_000_000] {
            let stats = Stats::default();
            stats.count(Duration::from_micros(micros), false);
            let p95 = stats.figures().p95.unwrap().as_micros() as f64;
            assert!(p95 >= micros as f64 && p95 <= (micros as f64 * 1.25).max(2.0), "{micros} became {p95}");
        }
    }

    #[test]
    fn quantiles_tell_the_slow_from_the_quick() {
        let stats = Stats::default();
        for index in 0..100 {
            stats.count(Duration::from_micros(if index < 94 { 8 } else { 1_000 }), index % 10 == 0);
        }
        let (_one, _two) = (stats.running(), stats.running());
        let figures = stats.figures();
        assert_eq!((figures.calls, figures.errors, figures.running), (100, 10, 2));
        assert!(figures.p50.unwrap() <= Duration::from_micros(10), "{figures:?}");
        assert!(figures.p95.unwrap() >= Duration::from_micros(1_000), "{figures:?}");
    }

    #[test]
    fn nothing_is_said_of_calls_that_did_not_happen() {
        assert_eq!(Stats::default().figures(), Figures::default());
    }

    #[test]
    fn the_longest_call_has_a_bucket() {
        let stats = Stats::default();
        stats.count(Duration::MAX, true);
        assert_eq!(stats.figures().calls, 1);
    }
}

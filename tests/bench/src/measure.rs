//! From single latencies to the figures of a round, and from rounds to medians and ratios.

use std::time::Duration;

/// What one round measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Round {
    /// Calls per second.
    pub(crate) throughput: f64,
    /// Latency that half of the calls stay below, in microseconds.
    pub(crate) p50: f64,
    /// Latency that all but one in a hundred calls stay below, in microseconds.
    pub(crate) p99: f64,
    /// Processor time of the server per call, in microseconds.
    pub(crate) cpu: f64,
    /// Processor time of the client per call, in microseconds.
    pub(crate) client: f64,
}

/// What a round took besides its calls' latencies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Took {
    /// Wall-clock time.
    pub(crate) wall: Duration,
    /// Processor time of the server.
    pub(crate) cpu: Duration,
    /// Processor time of the client.
    pub(crate) client: Duration,
}

impl Round {
    /// From the latencies of all calls of a round, in nanoseconds.
    pub(crate) fn of(mut latencies: Vec<u64>, took: Took) -> Self {
        latencies.sort_unstable();
        let calls = latencies.len().max(1) as f64;
        let per_call = |time: Duration| time.as_secs_f64() * 1e6 / calls;
        Self {
            throughput: latencies.len() as f64 / took.wall.as_secs_f64(),
            p50: percentile(&latencies, 50),
            p99: percentile(&latencies, 99),
            cpu: per_call(took.cpu),
            client: per_call(took.client),
        }
    }
}

/// In microseconds; 0 of nothing.
fn percentile(sorted: &[u64], percent: usize) -> f64 {
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).map_or(0.0, |nanos| *nanos as f64 / 1e3)
}

/// One figure of a [`Round`].
pub(crate) type Figure = fn(&Round) -> f64;

/// Rounds of two servers, in pairs that ran one right after the other.
#[derive(Debug, Default)]
pub(crate) struct Pairs(pub(crate) Vec<(Round, Round)>);

impl Pairs {
    /// The median of a figure of the first server.
    pub(crate) fn first(&self, figure: Figure) -> f64 {
        median(self.0.iter().map(|(first, _)| figure(first)).collect())
    }

    /// The median of a figure of the second server.
    pub(crate) fn second(&self, figure: Figure) -> f64 {
        median(self.0.iter().map(|(_, second)| figure(second)).collect())
    }

    /// The median of the pairs' ratios, first to second: what disturbs a pair disturbs both.
    pub(crate) fn ratio(&self, figure: Figure) -> f64 {
        median(self.0.iter().map(|(first, second)| figure(first) / figure(second)).collect())
    }

    /// The median of the pairs' differences, first less second.
    pub(crate) fn difference(&self, figure: Figure) -> f64 {
        median(self.0.iter().map(|(first, second)| figure(first) - figure(second)).collect())
    }
}

/// The value in the middle; of nothing: not a number.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    if values.len() % 2 == 1 { at(middle) } else { (at(middle.wrapping_sub(1)) + at(middle)) / 2.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_is_calls_over_time_and_sorted_latencies() {
        let latencies = (1..=200).rev().map(|n| n * 1000).collect();
        let (wall, cpu, client) =
            (Duration::from_secs(2), Duration::from_millis(4), Duration::from_millis(1));
        let round = Round::of(latencies, Took { wall, cpu, client });
        assert_eq!(round, Round { throughput: 100.0, p50: 101.0, p99: 199.0, cpu: 20.0, client: 5.0 });
    }

    #[test]
    fn ratios_are_taken_within_a_pair() {
        let round = |p50| Round { throughput: 1.0, p50, p99: 1.0, cpu: 1.0, client: 1.0 };
        // In the second pair the machine was three times slower, for both.
        let pairs = Pairs(vec![(round(2.0), round(1.0)), (round(6.0), round(3.0)), (round(5.0), round(2.0))]);
        let p50: Figure = |round| round.p50;
        assert_eq!((pairs.ratio(p50), pairs.difference(p50)), (2.0, 3.0));
        assert_eq!((pairs.first(p50), pairs.second(p50)), (5.0, 2.0));
    }

    #[test]
    fn the_median_of_an_even_number_is_between_the_middle_two() {
        assert_eq!(median(vec![4.0, 1.0, 3.0, 2.0]), 2.5);
        assert!(median(Vec::new()).is_nan());
    }
}

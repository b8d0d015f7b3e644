//! Time by two clocks: what a caller waits, and what all threads of this process work.

use std::time::{Duration, Instant};

use criterion::{
    Throughput,
    measurement::{Measurement, ValueFormatter, WallTime},
};
use rustix::time::{ClockId, clock_gettime};

/// A clock.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Clock {
    /// On the wall.
    Wall,
    /// Processor time of all threads together.
    Cpu,
}

/// A reading of a clock.
pub(crate) enum Reading {
    Wall(Instant),
    Cpu(Duration),
}

fn cpu() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime).try_into().unwrap_or_default()
}

impl Measurement for Clock {
    type Intermediate = Reading;
    type Value = Duration;

    fn start(&self) -> Reading {
        match self {
            Self::Wall => Reading::Wall(Instant::now()),
            Self::Cpu => Reading::Cpu(cpu()),
        }
    }

    fn end(&self, start: Reading) -> Duration {
        match start {
            Reading::Wall(start) => start.elapsed(),
            Reading::Cpu(start) => cpu().saturating_sub(start),
        }
    }

    fn add(&self, a: &Duration, b: &Duration) -> Duration {
        *a + *b
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        value.as_nanos() as f64
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        &Nanoseconds
    }
}

/// Figures are in nanoseconds, whatever the clock: shown as criterion shows its own.
struct Nanoseconds;

impl ValueFormatter for Nanoseconds {
    fn scale_values(&self, typical: f64, values: &mut [f64]) -> &'static str {
        WallTime.formatter().scale_values(typical, values)
    }

    fn scale_throughputs(&self, typical: f64, throughput: &Throughput, values: &mut [f64]) -> &'static str {
        WallTime.formatter().scale_throughputs(typical, throughput, values)
    }

    fn scale_for_machines(&self, values: &mut [f64]) -> &'static str {
        WallTime.formatter().scale_for_machines(values)
    }
}

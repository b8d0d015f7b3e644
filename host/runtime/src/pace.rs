//! Whether a tool is quick, so that its calls may start on the thread that asks for them.
//!
//! Handing a call to a guests' thread and its result back costs more than most tools do. A call of a quick tool
//! starts where its caller is, and is handed over if it isn't done within its first slice of fuel: for longer a
//! guest can't hold a caller's thread.

use std::{
    sync::atomic::{AtomicU8, Ordering},
    time::Duration,
};

use crate::{engine::FUEL_PER_SLICE, usage::Usage};

/// What a quick call takes at most. Instantiating a large component, or filling memory, takes time and little fuel.
const QUICK: Duration = Duration::from_micros(300);
/// Quick calls in a row that make a tool quick. One call that isn't costs a hostile tool all of them.
const IN_A_ROW: u8 = 8;

/// How many of a tool's last calls were quick, up to [`IN_A_ROW`].
#[derive(Debug, Default)]
pub(crate) struct Pace(AtomicU8);

impl Pace {
    /// Whether the last calls were all done within one slice of fuel, and in little time.
    pub(crate) fn is_quick(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= IN_A_ROW
    }

    /// Learns from a call that has ended. Calls that end at the same time may count as one.
    pub(crate) fn note(&self, usage: &Usage) {
        let seen = self.0.load(Ordering::Relaxed);
        let now =
            if usage.fuel < FUEL_PER_SLICE && usage.elapsed < QUICK { (seen + 1).min(IN_A_ROW) } else { 0 };
        if now != seen {
            self.0.store(now, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(fuel: u64, micros: u64) -> Usage {
        Usage { fuel, memory: 0, elapsed: Duration::from_micros(micros) }
    }

    #[test]
    fn a_tool_is_quick_after_quick_calls_in_a_row_and_until_one_that_is_not() {
        for slow in [usage(FUEL_PER_SLICE, 10), usage(10, 300)] {
            let pace = Pace::default();
            for _ in 0..IN_A_ROW {
                assert!(!pace.is_quick());
                pace.note(&usage(1_000, 20));
            }
            assert!(pace.is_quick());
            pace.note(&slow);
            assert!(!pace.is_quick());
            pace.note(&usage(1_000, 20));
            assert!(!pace.is_quick());
        }
    }
}

//! What a call used.

use std::time::Duration;

use cofferdam_policy::{CallLimits, units::Quantity};

use crate::store::CallStore;

/// What one call used of its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Fuel, about one unit per instruction.
    pub fuel: u64,
    /// Bytes of linear memory at the peak.
    pub memory: u64,
    /// From the call's place in the sandbox to its end.
    pub elapsed: Duration,
}

impl Usage {
    pub(crate) fn of(store: &CallStore, limits: &CallLimits, elapsed: Duration) -> Self {
        let left = store.get_fuel().unwrap_or(0);
        Self {
            fuel: limits.fuel.value().saturating_sub(left),
            memory: store.data().limiter.memory_used(),
            elapsed,
        }
    }
}

//! Growth limits of one call, summed over everything that it instantiates.
//!
//! The engine's own `StoreLimits` bounds each memory by itself, so that a component with eight memories gets
//! eight times the limit. Here the sum is bounded, and what was refused is remembered, since a guest's
//! allocator turns a refusal into a trap that says nothing.

use cofferdam_policy::{
    CallLimits, LimitKind,
    limits::{MEMORIES, TABLES},
    units::Quantity,
};
use wasmtime::ResourceLimiter;

/// A limit was hit inside the engine or a host call: the error that carries it out to `outcome.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("limit hit: {0:?}")]
pub(crate) struct Tripped(pub(crate) LimitKind);

/// The limiter of one store.
#[derive(Debug)]
pub(crate) struct Limiter {
    memory: Sum,
    table: Sum,
    instances: usize,
    tripped: Option<LimitKind>,
}

#[derive(Debug)]
struct Sum {
    kind: LimitKind,
    used: usize,
    max: usize,
}

impl Sum {
    fn new(kind: LimitKind, max: u64) -> Self {
        Self { kind, used: 0, max: usize::try_from(max).unwrap_or(usize::MAX) }
    }

    /// Grows by `desired - current`, unless the sum would pass the limit.
    fn grow(&mut self, current: usize, desired: usize) -> Result<(), Tripped> {
        let used = self.used.saturating_add(desired.saturating_sub(current));
        if used > self.max {
            return Err(Tripped(self.kind));
        }
        self.used = used;
        Ok(())
    }
}

impl Limiter {
    pub(crate) fn new(limits: &CallLimits) -> Self {
        Self {
            memory: Sum::new(LimitKind::Memory, limits.memory.value()),
            table: Sum::new(LimitKind::TableElements, limits.table_elements.value()),
            instances: usize::try_from(limits.instances.value()).unwrap_or(usize::MAX),
            tripped: None,
        }
    }

    /// Bytes of linear memory in use. A memory never shrinks, so this is the peak.
    pub(crate) fn memory_used(&self) -> u64 {
        self.memory.used as u64
    }

    /// The limit that was hit, if one was.
    pub(crate) fn tripped(&self) -> Option<LimitKind> {
        self.tripped
    }

    fn growing(
        &mut self,
        sum: fn(&mut Self) -> &mut Sum,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // Beyond its own maximum it doesn't grow: nothing is used, the guest sees -1.
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let grown = sum(self).grow(current, desired);
        grown.map(|()| true).map_err(|tripped| {
            self.tripped = Some(tripped.0);
            tripped.into()
        })
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.growing(|limiter| &mut limiter.memory, current, desired, maximum)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.growing(|limiter| &mut limiter.table, current, desired, maximum)
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        TABLES
    }

    fn memories(&self) -> usize {
        MEMORIES
    }
}

#[cfg(test)]
mod tests {
    use cofferdam_policy::units::Bytes;

    use super::*;

    #[test]
    fn memories_are_summed_and_the_refusal_is_remembered() {
        let limits = CallLimits { memory: Bytes::of(300 << 10), ..CallLimits::default() };
        let mut limiter = Limiter::new(&limits);
        for _ in 0..4 {
            assert!(limiter.memory_growing(0, 64 << 10, None).unwrap());
        }
        assert_eq!(limiter.memory_used(), 256 << 10);
        let error = limiter.memory_growing(0, 64 << 10, None).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Tripped(LimitKind::Memory)));
        assert_eq!(limiter.tripped(), Some(LimitKind::Memory));
        assert_eq!(limiter.memory_used(), 256 << 10);
    }

    #[test]
    fn growth_beyond_a_memory_s_own_maximum_uses_nothing() {
        let mut limiter = Limiter::new(&CallLimits::default());
        assert!(!limiter.memory_growing(0, 2 << 16, Some(1 << 16)).unwrap());
        assert_eq!((limiter.memory_used(), limiter.tripped()), (0, None));
    }
}

//! What is left of one call's host-side allowance.
//!
//! The engine counts what happens inside the guest; this counts what the guest makes the host do.

use cofferdam_policy::{CallLimits, LimitKind, units::Quantity};

/// An allowance is used up; the call ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the call's {0:?} allowance is used up")]
pub struct Exhausted(pub LimitKind);

/// What is left of one call's allowance. Starts full, only ever shrinks.
#[derive(Debug, Clone)]
pub struct Budget {
    host_calls: u64,
    /// What one call into the host may copy; not used up.
    host_call_bytes: u64,
    log: u64,
}

impl Budget {
    /// The full allowance of a call under `limits`.
    #[must_use]
    pub fn new(limits: &CallLimits) -> Self {
        Self {
            host_calls: limits.host_calls.value(),
            host_call_bytes: limits.host_call_bytes.value(),
            log: limits.log.value(),
        }
    }

    /// Pays for one call into the host.
    ///
    /// # Errors
    /// [`Exhausted`] with [`LimitKind::HostCalls`].
    pub fn host_call(&mut self) -> Result<(), Exhausted> {
        draw(&mut self.host_calls, 1, LimitKind::HostCalls)
    }

    /// Pays for so many calls into the host at once.
    ///
    /// # Errors
    /// [`Exhausted`] with [`LimitKind::HostCalls`].
    pub fn host_calls(&mut self, calls: usize) -> Result<(), Exhausted> {
        draw(&mut self.host_calls, calls as u64, LimitKind::HostCalls)
    }

    /// What one call into the host may give back. The engine counts the bytes that come in.
    #[must_use]
    pub fn answer(&self) -> Answer {
        Answer(self.host_call_bytes)
    }

    /// Pays for a message of `bytes` bytes.
    ///
    /// # Errors
    /// [`Exhausted`] with [`LimitKind::Log`].
    pub fn message(&mut self, bytes: usize) -> Result<(), Exhausted> {
        draw(&mut self.log, bytes as u64, LimitKind::Log)
    }
}

/// What is left of the bytes that one call into the host may give back.
#[derive(Debug, Clone, Copy)]
pub struct Answer(u64);

impl Answer {
    /// How many bytes that is.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.0
    }

    /// Pays for `bytes` bytes more.
    ///
    /// # Errors
    /// [`Exhausted`] with [`LimitKind::HostCallBytes`].
    pub fn bytes(&mut self, bytes: usize) -> Result<(), Exhausted> {
        draw(&mut self.0, bytes as u64, LimitKind::HostCallBytes)
    }
}

fn draw(left: &mut u64, amount: u64, kind: LimitKind) -> Result<(), Exhausted> {
    match left.checked_sub(amount) {
        Some(rest) => {
            *left = rest;
            Ok(())
        }
        None => {
            *left = 0;
            Err(Exhausted(kind))
        }
    }
}

#[cfg(test)]
mod tests {
    use cofferdam_policy::units::{Bytes, Count};

    use super::*;

    #[test]
    fn an_allowance_lasts_exactly_as_long_as_the_limit_says() {
        let limits = CallLimits { host_calls: Count::of(2), log: Bytes::of(1000), ..CallLimits::default() };
        let mut budget = Budget::new(&limits);
        assert_eq!(budget.host_call(), Ok(()));
        assert_eq!(budget.host_call(), Ok(()));
        assert_eq!(budget.host_call(), Err(Exhausted(LimitKind::HostCalls)));
        assert_eq!(budget.message(1000), Ok(()));
        assert_eq!(budget.message(1), Err(Exhausted(LimitKind::Log)));
    }

    #[test]
    fn each_answer_has_the_whole_size_and_no_more() {
        let limits = CallLimits { host_call_bytes: Bytes::of(1000), ..CallLimits::default() };
        let budget = Budget::new(&limits);
        for _ in 0..2 {
            let mut answer = budget.answer();
            assert_eq!((answer.bytes(600), answer.bytes(400)), (Ok(()), Ok(())));
            assert_eq!(answer.bytes(1), Err(Exhausted(LimitKind::HostCallBytes)));
        }
    }

    #[test]
    fn nothing_is_left_after_one_message_too_large() {
        let mut budget = Budget::new(&CallLimits::default());
        assert!(budget.message(usize::MAX).is_err());
        assert!(budget.message(1).is_err());
    }
}

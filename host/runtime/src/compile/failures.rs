//! Components that didn't compile, by the hash of their bytes: the same bytes aren't tried again at once.
//!
//! What is invalid stays invalid. What ran into a limit may have met a busy machine, so it gets another chance,
//! each time later.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::CompileError;

/// How many are remembered.
const KEPT: usize = 1_024;
/// Before the second try; it doubles with each.
const FIRST_WAIT: Duration = Duration::from_secs(10);
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

/// What failed.
#[derive(Default)]
pub(super) struct Failures(Mutex<HashMap<String, Failure>>);

struct Failure {
    error: CompileError,
    tries: u32,
    /// None: never again.
    again: Option<Instant>,
}

impl Failures {
    /// The error of the last try, if it is too early for another one.
    pub(super) fn recall(&self, digest: &str) -> Result<(), CompileError> {
        match self.lock().get(digest) {
            Some(failure) if failure.again.is_none_or(|again| Instant::now() < again) => {
                Err(failure.error.clone())
            }
            _ => Ok(()),
        }
    }

    /// Remembers what came of a try.
    pub(super) fn note(&self, digest: &str, error: &CompileError) {
        let deterministic = match error {
            CompileError::Invalid(_) => true,
            CompileError::Limit { .. } | CompileError::Died { .. } => false,
            CompileError::Internal(_) => return,
        };
        let mut failures = self.lock();
        if failures.len() >= KEPT && !failures.contains_key(digest) {
            failures.clear();
        }
        let failure = failures.entry(digest.to_owned()).or_insert_with(|| Failure {
            error: error.clone(),
            tries: 0,
            again: None,
        });
        let wait = FIRST_WAIT.saturating_mul(1 << failure.tries.min(16)).min(LONGEST_WAIT);
        failure.tries += 1;
        failure.error = error.clone();
        failure.again = (!deterministic).then(|| Instant::now() + wait);
    }

    /// Lets everything be tried again.
    pub(super) fn forget(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Failure>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit() -> CompileError {
        CompileError::Limit { key: "compile.cpu", what: "processor time", ceiling: "30s".to_owned() }
    }

    #[tokio::test(start_paused = true)]
    async fn what_ran_into_a_limit_is_tried_again_later_each_time() {
        let failures = Failures::default();
        for wait in [10, 20, 40, 80] {
            failures.note("a", &limit());
            tokio::time::advance(Duration::from_secs(wait - 1)).await;
            assert!(failures.recall("a").is_err(), "{wait}");
            tokio::time::advance(Duration::from_secs(1)).await;
            assert!(failures.recall("a").is_ok(), "{wait}");
        }
        for _ in 0..40 {
            failures.note("a", &limit());
        }
        tokio::time::advance(LONGEST_WAIT).await;
        assert!(failures.recall("a").is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_invalid_stays_so_until_an_operator_says_otherwise() {
        let failures = Failures::default();
        failures.note("a", &CompileError::Invalid("type mismatch".to_owned()));
        tokio::time::advance(Duration::from_secs(1_000_000)).await;
        assert_eq!(
            failures.recall("a").unwrap_err().to_string(),
            "the component is not valid: type mismatch"
        );
        assert!(failures.recall("b").is_ok());
        failures.forget();
        assert!(failures.recall("a").is_ok());
    }

    #[test]
    fn what_says_nothing_of_the_bytes_is_not_held_against_them() {
        let failures = Failures::default();
        failures.note("a", &CompileError::Internal("no processes left".to_owned()));
        assert!(failures.recall("a").is_ok());
    }

    #[test]
    fn memory_is_bounded() {
        let failures = Failures::default();
        for index in 0..3 * KEPT {
            failures.note(&index.to_string(), &limit());
        }
        assert!(failures.lock().len() <= KEPT);
    }
}

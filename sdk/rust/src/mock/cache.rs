//! A cache with a clock that only the test moves. `guest/cache.rs` is the same in a component.
//!
//! It has no quota: nothing goes before its time.

use std::collections::HashMap;
use std::time::Duration;

use super::Scope;
use crate::cache::{Claimed, Problem};

/// What is kept when the operator says nothing of it.
const DAY: Duration = Duration::from_secs(86_400);

/// Values with the time at which each goes.
#[derive(Debug, Default)]
pub(super) struct Entries {
    now: Duration,
    of: HashMap<String, (Vec<u8>, Duration)>,
    down: bool,
}

impl Entries {
    pub(super) fn advance(&mut self, time: Duration) {
        self.now = self.now.saturating_add(time);
    }

    pub(super) fn down(&mut self) {
        self.down = true;
    }

    fn get(&self, key: &str) -> Option<&(Vec<u8>, Duration)> {
        self.of.get(key).filter(|(_, until)| *until > self.now)
    }

    fn set(&mut self, key: &str, value: &[u8], ttl_ms: Option<u64>) {
        let ttl = ttl_ms.map_or(DAY, |ms| Duration::from_millis(ms).min(DAY));
        self.of.insert(key.to_owned(), (value.to_vec(), self.now.saturating_add(ttl)));
    }

    fn add(&mut self, key: &str, by: i64, ttl_ms: Option<u64>) -> Result<i64, Problem> {
        let Some((value, until)) = self.get(key).cloned() else {
            self.set(key, by.to_string().as_bytes(), ttl_ms);
            return Ok(by);
        };
        let number: Option<i64> = std::str::from_utf8(&value).ok().and_then(|text| text.parse().ok());
        let number = number.ok_or_else(|| {
            Problem::Invalid(
                "what is under this key is no whole number, so nothing can be added to it".to_owned(),
            )
        })?;
        let sum = number.checked_add(by).ok_or_else(|| {
            Problem::Invalid(format!(
                "{number} and {by} are more than a number of the cache can be: it has 64 bits"
            ))
        })?;
        self.of.insert(key.to_owned(), (sum.to_string().into_bytes(), until));
        Ok(sum)
    }
}

/// The right to compute a missing value.
#[derive(Debug)]
pub(crate) struct Lease {
    scope: Scope,
    key: String,
}

impl Lease {
    pub(crate) fn fulfil(self, value: &[u8], ttl_ms: Option<u64>) -> Result<(), Problem> {
        self.scope.cache_set(&self.key, value, ttl_ms)
    }
}

impl Scope {
    pub(crate) fn cache_get(&self, key: &str) -> Result<Option<Vec<u8>>, Problem> {
        self.check(key)?;
        Ok(self.read(|state| state.cache.get(key).map(|(value, _)| value.clone())))
    }

    pub(crate) fn cache_get_many(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>, Problem> {
        keys.iter().map(|key| self.cache_get(key)).collect()
    }

    pub(crate) fn cache_set(&self, key: &str, value: &[u8], ttl_ms: Option<u64>) -> Result<(), Problem> {
        self.check(key)?;
        self.edit(|state| state.cache.set(key, value, ttl_ms));
        Ok(())
    }

    pub(crate) fn cache_set_if_absent(
        &self,
        key: &str,
        value: &[u8],
        ttl_ms: Option<u64>,
    ) -> Result<bool, Problem> {
        let absent = self.cache_get(key)?.is_none();
        if absent {
            self.cache_set(key, value, ttl_ms)?;
        }
        Ok(absent)
    }

    pub(crate) fn cache_delete(&self, key: &str) -> Result<(), Problem> {
        self.check(key)?;
        self.edit(|state| drop(state.cache.of.remove(key)));
        Ok(())
    }

    pub(crate) fn cache_increment(&self, key: &str, by: i64, ttl_ms: Option<u64>) -> Result<i64, Problem> {
        self.check(key)?;
        let mut sum = Ok(0);
        self.edit(|state| sum = state.cache.add(key, by, ttl_ms));
        sum
    }

    pub(crate) fn cache_claim(&self, key: &str) -> Result<Claimed, Problem> {
        Ok(match self.cache_get(key)? {
            Some(value) => Claimed::Value(value),
            None => Claimed::Lease(Lease { scope: self.clone(), key: key.to_owned() }),
        })
    }

    /// A wrong key is a mistake of the plugin, so it is told here too.
    fn check(&self, key: &str) -> Result<(), Problem> {
        if self.read(|state| state.cache.down) {
            return Err(Problem::Unavailable("the cache doesn't answer".to_owned()));
        }
        match key.len() {
            1..=512 => Ok(()),
            length => Err(Problem::Limit(format!(
                "the key has {length} bytes, and a key of the cache has 1 to 512"
            ))),
        }
    }
}

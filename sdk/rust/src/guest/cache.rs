//! The cache in a component: the import. `mock/cache.rs` is the same in a native build.

use super::Scope;
use super::bindings::cofferdam::plugin::cache as wit;
use crate::cache::{Claimed, Problem};

/// The right to compute a missing value. Dropping it lets the next one compute.
#[derive(Debug)]
pub(crate) struct Lease(wit::Lease);

impl Lease {
    pub(crate) fn fulfil(self, value: &[u8], ttl_ms: Option<u64>) -> Result<(), Problem> {
        Ok(wit::Lease::fulfil(self.0, value, ttl_ms)?)
    }
}

impl Scope {
    pub(crate) fn cache_get(&self, key: &str) -> Result<Option<Vec<u8>>, Problem> {
        Ok(wit::get(key)?)
    }

    pub(crate) fn cache_get_many(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>, Problem> {
        Ok(wit::get_many(keys)?)
    }

    pub(crate) fn cache_set(&self, key: &str, value: &[u8], ttl_ms: Option<u64>) -> Result<(), Problem> {
        Ok(wit::set(key, value, ttl_ms)?)
    }

    pub(crate) fn cache_set_if_absent(
        &self,
        key: &str,
        value: &[u8],
        ttl_ms: Option<u64>,
    ) -> Result<bool, Problem> {
        Ok(wit::set_if_absent(key, value, ttl_ms)?)
    }

    pub(crate) fn cache_delete(&self, key: &str) -> Result<(), Problem> {
        Ok(wit::delete(key)?)
    }

    pub(crate) fn cache_increment(&self, key: &str, by: i64, ttl_ms: Option<u64>) -> Result<i64, Problem> {
        Ok(wit::increment(key, by, ttl_ms)?)
    }

    pub(crate) fn cache_claim(&self, key: &str) -> Result<Claimed, Problem> {
        Ok(match wit::claim(key)? {
            wit::Claimed::Value(value) => Claimed::Value(value),
            wit::Claimed::Lease(lease) => Claimed::Lease(Lease(lease)),
        })
    }
}

impl From<wit::Error> for Problem {
    fn from(error: wit::Error) -> Self {
        match error {
            wit::Error::Limit(text) => Self::Limit(text),
            wit::Error::Invalid(text) => Self::Invalid(text),
            wit::Error::Unavailable(text) => Self::Unavailable(text),
        }
    }
}

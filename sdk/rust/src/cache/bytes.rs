//! The same without JSON: for what is bytes already.

use std::time::Duration;

use super::{Cache, Claimed, Problem, ms, unless_bounded};
use crate::Result;

impl Cache {
    /// The bytes under a key.
    pub fn get_bytes(&self, key: impl AsRef<str>) -> Result<Option<Vec<u8>>> {
        Ok(self.scope.cache_get(key.as_ref())?)
    }

    /// The bytes under many keys, in their order: one crossing into the host instead of many.
    pub fn get_many_bytes(&self, keys: &[impl AsRef<str>]) -> Result<Vec<Option<Vec<u8>>>> {
        let keys: Vec<_> = keys.iter().map(|key| key.as_ref().to_owned()).collect();
        Ok(self.scope.cache_get_many(&keys)?)
    }

    /// Keep bytes, in place of what is there.
    pub fn set_bytes(
        &self,
        key: impl AsRef<str>,
        value: impl AsRef<[u8]>,
        ttl: impl Into<Option<Duration>>,
    ) -> Result<()> {
        Ok(self.scope.cache_set(key.as_ref(), value.as_ref(), ms(ttl.into()))?)
    }

    /// Keep bytes unless there are some. Whether they are kept.
    pub fn set_bytes_if_absent(
        &self,
        key: impl AsRef<str>,
        value: impl AsRef<[u8]>,
        ttl: impl Into<Option<Duration>>,
    ) -> Result<bool> {
        Ok(self.scope.cache_set_if_absent(key.as_ref(), value.as_ref(), ms(ttl.into()))?)
    }

    /// [`Cache::get_or_insert`] for bytes.
    pub fn get_or_insert_bytes(
        &self,
        key: impl AsRef<str>,
        ttl: impl Into<Option<Duration>>,
        compute: impl FnOnce() -> Result<Vec<u8>>,
    ) -> Result<Vec<u8>> {
        match self.scope.cache_claim(key.as_ref()) {
            Ok(Claimed::Value(bytes)) => Ok(bytes),
            Ok(Claimed::Lease(lease)) => {
                let bytes = compute()?;
                unless_bounded(lease.fulfil(&bytes, ms(ttl.into())))?;
                Ok(bytes)
            }
            Err(Problem::Unavailable(_)) => compute(),
            Err(problem) => Err(problem.into()),
        }
    }
}

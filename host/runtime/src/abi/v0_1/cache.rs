//! `cache`: the plugin's private cache.

use std::time::Duration;

use bytes::Bytes;
use cofferdam_capabilities::{
    Budget, CacheError, CacheService,
    cache::{Claimed, Holder, Lease},
};
use wasmtime::component::{HasData, Resource, ResourceTable};

use super::bindings::cofferdam::plugin::cache as wit;
use crate::state::HostState;

/// What the interface sees of a call: its plugin's cache, its leases, its budget.
pub(crate) struct CacheView<'a> {
    /// None while the plugin is being loaded: what it says of its tools depends on nothing that is kept.
    service: Option<&'a CacheService>,
    holder: &'a Holder,
    budget: &'a mut Budget,
    table: &'a mut ResourceTable,
}

/// The view as the linker wants it named.
pub(super) struct HasCache;

impl HasData for HasCache {
    type Data<'a> = CacheView<'a>;
}

pub(super) fn view(state: &mut HostState) -> CacheView<'_> {
    CacheView {
        service: state.reach.cache.as_ref(),
        holder: &state.leases,
        budget: &mut state.budget,
        table: &mut state.table,
    }
}

type Answer<T> = wasmtime::Result<Result<T, wit::Error>>;

impl<'a> CacheView<'a> {
    fn open(&self) -> Result<&'a CacheService, CacheError> {
        self.service
            .ok_or_else(|| CacheError::Unavailable("there is no cache while tools are listed".to_owned()))
    }

    /// Pays for what goes back to the guest.
    fn pay(&self, value: &Bytes) -> wasmtime::Result<Vec<u8>> {
        self.budget.answer().bytes(value.len())?;
        Ok(value.to_vec())
    }
}

impl wit::Host for CacheView<'_> {
    async fn get(&mut self, key: String) -> Answer<Option<Vec<u8>>> {
        self.budget.host_call()?;
        let cache = self.open();
        match async { cache?.get(&key).await }.await {
            Ok(value) => Ok(Ok(value.map(|value| self.pay(&value)).transpose()?)),
            Err(refusal) => Ok(Err(error(refusal))),
        }
    }

    async fn get_many(&mut self, keys: Vec<String>) -> Answer<Vec<Option<Vec<u8>>>> {
        self.budget.host_calls(keys.len().max(1))?;
        let mut answer = self.budget.answer();
        let cache = match self.open() {
            Ok(cache) => cache,
            Err(refusal) => return Ok(Err(error(refusal))),
        };
        let values = cache.get_many(&keys, |bytes| answer.bytes(bytes)).await?;
        let plain = |values: Vec<Option<Bytes>>| values.into_iter().map(|v| v.map(|v| v.to_vec())).collect();
        Ok(values.map(plain).map_err(error))
    }

    async fn set(&mut self, key: String, value: Vec<u8>, ttl_ms: Option<u64>) -> Answer<()> {
        self.budget.host_call()?;
        let cache = self.open();
        Ok(async { cache?.set(&key, value, ttl(ttl_ms)).await }.await.map_err(error))
    }

    async fn set_if_absent(&mut self, key: String, value: Vec<u8>, ttl_ms: Option<u64>) -> Answer<bool> {
        self.budget.host_call()?;
        let cache = self.open();
        Ok(async { cache?.set_if_absent(&key, value, ttl(ttl_ms)).await }.await.map_err(error))
    }

    async fn delete(&mut self, key: String) -> Answer<()> {
        self.budget.host_call()?;
        let cache = self.open();
        Ok(async { cache?.delete(&key).await }.await.map_err(error))
    }

    async fn increment(&mut self, key: String, by: i64, ttl_ms: Option<u64>) -> Answer<i64> {
        self.budget.host_call()?;
        let cache = self.open();
        Ok(async { cache?.increment(&key, by, ttl(ttl_ms)).await }.await.map_err(error))
    }

    async fn claim(&mut self, key: String) -> Answer<wit::Claimed> {
        self.budget.host_call()?;
        let (cache, holder) = (self.open(), self.holder);
        Ok(match async { cache?.claim(&key, holder).await }.await {
            Ok(Claimed::Value(value)) => Ok(wit::Claimed::Value(self.pay(&value)?)),
            Ok(Claimed::Lease(lease)) => Ok(wit::Claimed::Lease(self.table.push(lease)?)),
            Err(refusal) => Err(error(refusal)),
        })
    }
}

impl wit::HostLease for CacheView<'_> {
    async fn fulfil(&mut self, lease: Resource<Lease>, value: Vec<u8>, ttl_ms: Option<u64>) -> Answer<()> {
        self.budget.host_call()?;
        let lease = self.table.delete(lease)?;
        Ok(lease.fulfil(value, ttl(ttl_ms)).await.map_err(error))
    }

    async fn drop(&mut self, lease: Resource<Lease>) -> wasmtime::Result<()> {
        self.table.delete(lease)?;
        Ok(())
    }
}

fn ttl(ms: Option<u64>) -> Option<Duration> {
    ms.map(Duration::from_millis)
}

fn error(error: CacheError) -> wit::Error {
    match error {
        CacheError::Limit(text) => wit::Error::Limit(text),
        CacheError::Invalid(text) => wit::Error::Invalid(text),
        CacheError::Unavailable(text) => wit::Error::Unavailable(text),
    }
}

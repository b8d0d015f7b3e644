//! `wasi:keyvalue`: the plugin's private cache, as the one bucket that there is.
//!
//! What is in a cache may be gone at any time, and nobody lists its keys. Times to live are the operator's: the
//! interface has none.

#[allow(missing_docs, reason = "generated from the WIT")]
mod bindings {
    wasmtime::component::bindgen!({
        path: "wit/keyvalue.wit",
        world: "imports",
        imports: { default: async | trappable },
        with: { "wasi:keyvalue/store.bucket": super::Bucket },
    });
}

use bytes::Bytes;
use cofferdam_capabilities::{Budget, CacheError, CacheService};
use wasmtime::component::{HasData, Linker, Resource, ResourceTable};

use self::bindings::wasi::keyvalue::{
    atomics, batch,
    store::{self, Error, KeyResponse},
};
use crate::state::HostState;

/// The names of the one bucket.
const BUCKETS: [&str; 2] = ["", "default"];

/// The guest's hold on the cache.
#[expect(unreachable_pub, reason = "the generated module re-exports it")]
pub struct Bucket;

/// What the interface sees of a call: its plugin's cache, its budget.
pub(super) struct KeyValue<'a> {
    /// None while the plugin is being loaded.
    service: Option<&'a CacheService>,
    budget: &'a mut Budget,
    table: &'a mut ResourceTable,
}

/// The view as the linker wants it named.
struct HasKeyValue;

impl HasData for HasKeyValue {
    type Data<'a> = KeyValue<'a>;
}

fn view(state: &mut HostState) -> KeyValue<'_> {
    KeyValue { service: state.reach.cache.as_ref(), budget: &mut state.budget, table: &mut state.table }
}

pub(super) fn link(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    store::add_to_linker::<_, HasKeyValue>(linker, view)?;
    atomics::add_to_linker::<_, HasKeyValue>(linker, view)?;
    batch::add_to_linker::<_, HasKeyValue>(linker, view)
}

type Answer<T> = wasmtime::Result<Result<T, Error>>;

impl<'a> KeyValue<'a> {
    /// Pays for the call, and gives the cache.
    fn open(&mut self, calls: usize) -> wasmtime::Result<Result<&'a CacheService, CacheError>> {
        self.budget.host_calls(calls.max(1))?;
        let closed = || CacheError::Unavailable("there is no cache while tools are listed".to_owned());
        Ok(self.service.ok_or_else(closed))
    }
}

impl store::Host for KeyValue<'_> {
    async fn open(&mut self, identifier: String) -> Answer<Resource<Bucket>> {
        Ok(match self.open(1)? {
            Err(closed) => Err(error(closed)),
            Ok(_) if BUCKETS.contains(&identifier.as_str()) => Ok(self.table.push(Bucket)?),
            Ok(_) => Err(Error::NoSuchStore),
        })
    }
}

impl store::HostBucket for KeyValue<'_> {
    async fn get(&mut self, _: Resource<Bucket>, key: String) -> Answer<Option<Vec<u8>>> {
        let cache = self.open(1)?;
        match async { cache?.get(&key).await }.await {
            Ok(value) => {
                self.budget.answer().bytes(value.as_ref().map_or(0, Bytes::len))?;
                Ok(Ok(value.map(|value| value.to_vec())))
            }
            Err(refusal) => Ok(Err(error(refusal))),
        }
    }

    async fn set(&mut self, _: Resource<Bucket>, key: String, value: Vec<u8>) -> Answer<()> {
        let cache = self.open(1)?;
        Ok(async { cache?.set(&key, value, None).await }.await.map_err(error))
    }

    async fn delete(&mut self, _: Resource<Bucket>, key: String) -> Answer<()> {
        let cache = self.open(1)?;
        Ok(async { cache?.delete(&key).await }.await.map_err(error))
    }

    async fn exists(&mut self, _: Resource<Bucket>, key: String) -> Answer<bool> {
        let cache = self.open(1)?;
        Ok(async { Ok(cache?.get(&key).await?.is_some()) }.await.map_err(error))
    }

    async fn list_keys(&mut self, _: Resource<Bucket>, _: Option<u64>) -> Answer<KeyResponse> {
        self.open(1)?.map_or_else(
            |closed| Ok(Err(error(closed))),
            |_| {
                Ok(Err(Error::Other(
                    "the keys of a cache are not listed, remember those that you need".to_owned(),
                )))
            },
        )
    }

    async fn drop(&mut self, bucket: Resource<Bucket>) -> wasmtime::Result<()> {
        self.table.delete(bucket)?;
        Ok(())
    }
}

impl atomics::Host for KeyValue<'_> {
    async fn increment(&mut self, _: Resource<Bucket>, key: String, delta: u64) -> Answer<u64> {
        let cache = self.open(1)?;
        Ok(async { number(cache?.increment(&key, number(delta)?, None).await?) }.await.map_err(error))
    }
}

impl batch::Host for KeyValue<'_> {
    async fn get_many(
        &mut self,
        _: Resource<Bucket>,
        keys: Vec<String>,
    ) -> Answer<Vec<Option<(String, Vec<u8>)>>> {
        let cache = match self.open(keys.len())? {
            Ok(cache) => cache,
            Err(closed) => return Ok(Err(error(closed))),
        };
        let mut answer = self.budget.answer();
        // The keys go back, too.
        answer.bytes(keys.iter().map(String::len).sum())?;
        let values = cache.get_many(&keys, |bytes| answer.bytes(bytes)).await?;
        let pair = |(key, value): (String, Option<Bytes>)| value.map(|value| (key, value.to_vec()));
        Ok(values.map(|values| keys.into_iter().zip(values).map(pair).collect()).map_err(error))
    }

    async fn set_many(&mut self, _: Resource<Bucket>, pairs: Vec<(String, Vec<u8>)>) -> Answer<()> {
        let cache = self.open(pairs.len())?;
        let set = async {
            let cache = cache?;
            for (key, value) in pairs {
                cache.set(&key, value, None).await?;
            }
            Ok(())
        };
        Ok(set.await.map_err(error))
    }

    async fn delete_many(&mut self, _: Resource<Bucket>, keys: Vec<String>) -> Answer<()> {
        let cache = self.open(keys.len())?;
        let delete = async {
            let cache = cache?;
            for key in keys {
                cache.delete(&key).await?;
            }
            Ok(())
        };
        Ok(delete.await.map_err(error))
    }
}

/// The cache counts with a sign, the interface without one.
fn number<A: TryInto<B> + std::fmt::Display + Copy, B>(from: A) -> Result<B, CacheError> {
    let unfit =
        |_| CacheError::Invalid(format!("{from} is no number that both the cache and wasi:keyvalue have"));
    from.try_into().map_err(unfit)
}

fn error(error: CacheError) -> Error {
    Error::Other(error.to_string())
}

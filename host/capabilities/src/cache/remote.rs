//! The second level of the caches: a Redis that hosts share, and that outlives them.
//!
//! It is asked within a short time or not at all: once it fails to answer, nobody asks it for a while, so that no call
//! waits for it twice. What is there is bounded like what is in memory, by a script that runs in Redis whenever something
//! is written. A plugin never names a Redis key: its own keys are the end of one that starts with its id.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use cofferdam_policy::{CacheLimits, PluginId, units::Quantity as _};
use redis::{
    Client, FromRedisValue, IntoConnectionInfo, RedisError, Script,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use tokio::time::{Instant, timeout};

use super::{CacheError, store};

/// Where the second level is, and how far it is relied on.
#[derive(Clone, PartialEq, Eq)]
pub struct RemoteConfig {
    /// `redis://`, `rediss://` or `redis+unix://`; credentials may stand in it.
    pub url: String,
    /// How long a value in memory is taken for what is in Redis.
    pub stale: Duration,
    /// How long an answer may take.
    pub timeout: Duration,
    /// What all keys start with.
    pub prefix: String,
}

impl std::fmt::Debug for RemoteConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RemoteConfig").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl RemoteConfig {
    /// Checks the address, without going there.
    ///
    /// # Errors
    /// [`RemoteError`] if it is none.
    pub fn check(&self) -> Result<(), RemoteError> {
        self.url.as_str().into_connection_info().map(drop).map_err(|error| unfit(&error))
    }
}

/// Of the library's words only those that can't hold a password.
fn unfit(error: &RedisError) -> RemoteError {
    RemoteError(error.category().to_owned())
}

/// An address that leads to no Redis.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected the address of a Redis, such as \"redis://127.0.0.1:6379/0\": {0}")]
pub struct RemoteError(String);

/// One Redis for the caches of all plugins. Clones are the same connection.
#[derive(Clone)]
pub struct Remote(Arc<Inner>);

struct Inner {
    connection: ConnectionManager,
    config: RemoteConfig,
    breaker: Breaker,
    write: Script,
    remove: Script,
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Remote").field(&self.0.config).finish()
    }
}

impl Remote {
    /// Checks the address. Connects when it is first needed, and again whenever the connection is lost.
    ///
    /// # Errors
    /// [`RemoteError`] if the address is none.
    pub fn new(config: RemoteConfig) -> Result<Self, RemoteError> {
        let client = Client::open(config.url.as_str()).map_err(|error| unfit(&error))?;
        let manager = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(config.timeout))
            .set_response_timeout(Some(config.timeout))
            .set_number_of_retries(0);
        let connection =
            ConnectionManager::new_lazy_with_config(client, manager).map_err(|error| unfit(&error))?;
        let (write, remove) = (Script::new(WRITE), Script::new(REMOVE));
        Ok(Self(Arc::new(Inner { connection, config, breaker: Breaker::default(), write, remove })))
    }

    /// The part of one plugin.
    #[must_use]
    pub fn space(&self, plugin: &PluginId) -> RemoteSpace {
        // An id has neither braces nor colons, so no two plugins' keys begin alike. The braces keep them on one node.
        let prefix = format!("{}:{{{plugin}}}:", self.0.config.prefix);
        RemoteSpace { remote: self.clone(), prefix }
    }
}

/// One plugin's part of the second level.
#[derive(Debug, Clone)]
pub struct RemoteSpace {
    remote: Remote,
    prefix: String,
}

/// Redis was not asked, or didn't answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Down;

impl From<Down> for CacheError {
    fn from(_: Down) -> Self {
        Self::Unavailable("the cache's Redis doesn't answer; try again in a moment".to_owned())
    }
}

/// What is asked of the script.
enum Write<'a> {
    Put(&'a [u8]),
    PutIfAbsent(&'a [u8]),
    Add(i64),
}

impl RemoteSpace {
    /// How long a value in memory is taken for what is here.
    pub(super) fn stale(&self) -> Duration {
        self.remote.0.config.stale
    }

    /// A value, and the time that it has left.
    pub(super) async fn get(&self, key: &str) -> Result<Option<(Bytes, Duration)>, Down> {
        let mut ask = redis::pipe();
        let name = self.value(key);
        ask.atomic().get(&name).pttl(&name);
        let mut connection = self.remote.0.connection.clone();
        let (value, left): (Option<Vec<u8>>, i64) =
            self.ask(async { ask.query_async(&mut connection).await }).await?.map_err(|_| Down)?;
        let left = u64::try_from(left).ok().filter(|left| *left > 0);
        Ok(value.zip(left).map(|(value, left)| (value.into(), Duration::from_millis(left))))
    }

    pub(super) async fn put(
        &self,
        key: &str,
        value: &[u8],
        ttl: Duration,
        limits: &CacheLimits,
    ) -> Result<(), Down> {
        let _: i64 = self.write(key, Write::Put(value), ttl, limits).await?.map_err(|_| Down)?;
        Ok(())
    }

    pub(super) async fn put_if_absent(
        &self,
        key: &str,
        value: &[u8],
        ttl: Duration,
        limits: &CacheLimits,
    ) -> Result<bool, Down> {
        let kept: i64 = self.write(key, Write::PutIfAbsent(value), ttl, limits).await?.map_err(|_| Down)?;
        Ok(kept == 1)
    }

    /// The sum, and the time that it has left.
    pub(super) async fn add(
        &self,
        key: &str,
        by: i64,
        ttl: Duration,
        limits: &CacheLimits,
    ) -> Result<(i64, Duration), CacheError> {
        let answer: Result<(i64, u64), RedisError> = self.write(key, Write::Add(by), ttl, limits).await?;
        let refused = |_| {
            CacheError::Invalid(
                "what is under this key is no whole number, or would become too large for one, so this can't be added to it"
                    .to_owned(),
            )
        };
        answer.map(|(sum, left)| (sum, Duration::from_millis(left))).map_err(refused)
    }

    pub(super) async fn remove(&self, key: &str) -> Result<(), Down> {
        let inner = &*self.remote.0;
        let mut connection = inner.connection.clone();
        let mut call = inner.remove.key(self.value(key));
        call.key(self.own("order")).key(self.own("sizes")).arg(key);
        let _: () = self.ask(call.invoke_async(&mut connection)).await?.map_err(|_| Down)?;
        Ok(())
    }

    async fn write<T: FromRedisValue>(
        &self,
        key: &str,
        write: Write<'_>,
        ttl: Duration,
        limits: &CacheLimits,
    ) -> Result<Result<T, RedisError>, Down> {
        let inner = &*self.remote.0;
        let mut connection = inner.connection.clone();
        let mut call = inner.write.key(self.value(key));
        call.key(self.own("order")).key(self.own("sizes")).arg(key).arg(self.own("v:"));
        let length = |value: &[u8]| store::weight(key.len(), value.len());
        match write {
            Write::Put(value) => call.arg("put").arg(length(value)).arg(value),
            Write::PutIfAbsent(value) => call.arg("absent").arg(length(value)).arg(value),
            Write::Add(by) => call.arg("add").arg(length(&[0; 20])).arg(by),
        };
        // Zero would be no time at all, and an error to Redis.
        call.arg(ms(ttl).max(1))
            .arg(ms(limits.ttl.duration()))
            .arg(limits.bytes.value())
            .arg(limits.entries.value());
        self.ask(call.invoke_async(&mut connection)).await
    }

    /// Asks, unless it didn't answer a moment ago. The inner error is Redis' own answer.
    async fn ask<T>(
        &self,
        answer: impl Future<Output = Result<T, RedisError>>,
    ) -> Result<Result<T, RedisError>, Down> {
        let inner = &*self.remote.0;
        if inner.breaker.is_open() {
            return Err(Down);
        }
        match timeout(inner.config.timeout, answer).await {
            Ok(Ok(value)) => {
                inner.breaker.answered();
                Ok(Ok(value))
            }
            Ok(Err(error)) if is_down(&error) => Err(inner.breaker.failed(error.category())),
            // It is there, and says no to this one.
            Ok(Err(error)) => {
                inner.breaker.answered();
                Ok(Err(error))
            }
            Err(_elapsed) => Err(inner.breaker.failed("it took too long")),
        }
    }

    fn value(&self, key: &str) -> String {
        format!("{}v:{key}", self.prefix)
    }

    fn own(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

/// Whether others would fare no better.
fn is_down(error: &RedisError) -> bool {
    let refuses_all =
        ["LOADING", "OOM", "READONLY", "NOAUTH", "WRONGPASS", "NOPERM", "BUSY", "MASTERDOWN", "CLUSTERDOWN"];
    let lost = error.is_io_error() || error.is_timeout() || error.is_connection_dropped();
    lost || error.code().is_some_and(|code| refuses_all.contains(&code))
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// How long nobody asks after there was no answer.
const PAUSE: Duration = Duration::from_secs(1);

/// Whether Redis is asked.
#[derive(Debug, Default)]
struct Breaker(Mutex<Option<Instant>>);

impl Breaker {
    fn is_open(&self) -> bool {
        self.state().is_some_and(|until| Instant::now() < until)
    }

    fn answered(&self) {
        if self.state().take().is_some() {
            tracing::info!("the cache's Redis answers again");
        }
    }

    fn failed(&self, why: &str) -> Down {
        let before = self.state().replace(Instant::now() + PAUSE);
        if before.is_none() {
            tracing::warn!(why, "the cache's Redis doesn't answer, so caches go on in memory alone");
        }
        Down
    }

    fn state(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes one value and keeps the plugin within its quota; what was written first goes first.
///
/// A list in the order of writing, and sizes by key with their sum under the empty key, which no entry has. Values that
/// went by themselves count until they come up for eviction, so the quota is never exceeded.
const WRITE: &str = r"
local key, prefix, mode, size = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local there = redis.call('EXISTS', KEYS[1]) == 1
local answer = 1
if mode == 'absent' and there then return 0 end
if mode == 'add' then
  redis.call('INCRBY', KEYS[1], ARGV[5])
  if not there then redis.call('PEXPIRE', KEYS[1], ARGV[6]) end
  answer = { redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1]) }
else
  redis.call('SET', KEYS[1], ARGV[5], 'PX', ARGV[6])
end
local now = redis.call('TIME')
local before = tonumber(redis.call('HGET', KEYS[3], key) or '0')
local total = redis.call('HINCRBY', KEYS[3], '', size - before)
redis.call('HSET', KEYS[3], key, size)
redis.call('ZADD', KEYS[2], now[1] * 1000000 + now[2], key)
redis.call('PEXPIRE', KEYS[2], ARGV[7])
redis.call('PEXPIRE', KEYS[3], ARGV[7])
local entries = redis.call('ZCARD', KEYS[2])
while total > tonumber(ARGV[8]) or entries > tonumber(ARGV[9]) do
  local oldest = redis.call('ZPOPMIN', KEYS[2])[1]
  if not oldest then break end
  total = redis.call('HINCRBY', KEYS[3], '', -tonumber(redis.call('HGET', KEYS[3], oldest) or '0'))
  redis.call('HDEL', KEYS[3], oldest)
  redis.call('DEL', prefix .. oldest)
  entries = entries - 1
end
return answer
";

/// Removes one value.
const REMOVE: &str = r"
redis.call('DEL', KEYS[1])
if redis.call('ZREM', KEYS[2], ARGV[1]) == 1 then
  redis.call('HINCRBY', KEYS[3], '', -tonumber(redis.call('HGET', KEYS[3], ARGV[1]) or '0'))
  redis.call('HDEL', KEYS[3], ARGV[1])
end
";

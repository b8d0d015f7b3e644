//! The handle `Cache`: values that outlive a call, for a time.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::handle::{Handle, Scope};
use crate::{Result, ToolError};

mod bytes;

/// The plugin's private cache. No other plugin sees it, and nobody has to allow it.
///
/// Values are kept as JSON, under keys of 1 to 512 bytes. They outlive the call, and new versions of the plugin, but any
/// of them may be gone at any time: keep nothing here that can't be made again.
/// A time to live is a `Duration` ([`minutes`], [`hours`]), or `None` for as long as the operator allows, which is a day
/// unless they say otherwise; a longer one is shortened.
///
/// ```
/// use cofferdam_sdk::prelude::*;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Place {
///     city: String,
/// }
///
/// #[derive(Serialize, Deserialize, JsonSchema)]
/// struct Forecast {
///     celsius: f64,
/// }
///
/// /// The weather of tomorrow.
/// #[tool(read_only)]
/// fn forecast(place: Place, cache: Cache) -> Result<Forecast> {
///     cache.get_or_insert(&place.city, minutes(10), || ask_the_weather_service(&place.city))
/// }
///
/// # fn ask_the_weather_service(city: &str) -> Result<Forecast> {
/// #     Ok(Forecast { celsius: city.len() as f64 })
/// # }
/// # fn main() {
/// let host = cofferdam_sdk::mock::Host::new();
/// assert_eq!(host.call::<forecast>(json!({"city": "Oslo"})).unwrap().celsius, 4.0);
/// let cache: Cache = host.handle();
/// assert!(cache.get::<Forecast>("Oslo").unwrap().is_some());
/// host.advance(minutes(10));
/// assert!(cache.get::<Forecast>("Oslo").unwrap().is_none());
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Cache {
    scope: Scope,
}

impl Cache {
    /// The value under a key. None if there is none, or if it is no `T`: an earlier version of the plugin may have kept
    /// something else.
    pub fn get<T: DeserializeOwned>(&self, key: impl AsRef<str>) -> Result<Option<T>> {
        Ok(self.get_bytes(key)?.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// The values under many keys, in their order: one crossing into the host instead of many.
    pub fn get_many<T: DeserializeOwned>(&self, keys: &[impl AsRef<str>]) -> Result<Vec<Option<T>>> {
        let values = self.get_many_bytes(keys)?;
        let read = |bytes: Option<Vec<u8>>| serde_json::from_slice(&bytes?).ok();
        Ok(values.into_iter().map(read).collect())
    }

    /// Keep a value, in place of one that is there.
    pub fn set<T: Serialize + ?Sized>(
        &self,
        key: impl AsRef<str>,
        value: &T,
        ttl: impl Into<Option<Duration>>,
    ) -> Result<()> {
        self.set_bytes(key, serde_json::to_vec(value)?, ttl)
    }

    /// Keep a value unless there is one. Whether it is kept: among concurrent calls only one hears `true`.
    pub fn set_if_absent<T: Serialize + ?Sized>(
        &self,
        key: impl AsRef<str>,
        value: &T,
        ttl: impl Into<Option<Duration>>,
    ) -> Result<bool> {
        self.set_bytes_if_absent(key, serde_json::to_vec(value)?, ttl)
    }

    /// The value under a key; if there is none, what `compute` gives, which is kept.
    ///
    /// Calls that want the same key meanwhile wait for that value instead of computing it too. If `compute` fails, its
    /// error is this call's alone, nothing is kept, and the next one computes.
    /// A value that can't be kept, because it is too large or the cache doesn't answer, is returned all the same.
    pub fn get_or_insert<T: Serialize + DeserializeOwned>(
        &self,
        key: impl AsRef<str>,
        ttl: impl Into<Option<Duration>>,
        compute: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let (key, ttl) = (key.as_ref(), ttl.into());
        match self.scope.cache_claim(key) {
            Ok(Claimed::Value(bytes)) => {
                if let Ok(value) = serde_json::from_slice(&bytes) {
                    return Ok(value);
                }
                let value = compute()?;
                unless_bounded(self.scope.cache_set(key, &serde_json::to_vec(&value)?, ms(ttl)))?;
                Ok(value)
            }
            Ok(Claimed::Lease(lease)) => {
                let value = compute()?;
                unless_bounded(lease.fulfil(&serde_json::to_vec(&value)?, ms(ttl)))?;
                Ok(value)
            }
            Err(Problem::Unavailable(_)) => compute(),
            Err(problem) => Err(problem.into()),
        }
    }

    /// Add to a whole number, and get the sum; among concurrent calls none is lost.
    ///
    /// Where there is nothing it starts from zero, with this time to live; a number that is there keeps the time that it
    /// has left. [`Cache::get`] and [`Cache::set`] read and write it too.
    pub fn increment(&self, key: impl AsRef<str>, by: i64, ttl: impl Into<Option<Duration>>) -> Result<i64> {
        Ok(self.scope.cache_increment(key.as_ref(), by, ms(ttl.into()))?)
    }

    /// Remove what is under a key, if anything is.
    pub fn delete(&self, key: impl AsRef<str>) -> Result<()> {
        Ok(self.scope.cache_delete(key.as_ref())?)
    }
}

impl Handle for Cache {
    fn open(scope: &Scope) -> Self {
        Self { scope: scope.clone() }
    }
}

/// A time to live in seconds.
#[must_use]
pub const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A time to live in minutes.
#[must_use]
pub const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes.saturating_mul(60))
}

/// A time to live in hours.
#[must_use]
pub const fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours.saturating_mul(3600))
}

/// What comes of a claim.
#[derive(Debug)]
pub(crate) enum Claimed {
    Value(Vec<u8>),
    Lease(crate::handle::Lease),
}

/// Why the cache didn't do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    Limit(String),
    Invalid(String),
    Unavailable(String),
}

impl From<Problem> for ToolError {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Limit(text) | Problem::Invalid(text) => Self::Failed(text),
            Problem::Unavailable(text) => Self::Unavailable(text),
        }
    }
}

/// A value that was computed isn't lost because it can't be kept.
fn unless_bounded(kept: Result<(), Problem>) -> Result<()> {
    match kept {
        Ok(()) | Err(Problem::Limit(_) | Problem::Unavailable(_)) => Ok(()),
        Err(problem) => Err(problem.into()),
    }
}

fn ms(ttl: Option<Duration>) -> Option<u64> {
    ttl.map(|ttl| u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX))
}

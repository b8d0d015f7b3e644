//! Caches before a real Redis: shared, bounded, and going on without it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "these are tests"
)]

mod fails;
#[path = "../../../../tests/src/redis.rs"]
#[allow(dead_code, reason = "the suites use the rest")]
mod server;
mod shares;

use std::time::Duration;

use cofferdam_capabilities::{
    CacheService,
    cache::remote::{Remote, RemoteConfig},
};
use cofferdam_policy::{CacheLimits, PluginId};

const HOUR: Duration = Duration::from_secs(3600);

/// What asks each time, and waits long enough for any machine.
fn config(url: &str) -> RemoteConfig {
    RemoteConfig {
        url: url.to_owned(),
        stale: Duration::ZERO,
        timeout: Duration::from_secs(5),
        prefix: "cofferdam".to_owned(),
    }
}

/// The cache of one plugin on one host.
fn cache(config: RemoteConfig, plugin: &str, limits: CacheLimits) -> CacheService {
    let remote = Remote::new(config).unwrap();
    CacheService::before(Some(remote.space(&PluginId::parse(plugin).unwrap())), limits)
}

fn plain(url: &str, plugin: &str) -> CacheService {
    cache(config(url), plugin, CacheLimits::default())
}

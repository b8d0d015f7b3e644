//! What the host knows of one call: the data of its store.

use std::{sync::Arc, time::Duration};

use cofferdam_capabilities::{
    Budget, CacheService, HttpBudget, PluginDatabases, PluginHttp, Request, Settings, cache::Holder, database,
};
use cofferdam_policy::limits::{HOST_RESOURCES, RANDOM_BYTES};
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtx, WasiCtxView, WasiView};

use crate::{abi::wasi::http::Outgoing, limits::Limiter, stdio::Output};

/// What a call may reach beyond itself. The default is what a plugin has while it is loaded, when nothing that is kept
/// or far away may tell what it says of its tools: nothing.
#[derive(Default)]
pub(crate) struct Reach {
    pub(crate) settings: Arc<Settings>,
    pub(crate) cache: Option<CacheService>,
    pub(crate) http: Option<HttpReach>,
    pub(crate) databases: Option<PluginDatabases>,
}

/// The plugin's way out, and what the call may use of it.
#[derive(Clone)]
pub(crate) struct HttpReach {
    pub(crate) http: Arc<PluginHttp>,
    pub(crate) budget: Arc<HttpBudget>,
}

/// The data of one call's store. It names the plugin and the principal; a guest can't.
pub(crate) struct HostState {
    pub(crate) limiter: Limiter,
    pub(crate) budget: Budget,
    pub(crate) request: Request,
    pub(crate) reach: Reach,
    /// Of the cache, as many as the call holds.
    pub(crate) leases: Holder,
    /// Of databases: transactions, and results that weren't read.
    pub(crate) opened: database::Holder,
    pub(crate) output: Output,
    wasi: Option<WasiCtx>,
    /// Of `wasi:http`; made on first use, as most calls send nothing by it.
    pub(crate) outgoing: Option<Outgoing>,
    pub(crate) table: ResourceTable,
}

impl HostState {
    pub(crate) fn new(
        limiter: Limiter,
        budget: Budget,
        request: Request,
        reach: Reach,
        output: Output,
    ) -> Self {
        let mut table = ResourceTable::new();
        table.set_max_capacity(HOST_RESOURCES);
        Self {
            limiter,
            budget,
            request,
            reach,
            leases: Holder::default(),
            opened: database::Holder::default(),
            output,
            wasi: None,
            outgoing: None,
            table,
        }
    }
}

impl WasiView for HostState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let output = &self.output;
        // Most calls never ask WASI for anything, so its context is made on first use.
        WasiCtxView { ctx: self.wasi.get_or_insert_with(|| wasi(output)), table: &mut self.table }
    }
}

/// An empty context: no environment, no arguments, no directories, no network; output goes to the call.
fn wasi(output: &Output) -> WasiCtx {
    WasiCtx::builder()
        .stdout(output.clone())
        .stderr(output.clone())
        .allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false)
        .max_random_size(RANDOM_BYTES)
        .monotonic_clock(CoarseClock(tokio::time::Instant::now()))
        .wall_clock(CoarseWallClock)
        .build()
}

/// How fine a guest can measure time. Finer clocks are what timing attacks on the processor are made of.
const MONOTONIC_GRAIN: u64 = 100_000;
const WALL_GRAIN: u32 = 1_000_000;

struct CoarseClock(tokio::time::Instant);

impl HostMonotonicClock for CoarseClock {
    fn resolution(&self) -> u64 {
        MONOTONIC_GRAIN
    }

    fn now(&self) -> u64 {
        let elapsed = u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(u64::MAX);
        elapsed - elapsed % MONOTONIC_GRAIN
    }
}

struct CoarseWallClock;

impl HostWallClock for CoarseWallClock {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(u64::from(WALL_GRAIN))
    }

    fn now(&self) -> Duration {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Duration::new(now.as_secs(), now.subsec_nanos() - now.subsec_nanos() % WALL_GRAIN)
    }
}

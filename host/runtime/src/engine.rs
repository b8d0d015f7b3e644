//! The one engine: what WebAssembly it accepts, and the pool in which every call finds its place ready.
//!
//! Metering is by fuel, with a yield every [`FUEL_PER_SLICE`]: a spinning guest hands its thread back that
//! often, which makes the wall-clock deadline and cancellation a matter of dropping a future.

use std::hash::{Hash as _, Hasher};

use sha2::{Digest as _, Sha256};
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, WasmBacktraceDetails,
    component::Component,
};

use cofferdam_policy::limits::{INSTANCES_MAX, MEMORIES, TABLE_ELEMENTS_MAX, TABLES};

use crate::error::StartError;

/// Fuel between two yields to the executor: about a tenth of a millisecond.
pub(crate) const FUEL_PER_SLICE: u64 = 1_000_000;

/// Native stack that wasm frames may use.
const WASM_STACK: usize = 512 << 10;
/// Native stack of a call, host frames included. The gap to [`WASM_STACK`] is theirs.
const ASYNC_STACK: usize = 2 << 20;
/// Address space that one linear memory may grow to: above the most that `memory` can be set to.
const MEMORY_MAX: usize = 2 << 30;
/// Bytes of a slot that stay mapped between calls, zeroed in place of being given back to the kernel.
const MEMORY_KEPT: usize = 2 << 20;
const TABLE_KEPT: usize = 64 << 10;
/// What the pool holds for each place; a component that needs more runs fewer calls at once ([`concurrency`]).
const MEMORIES_PER_PLACE: u32 = 2;
const TABLES_PER_PLACE: u32 = 4;

/// How many calls of `component` may run at once without taking more than half of the pool from the others.
pub(crate) fn share(component: &Component, places: u32) -> u64 {
    // None only for components that import core modules, which are not offered any.
    let Some(needs) = component.resources_required() else { return 1 };
    let share = |per_place: u32, needed: u32| u64::from(per_place * places / 2 / needed.max(1));
    share(MEMORIES_PER_PLACE, needs.num_memories).min(share(TABLES_PER_PLACE, needs.num_tables)).max(1)
}

/// Makes the engine, with `places` calls at the same time.
pub(crate) fn engine(places: u32) -> Result<Engine, StartError> {
    let mut config = accepted();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(places)));
    #[expect(clippy::disallowed_methods, reason = "this is the one file that makes an engine")]
    Engine::new(&config).map_err(|error| StartError::Engine { places, cause: error.to_string() })
}

/// The engine of a compiler process: it runs nothing, so it has no pool. What it makes fits the other one.
pub(crate) fn compiler() -> wasmtime::Result<Engine> {
    #[expect(clippy::disallowed_methods, reason = "this is the one file that makes an engine")]
    Engine::new(&accepted())
}

/// What native code has to agree on with the engine: its exact version and settings, the processor's features.
pub(crate) fn compatibility(engine: &Engine) -> [u8; 32] {
    let mut hasher = Sha(Sha256::new_with_prefix(env!("CARGO_PKG_VERSION")));
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.0.finalize().into()
}

/// The engine tells its settings to any [`Hasher`]; a short hash would be too short to build on.
struct Sha(Sha256);

impl Hasher for Sha {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

/// What the engine accepts. Proposals that no plugin toolchain emits stay off: each is more to trust.
fn accepted() -> Config {
    let mut config = Config::new();
    config
        .concurrency_support(false)
        .consume_fuel(true)
        .max_wasm_stack(WASM_STACK)
        .async_stack_size(ASYNC_STACK)
        // Guests' debug information is not parsed, whatever WASMTIME_BACKTRACE_DETAILS says.
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        // Nobody is shown where in a guest a trap was, so nothing is kept to tell it: an eighth of the native code.
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false)
        // For other unwinders than the engine's own; to register it is slow with many plugins.
        .native_unwind_info(false)
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_tail_call(false)
        .wasm_relaxed_simd(false)
        .wasm_wide_arithmetic(false)
        .wasm_custom_page_sizes(false);
    config
}

fn pool(places: u32) -> PoolingAllocationConfig {
    let memories = u32::try_from(MEMORIES).unwrap_or(u32::MAX);
    let tables = u32::try_from(TABLES).unwrap_or(u32::MAX);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(places)
        // Core instances live on the heap: this is a number, not a reservation.
        .total_core_instances(places.saturating_mul(u32::try_from(INSTANCES_MAX).unwrap_or(u32::MAX)))
        .total_memories(MEMORIES_PER_PLACE * places)
        .total_tables(TABLES_PER_PLACE * places)
        .total_stacks(places)
        .max_memory_size(MEMORY_MAX)
        .table_elements(usize::try_from(TABLE_ELEMENTS_MAX).unwrap_or(usize::MAX))
        .max_core_instances_per_component(u32::try_from(INSTANCES_MAX).unwrap_or(u32::MAX))
        .max_memories_per_component(memories)
        .max_tables_per_component(tables)
        .linear_memory_keep_resident(MEMORY_KEPT)
        .table_keep_resident(TABLE_KEPT)
        // A plugin finds the slot that it used last, with its image in place, however many plugins there are.
        .max_unused_warm_slots(MEMORIES_PER_PLACE * places)
        .pagemap_scan(Enabled::Auto);
    pool
}

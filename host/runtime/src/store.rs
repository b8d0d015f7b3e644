//! The one way to open a store: every limit is armed here, and nowhere else.

use cofferdam_capabilities::{Budget, CallContext, Request};
use cofferdam_policy::{CallLimits, units::Quantity};
use tokio::time::Instant;
use wasmtime::{Engine, Store};

use crate::{
    engine::FUEL_PER_SLICE,
    limits::Limiter,
    state::{HostState, Reach},
    stdio::Output,
};

/// The store of one call. It is dropped with the call, and never used again.
pub(crate) type CallStore = Store<HostState>;

/// Opens the store of one call of `plugin`, which ends at `deadline`.
pub(crate) fn open(
    engine: &Engine,
    plugin: &str,
    limits: &CallLimits,
    reach: Reach,
    context: CallContext,
    deadline: Instant,
) -> wasmtime::Result<CallStore> {
    let state = HostState::new(
        Limiter::new(limits),
        Budget::new(limits),
        Request::new(plugin, context, deadline),
        reach,
        Output::new(limits.stdio.value()),
    );
    #[expect(clippy::disallowed_methods, reason = "this is the one place that opens a store")]
    let mut store = Store::new(engine, state);
    store.limiter(|state| &mut state.limiter);
    store.set_fuel(limits.fuel.value())?;
    store.fuel_async_yield_interval(Some(FUEL_PER_SLICE))?;
    store.set_hostcall_fuel(bytes(limits.host_call_bytes.value()));
    store.set_max_component_handles(bytes(limits.handles.value()));
    Ok(store)
}

fn bytes(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

//! Standard interfaces on the plugin's own services, so that components of ordinary toolchains need no SDK.
//!
//! They open nothing that `v0_1` doesn't: the same grants, limits, budgets and secrets, and the same cache.
//! Which names and versions there are, `imports` says.

mod config;
pub(crate) mod http;
mod keyvalue;

use wasmtime::component::Linker;

use crate::state::HostState;

/// Links them.
pub(crate) fn link(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    http::link(linker)?;
    keyvalue::link(linker)?;
    config::link(linker)
}

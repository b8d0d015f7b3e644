//! `cofferdam:plugin@0.1`: the generated bindings, and small converters per interface.

#[allow(missing_docs, reason = "generated from the WIT, which documents every item")]
mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit/v0.1",
        world: "tool-plugin",
        imports: { default: async | trappable },
        exports: { default: async },
        with: {
            "cofferdam:plugin/cache.lease": cofferdam_capabilities::cache::Lease,
            "cofferdam:plugin/database.connection": cofferdam_capabilities::database::Database,
            "cofferdam:plugin/database.rows": cofferdam_capabilities::database::Rows,
            "cofferdam:plugin/database.transaction": cofferdam_capabilities::database::OpenTransaction,
        },
    });
}

mod cache;
mod content;
mod database;
mod http;
mod request;
mod settings;
mod tools;

use wasmtime::component::{HasSelf, InstancePre, Linker};

use crate::{
    content::{Outcome, Resume, ToolDescription},
    error::GuestError,
    state::HostState,
    store::CallStore,
};

/// The version that this module serves. Every patch of the track up to this one runs.
pub(crate) const VERSION: (u64, u64, u64) = (0, 1, 0);

/// Links the host's interfaces of this track.
pub(crate) fn link(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    use bindings::cofferdam::plugin::{
        cache as cache_wit, config, database as database_wit, http as http_wit, request, types,
    };
    types::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    request::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    config::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    cache_wit::add_to_linker::<_, cache::HasCache>(linker, cache::view)?;
    http_wit::add_to_linker::<_, http::HasHttp>(linker, http::view)?;
    database_wit::add_to_linker::<_, database::HasDatabases>(linker, database::view)
}

/// A plugin that is linked and whose exports have the right types, ready to be instantiated.
#[derive(Clone)]
pub(crate) struct Prepared(bindings::ToolPluginPre<HostState>);

impl Prepared {
    /// Checks the exports' types.
    pub(crate) fn new(pre: InstancePre<HostState>) -> wasmtime::Result<Self> {
        bindings::ToolPluginPre::new(pre).map(Self)
    }

    /// Instantiates, and asks for the tools.
    pub(crate) async fn list_tools(
        &self,
        store: &mut CallStore,
    ) -> wasmtime::Result<Result<Vec<ToolDescription>, String>> {
        let plugin = self.0.instantiate_async(&mut *store).await?;
        let listed = plugin.cofferdam_plugin_tools().call_list_tools(store).await?;
        Ok(listed.map(|tools| tools.into_iter().map(tools::description).collect()))
    }

    /// Instantiates, and runs one tool: the only crossing into the guest that a call makes.
    #[expect(clippy::ptr_arg, reason = "the generated bindings lower `&String`")]
    pub(crate) async fn call_tool(
        &self,
        store: &mut CallStore,
        name: &String,
        arguments: &String,
        resume: Option<Resume>,
    ) -> wasmtime::Result<Result<Outcome, GuestError>> {
        let resume = resume.map(content::resume);
        let plugin = self.0.instantiate_async(&mut *store).await?;
        let ended =
            plugin.cofferdam_plugin_tools().call_call_tool(store, name, arguments, resume.as_ref()).await?;
        Ok(match ended {
            Ok(outcome) => tools::outcome(outcome),
            Err(error) => Err(tools::call_error(error)),
        })
    }
}

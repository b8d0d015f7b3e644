//! A component in one live instance, called by the engine alone: no limits but fuel, no validation, no new store.
//!
//! The host never calls like this: a plugin's next call would see what the last one left behind.

use std::path::Path;

use serde_json::{Map, Value};
use tokio::runtime::{Builder, Runtime};
use wasmtime::{
    Config, Engine, Store,
    component::{Component, Linker, ResourceTable, types::ComponentItem},
};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

#[allow(missing_docs, reason = "generated from the WIT, which documents every item")]
mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit/v0.1",
        inline: "package bench:warm; world warm { export cofferdam:plugin/tools@0.1.0; }",
        exports: { default: async },
    });
}

/// A live instance.
pub(crate) struct Warm {
    caller: Runtime,
    store: Store<State>,
    plugin: bindings::Warm,
    tool: String,
    arguments: String,
}

struct State {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl Warm {
    /// Instantiates the component, to call that tool.
    pub(crate) fn start(component: &Path, tool: &str, arguments: &Map<String, Value>) -> Self {
        let arguments = Value::Object(arguments.clone()).to_string();
        let caller = Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        let (store, plugin) = caller.block_on(instance(component)).expect("the component is instantiated");
        Self { caller, store, plugin, tool: tool.to_owned(), arguments }
    }

    /// One call.
    pub(crate) fn call(&mut self) {
        self.store.set_fuel(u64::MAX).expect("fuel is metered");
        let tools = self.plugin.cofferdam_plugin_tools();
        let ended = tools.call_call_tool(&mut self.store, &self.tool, &self.arguments, None);
        let outcome = self.caller.block_on(ended).expect("the guest returns");
        assert!(outcome.is_ok(), "the call succeeds");
    }
}

#[expect(clippy::disallowed_methods, reason = "a reference beside the host's one engine and one store")]
async fn instance(component: &Path) -> wasmtime::Result<(Store<State>, bindings::Warm)> {
    let mut config = Config::new();
    config.concurrency_support(false).consume_fuel(true);
    let engine = Engine::new(&config)?;
    let component = Component::from_binary(&engine, &std::fs::read(component)?)?;
    let mut linker = Linker::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    refuse_own(&mut linker, &component)?;
    let state = State { wasi: WasiCtx::builder().build(), table: ResourceTable::new() };
    let mut store = Store::new(&engine, state);
    store.set_fuel(u64::MAX)?;
    store.fuel_async_yield_interval(Some(1_000_000))?;
    let plugin = bindings::Warm::instantiate_async(&mut store, &component, &linker).await?;
    Ok((store, plugin))
}

/// The host's own interfaces, which the measured tools don't call, are there and do nothing.
fn refuse_own(linker: &mut Linker<State>, component: &Component) -> wasmtime::Result<()> {
    let engine = component.engine();
    for (name, item) in component.component_type().imports(engine) {
        let ComponentItem::ComponentInstance(interface) = item.ty else { continue };
        if !name.starts_with("cofferdam:") {
            continue;
        }
        let mut instance = linker.instance(name)?;
        for (function, item) in interface.exports(engine) {
            if let ComponentItem::ComponentFunc(_) = item.ty {
                instance.func_new(function, |_, _, _, _| Err(wasmtime::format_err!("not measured")))?;
            }
        }
    }
    Ok(())
}

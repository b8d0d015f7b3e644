//! The runtime in this process, with plugins of a test's choice.

use std::{path::PathBuf, sync::Arc};

use cofferdam_runtime::{
    CallReport, CallRequest, Catalog, Entry, LoadError, Plugin, PluginSpec, Runtime, RuntimeConfig,
    capabilities::{CallContext, HttpService},
    compile::{CompileConfig, CompileLimits, Program},
    content::{BlockKind, Outcome, ToolResult},
    policy::{CallLimits, LimitsConfig, PluginId},
};
use serde_json::Value;

use crate::{Guest, process};

/// A plugin as a test wants it.
#[derive(Debug, Clone)]
pub struct Setup {
    id: String,
    component: Vec<u8>,
    spec: PluginSpec,
    call_limits: Option<CallLimits>,
}

impl Setup {
    /// The guest under its own name (`_` written as `-`), with default limits.
    #[must_use]
    pub fn of(guest: impl Into<Guest>) -> Self {
        let guest = guest.into();
        Self::bytes(&guest.name.replace('_', "-"), guest.component())
    }

    /// A component that is made by the test.
    #[must_use]
    pub fn bytes(id: &str, component: Vec<u8>) -> Self {
        Self { id: id.to_owned(), component, spec: PluginSpec::default(), call_limits: None }
    }

    /// Under another id.
    #[must_use]
    pub fn id(mut self, id: &str) -> Self {
        self.id = id.to_owned();
        self
    }

    /// With these limits, of its calls and of its `list-tools`.
    #[must_use]
    pub fn limits(mut self, limits: &LimitsConfig) -> Self {
        self.spec.limits = within_bounds(limits);
        self
    }

    /// With these limits for its calls, but loaded under the default ones: for a guest that would hit them as
    /// soon as it is instantiated.
    #[must_use]
    pub fn call_limits(mut self, limits: &LimitsConfig) -> Self {
        self.call_limits = Some(within_bounds(limits));
        self
    }

    /// With this entry of the operator's file.
    #[must_use]
    pub fn spec(mut self, spec: PluginSpec) -> Self {
        self.spec = spec;
        self
    }
}

fn within_bounds(limits: &LimitsConfig) -> CallLimits {
    CallLimits::default().with(limits).expect("a test's limits are within their bounds")
}

/// A runtime with plugins.
pub struct TestHost {
    /// The runtime itself.
    pub runtime: Runtime,
}

impl TestHost {
    /// Starts a runtime with these plugins.
    ///
    /// # Panics
    /// If one of them is refused.
    pub async fn start(plugins: impl IntoIterator<Item = Setup>) -> Self {
        let host = Self::with_places(16);
        host.publish(plugins).await;
        host
    }

    /// Starts a runtime in which that many calls run at the same time, without a plugin.
    ///
    /// # Panics
    /// If it doesn't start.
    #[must_use]
    pub fn with_places(places: u32) -> Self {
        Self::with(RuntimeConfig { concurrent_calls: places, ..RuntimeConfig::default() })
    }

    /// Starts a runtime without a plugin, whose compiler is a process of the real program.
    ///
    /// # Panics
    /// If it doesn't start.
    #[must_use]
    pub fn with_compiler(limits: CompileLimits) -> Self {
        let arguments = vec!["compile-component".to_owned()];
        let program = Program { path: process::binary().to_owned(), arguments };
        let compile = CompileConfig { program: Some(program), limits, cache: None };
        Self::with(RuntimeConfig { concurrent_calls: 16, compile, ..RuntimeConfig::default() })
    }

    /// Starts a runtime without a plugin, whose plugins reach other machines by this way.
    ///
    /// # Panics
    /// If it doesn't start.
    #[must_use]
    pub fn with_http(http: HttpService) -> Self {
        Self::with(RuntimeConfig { concurrent_calls: 64, http: Some(http), ..RuntimeConfig::default() })
    }

    fn with(config: RuntimeConfig) -> Self {
        Self { runtime: Runtime::start(config).expect("the runtime starts") }
    }

    /// Serves these plugins from now on.
    ///
    /// # Panics
    /// If one of them is refused.
    pub async fn publish(&self, plugins: impl IntoIterator<Item = Setup>) {
        let mut loaded = Vec::new();
        for setup in plugins {
            let plugin = self.load(setup).await.unwrap_or_else(|error| panic!("refused: {error}"));
            loaded.push((PathBuf::from(plugin.id.as_str()), Ok(plugin)));
        }
        let catalog = Catalog::assemble(loaded);
        assert!(catalog.refused().is_empty(), "refused: {:?}", catalog.refused());
        self.runtime.publish(catalog);
    }

    /// Loads a plugin beside the catalog.
    ///
    /// # Errors
    /// As [`Runtime::load_bytes`].
    pub async fn load(&self, setup: Setup) -> Result<Plugin, LoadError> {
        let id = PluginId::parse(&setup.id)?;
        let mut plugin = self.runtime.load_bytes(id, setup.component, setup.spec).await?;
        if let Some(limits) = setup.call_limits {
            plugin.limits = limits;
        }
        Ok(plugin)
    }

    /// The tool of this public name.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn tool(&self, name: &str) -> Entry {
        let catalog: Arc<Catalog> = self.runtime.catalog();
        let found = catalog.find(name).cloned();
        found.unwrap_or_else(|| panic!("there is no tool {name}, but {:?}", names(&catalog)))
    }

    /// Calls the tool of this public name.
    pub async fn call(&self, name: &str, arguments: Value) -> CallReport {
        self.call_in(name, arguments, CallContext::default()).await
    }

    /// Calls the tool of this public name, with what a transport would give along.
    ///
    /// # Panics
    /// If the arguments are no object.
    pub async fn call_in(&self, name: &str, arguments: Value, context: CallContext) -> CallReport {
        let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
        let request = CallRequest { arguments, context, ..CallRequest::default() };
        self.runtime.call(self.tool(name), request).await
    }

    /// Calls the tool of this public name and takes its result.
    ///
    /// # Panics
    /// If there is none.
    pub async fn result(&self, name: &str, arguments: Value) -> ToolResult {
        match self.call(name, arguments).await.result {
            Ok(Outcome::Complete(result)) => result,
            other => panic!("expected a result, found {other:?}"),
        }
    }
}

/// The public names of all tools, in their order.
#[must_use]
pub fn names(catalog: &Catalog) -> Vec<String> {
    catalog.entries().iter().map(|entry| entry.tool.public_name.to_string()).collect()
}

/// The text of a result's only block.
///
/// # Panics
/// If the result is anything else.
#[must_use]
pub fn text(result: &ToolResult) -> &str {
    match result.content.as_slice() {
        [block] => match &block.kind {
            BlockKind::Text(text) => text,
            other => panic!("expected text, found {other:?}"),
        },
        other => panic!("expected one block, found {other:?}"),
    }
}

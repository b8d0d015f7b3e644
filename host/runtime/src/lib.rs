//! Floor 2: plugins in their sandbox. The only crate that names the engine.
//!
//! A [`Runtime`] loads component files into a [`Catalog`] and runs calls:
//! each in a store of its own, with every limit armed, on threads that nothing else waits on.
//!
//! ```no_run
//! # use cofferdam_runtime::{CallRequest, Runtime, RuntimeConfig};
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let runtime = Runtime::start(RuntimeConfig::default())?;
//! let catalog = runtime.load_directory("plugins".as_ref(), |_| Some(Default::default())).await?;
//! let tool = catalog.find("text_count").ok_or("no such tool")?;
//! let report = runtime.call(tool.clone(), CallRequest::default()).await;
//! # Ok(()) }
//! ```

mod abi;
mod call;
pub mod catalog;
pub mod compile;
pub mod content;
mod describe;
pub mod difference;
mod engine;
pub mod error;
mod guests;
pub mod imports;
pub mod in_place;
mod limits;
pub mod load;
mod outcome;
mod pace;
mod pages;
mod places;
pub mod plugin;
mod reload;
mod results;
pub mod schema;
mod size;
mod state;
mod stats;
mod stdio;
mod store;
pub mod trust;
mod usage;

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use arc_swap::ArcSwap;
use cofferdam_capabilities::{
    cache::remote::{Remote, RemoteConfig},
    http::{HttpService, SystemResolver, TlsRoots},
};
use cofferdam_policy::{LoadLimits, PluginId};
use tokio::{sync::watch, time::Instant};
use wasmtime::{
    Engine,
    component::{Component, Linker},
};

pub use cofferdam_capabilities as capabilities;
pub use cofferdam_policy as policy;

use self::{
    call::Host,
    compile::Compiler,
    guests::Guests,
    load::{Asking, Bytes},
    places::Places,
    reload::look::{self, Found},
    results::Results,
    state::HostState,
};
pub use self::{
    call::{CallReport, CallRequest},
    catalog::{Catalog, Entry, Refused},
    compile::CompileConfig,
    difference::{Difference, Surface},
    error::{CallError, LoadError, StartError},
    plugin::{Plugin, PluginSpec, Tool},
    reload::{Policy, Reload, Rules, Specs, control},
    stats::Figures,
    trust::Trust,
    usage::Usage,
};

/// Places in the pool that are not for calls: plugins that are being asked for their tools.
const LOADING: u32 = 8;

/// What the whole runtime may use.
#[derive(Debug, Clone)]
pub struct RuntimeConfig {
    /// Calls that run at the same time, of all plugins together. Default 256, at most 4_096.
    pub concurrent_calls: u32,
    /// How many plugins there may be, and what a component file may be.
    pub load: LoadLimits,
    /// How it becomes native code.
    pub compile: CompileConfig,
    /// Public names that no plugin's tool may have: those of the embedder's own tools. Default none.
    pub reserved: Vec<String>,
    /// Whether plugins are loaded that want what they weren't granted: to be looked at, as they get none of it. Default
    /// false.
    pub look_only: bool,
    /// What is behind the plugins' caches. Default none: they are in memory alone.
    pub cache: Option<RemoteConfig>,
    /// How plugins reach other machines over HTTP. None: by the system's resolver, trusting Mozilla's roots.
    pub http: Option<HttpService>,
}

impl Default for RuntimeConfig {
    fn default() -> Self {
        Self {
            concurrent_calls: 256,
            load: LoadLimits::default(),
            compile: CompileConfig::default(),
            reserved: Vec::new(),
            look_only: false,
            cache: None,
            http: None,
        }
    }
}

/// Loads plugins and runs their tools.
pub struct Runtime {
    engine: Engine,
    linker: Arc<Linker<HostState>>,
    compiler: Compiler,
    guests: Guests,
    places: Places,
    results: Results,
    egress: HttpService,
    load_limits: LoadLimits,
    reserved: Vec<String>,
    look_only: bool,
    cache: Option<Remote>,
    catalog: ArcSwap<Catalog>,
    /// Counts the changes that clients can see.
    lists: watch::Sender<u64>,
}

impl Runtime {
    /// Starts the engine and the guests' threads, with an empty catalog.
    ///
    /// # Errors
    /// [`StartError`] if the machine doesn't give the address space or the threads.
    pub fn start(config: RuntimeConfig) -> Result<Self, StartError> {
        let engine = engine::engine(config.concurrent_calls + LOADING)?;
        let linker = linker(&engine).map_err(|error| StartError::Engine {
            places: config.concurrent_calls,
            cause: error.to_string(),
        })?;
        Ok(Self {
            compiler: Compiler::new(&engine, config.compile),
            engine,
            linker: Arc::new(linker),
            guests: Guests::start()?,
            places: Places::new(u64::from(config.concurrent_calls)),
            results: Results::default(),
            egress: config.http.map_or_else(egress, Ok)?,
            load_limits: config.load,
            reserved: config.reserved,
            look_only: config.look_only,
            cache: config.cache.map(Remote::new).transpose()?,
            catalog: ArcSwap::default(),
            lists: watch::Sender::new(0),
        })
    }

    /// The catalog as it is now. Whoever holds it sees no later change.
    #[must_use]
    pub fn catalog(&self) -> Arc<Catalog> {
        self.catalog.load_full()
    }

    /// Serves `catalog` from now on. Calls that run go on with the one they started from.
    /// A plugin's cache goes on with its next version, and ends with the last call of a plugin that isn't served any more.
    pub fn publish(&self, catalog: Catalog) {
        catalog.inherit(&self.catalog());
        for plugin in catalog.plugins() {
            plugin.look_at_roles();
        }
        let before = self.catalog.swap(Arc::new(catalog));
        if !before.shows_the_same(&self.catalog()) {
            self.lists.send_modify(|changes| *changes += 1);
        }
    }

    /// Changes whenever the list of tools does, as clients see it. Code alone may change without.
    #[must_use]
    pub fn list_changes(&self) -> watch::Receiver<u64> {
        self.lists.subscribe()
    }

    /// Loads every plugin of `directory` for which there is a `spec`, and serves what came of it.
    /// A bad one is refused, and stops no other.
    ///
    /// # Errors
    /// If the directory can't be read.
    pub async fn load_directory(
        &self,
        directory: &Path,
        spec: impl Fn(&PluginId) -> Option<PluginSpec>,
    ) -> io::Result<Arc<Catalog>> {
        let mut loaded = Vec::new();
        for (file, found) in look::look(directory, &self.load_limits)? {
            let plugin = match (load::id_of(&file).map(|id| spec(&id)), found) {
                (Ok(None), _) => continue,
                (_, Found::Unfit(unfit)) => Err(unfit.error()),
                (Ok(Some(spec)), Found::File(_)) => self.load_file(&file, |_| spec).await,
                (Err(error), Found::File(_)) => Err(error),
            };
            loaded.push((file, plugin));
        }
        self.publish(Catalog::assemble(loaded));
        Ok(self.catalog())
    }

    /// Loads one plugin, beside the catalog.
    ///
    /// # Errors
    /// [`LoadError`] with the first reason to refuse it.
    pub async fn load_file(
        &self,
        file: &Path,
        spec: impl FnOnce(&PluginId) -> PluginSpec,
    ) -> Result<Plugin, LoadError> {
        let id = load::id_of(file)?;
        let spec = spec(&id);
        let (path, limits) = (PathBuf::from(file), self.load_limits.clone());
        let bytes = blocking(move || load::whole(&path, &limits)).await??.bytes;
        self.load(id, &bytes, spec).await.map(|loaded| loaded.plugin)
    }

    /// Loads one plugin from its bytes, beside the catalog.
    ///
    /// # Errors
    /// [`LoadError`] with the first reason to refuse it.
    pub async fn load_bytes(
        &self,
        id: PluginId,
        bytes: Vec<u8>,
        spec: PluginSpec,
    ) -> Result<Plugin, LoadError> {
        let bytes = blocking(move || Bytes::read(&mut bytes.as_slice(), bytes.len() as u64)).await??;
        self.load(id, &bytes, spec).await.map(|loaded| loaded.plugin)
    }

    /// Loads one plugin, and tells how long each step took.
    pub(crate) async fn load(
        &self,
        id: PluginId,
        bytes: &Bytes,
        spec: PluginSpec,
    ) -> Result<Loaded, LoadError> {
        load::recognise(&bytes.content)?;
        let compiled = self.compiler.component(&self.engine, bytes).await?;
        let named = (bytes.digest.clone(), bytes.content.len() as u64);
        let (compile, cached) = (compiled.took, compiled.cached);
        let started = Instant::now();
        let plugin = self.describe(id, compiled.component, named, spec).await?;
        Ok(Loaded { plugin, compile, cached, describe: started.elapsed() })
    }

    /// Loads a version that was loaded before, from its native code; none, if that isn't kept any more.
    pub(crate) async fn recall(
        &self,
        id: PluginId,
        named: (String, u64),
        spec: PluginSpec,
    ) -> Result<Option<Plugin>, LoadError> {
        match self.compiler.cached(&self.engine, &named.0).await? {
            Some(component) => self.describe(id, component, named, spec).await.map(Some),
            None => Ok(None),
        }
    }

    async fn describe(
        &self,
        id: PluginId,
        component: Component,
        named: (String, u64),
        spec: PluginSpec,
    ) -> Result<Plugin, LoadError> {
        let linked = load::link(&self.engine, &self.linker, &component, named, self.places.total())?;
        self.asking().describe(id, linked, spec).await
    }

    /// The same code under another spec: nothing is read or compiled.
    pub(crate) async fn again(&self, plugin: &Plugin, spec: PluginSpec) -> Result<Plugin, LoadError> {
        let linked = plugin.linked.clone();
        self.asking().describe(plugin.id.clone(), linked, spec).await
    }

    fn asking(&self) -> Asking<'_> {
        Asking {
            engine: &self.engine,
            guests: &self.guests,
            egress: &self.egress,
            limits: &self.load_limits,
            reserved: &self.reserved,
            look_only: self.look_only,
            cache: self.cache.as_ref(),
        }
    }

    /// Runs a tool that was found in a catalog. Dropping the future ends the call, guest code included.
    pub async fn call(&self, entry: Entry, request: CallRequest) -> CallReport {
        let host =
            Host { engine: &self.engine, guests: &self.guests, places: &self.places, results: &self.results };
        host.call(entry, request).await
    }

    /// Calls that run now.
    #[must_use]
    pub fn running(&self) -> usize {
        self.places.taken()
    }
}

/// A plugin, and how long it took to get it.
pub(crate) struct Loaded {
    pub(crate) plugin: Plugin,
    pub(crate) compile: Duration,
    /// Whether that was known already.
    pub(crate) cached: bool,
    pub(crate) describe: Duration,
}

/// The way out of a host that says nothing else.
fn egress() -> Result<HttpService, StartError> {
    Ok(HttpService::new(Arc::new(SystemResolver::default()), TlsRoots::mozilla())?)
}

/// What guests are linked with: the plugin ABI, WASI 0.2 with an empty context, and standard interfaces on the same
/// services as the ABI's.
fn linker(engine: &Engine) -> wasmtime::Result<Linker<HostState>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    abi::wasi::link(&mut linker)?;
    abi::v0_1::link(&mut linker)?;
    Ok(linker)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, LoadError> {
    tokio::task::spawn_blocking(work).await.map_err(|failure| LoadError::Internal(failure.to_string()))
}

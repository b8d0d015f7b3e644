//! From a file to a plugin: each check in turn, and a reason at the first that fails.

mod file;
mod grants;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use cofferdam_capabilities::{CallContext, HttpService, cache::remote::Remote};
use cofferdam_policy::{CallLimits, LoadLimits, Namespace, PluginId, PublicName, units::Quantity as _};
use tokio::time::Instant;
use wasmtime::{
    Engine,
    component::{Component, Linker},
};

pub(crate) use self::file::{Bytes, Stamp, whole};
pub use self::file::{digest, read};
use crate::{
    abi::v0_1::Prepared,
    content::ToolDescription,
    describe, engine,
    error::{CallError, HOST, LimitHit, LoadError},
    guests::Guests,
    imports::{self, Import},
    outcome,
    places::Places,
    plugin::{Plugin, PluginSpec},
    reload::look,
    state::{HostState, Reach},
    store,
};

/// The id of the plugin in `file`: its stem.
///
/// # Errors
/// [`LoadError::Name`] if the stem is not a plugin id.
pub fn id_of(file: &Path) -> Result<PluginId, LoadError> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    Ok(PluginId::parse(&stem)?)
}

/// A file of a plugins directory.
#[derive(Debug)]
pub struct Candidate {
    /// Where it is.
    pub file: PathBuf,
    /// What keeps it from being read, if anything does.
    pub unfit: Option<LoadError>,
}

/// The files of a plugins directory, sorted by name, as the host would find them.
///
/// # Errors
/// If the directory can't be read.
pub fn candidates(directory: &Path, limits: &LoadLimits) -> std::io::Result<Vec<Candidate>> {
    let candidate = |(file, found)| match found {
        look::Found::File(_) => Candidate { file, unfit: None },
        look::Found::Unfit(unfit) => Candidate { file, unfit: Some(unfit.error()) },
    };
    Ok(look::look(directory, limits)?.into_iter().map(candidate).collect())
}

/// A component that is compiled and linked, before it has said anything.
#[derive(Clone)]
pub(crate) struct Linked {
    pub(crate) digest: String,
    pub(crate) size: u64,
    abi: String,
    imports: Vec<Import>,
    share: u64,
    pub(crate) prepared: Prepared,
}

/// Checks what a component asks for and offers, and links it.
pub(crate) fn link(
    engine: &Engine,
    linker: &Linker<HostState>,
    component: &Component,
    (digest, size): (String, u64),
    places: u32,
) -> Result<Linked, LoadError> {
    let ty = component.component_type();
    let imports = imports::explain(ty.imports(engine).map(|(name, _)| name))?;
    let abi = imports::abi(ty.exports(engine).map(|(name, _)| name))?;
    let share = engine::share(component, places);
    let types = |error: wasmtime::Error| LoadError::Types(format!("{error:#}"));
    let prepared = Prepared::new(linker.instantiate_pre(component).map_err(types)?).map_err(types)?;
    Ok(Linked { digest, size, abi, imports, share, prepared })
}

/// Refuses what isn't a component, by its first bytes, with what it seems to be.
pub(crate) fn recognise(bytes: &[u8]) -> Result<(), LoadError> {
    let no = |found, remedy| Err(LoadError::NotAComponent { found, remedy });
    const WHOLE: &str = "was it copied whole?";
    const BUILD: &str = "build it with `cofferdam build`, or for the target wasm32-wasip2";
    match bytes {
        [] => no("the file is empty", WHOLE),
        [0, b'a', b's', b'm', 0x0d, 0, 1, 0, ..] => Ok(()),
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => no("it is a core module", BUILD),
        [0, b'a', b's', b'm', _, _, _, _, ..] => {
            no("it is WebAssembly in an unknown version of the format", BUILD)
        }
        [0x7f, b'E', b'L', b'F', ..] => no("it is native code", BUILD),
        [0x1f, 0x8b, ..] => no("it is compressed (gzip)", "unpack it first"),
        [b'(', ..] => no("it is WebAssembly in text form", "translate it to binary first"),
        [first, ..] if bytes.len() < 8 && *first == 0 => no("it ends within its header", WHOLE),
        _ => no("its first bytes are something else", BUILD),
    }
}

/// How many plugins were loaded so far, each under each policy.
static LOADED: AtomicU64 = AtomicU64::new(0);

/// What it takes to ask a plugin for its tools.
pub(crate) struct Asking<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) guests: &'a Guests,
    pub(crate) egress: &'a HttpService,
    pub(crate) limits: &'a LoadLimits,
    /// Public names that no plugin's tool may have.
    pub(crate) reserved: &'a [String],
    /// Whether a plugin is shown that isn't granted what it wants.
    pub(crate) look_only: bool,
    /// What is behind the plugins' caches.
    pub(crate) cache: Option<&'a Remote>,
}

impl Asking<'_> {
    /// Asks the plugin for its tools and checks what it says.
    pub(crate) async fn describe(
        &self,
        id: PluginId,
        linked: Linked,
        spec: PluginSpec,
    ) -> Result<Plugin, LoadError> {
        let limits = self.limits;
        let tight = CallLimits { fuel: limits.fuel, deadline: limits.deadline, ..spec.limits.clone() };
        let asked = list_tools(self.engine.clone(), id.clone(), linked.prepared.clone(), tight);
        let described =
            self.guests.spawn(asked).await.map_err(|failure| LoadError::Internal(failure.to_string()))??;
        let namespace = spec.namespace.clone().unwrap_or_else(|| Namespace::from(&id));
        let tools = describe::tools(described, &namespace, limits)?;
        let is_reserved = |name: &PublicName| self.reserved.iter().any(|reserved| reserved == name.as_str());
        if let Some(tool) = tools.iter().find(|tool| is_reserved(&tool.public_name)) {
            let name = tool.public_name.to_string();
            return Err(LoadError::NameTaken { name, holder: HOST.to_owned(), plugin: id.to_string() });
        }
        let remote = self.cache.map(|cache| cache.space(&id));
        let missing = grants::check(&id, &linked.imports, &tools, &spec).err();
        if let Some(missing) = missing.clone().filter(|_| !self.look_only) {
            return Err(missing.into());
        }
        Ok(Plugin {
            tools,
            id,
            digest: linked.digest.clone(),
            size: linked.size,
            abi: linked.abi.clone(),
            imports: linked.imports.iter().map(|import| import.within(&spec)).collect(),
            places: Places::new(spec.limits.concurrent_calls.value().min(linked.share)),
            limits: spec.limits.clone(),
            spec,
            linked,
            stats: Arc::default(),
            serial: LOADED.fetch_add(1, Ordering::Relaxed),
            missing,
            remote,
            cache: OnceLock::new(),
            egress: self.egress.clone(),
            http: OnceLock::new(),
            databases: OnceLock::new(),
        })
    }
}

/// Without settings, cache and caller: what a plugin says of itself depends on nothing else.
async fn list_tools(
    engine: Engine,
    id: PluginId,
    prepared: Prepared,
    limits: CallLimits,
) -> Result<Vec<ToolDescription>, LoadError> {
    let deadline = Instant::now() + limits.deadline.duration();
    let context = CallContext { id: "load".to_owned(), ..CallContext::default() };
    let mut store = store::open(&engine, id.as_str(), &limits, Reach::default(), context, deadline)
        .map_err(|error| LoadError::Internal(error.to_string()))?;
    let answer = tokio::time::timeout_at(deadline, prepared.list_tools(&mut store)).await;
    store.data().output.log(id.as_str(), "load");
    match answer {
        Err(_elapsed) => {
            let hit = LimitHit::new(cofferdam_policy::LimitKind::Deadline, &limits);
            Err(LoadError::ListTools(CallError::Limit(hit)))
        }
        Ok(Err(error)) => Err(mistyped(&error)
            .unwrap_or_else(|| LoadError::ListTools(outcome::classify(&error, &store, &limits)))),
        Ok(Ok(Err(refusal))) => {
            Err(LoadError::Refuses(cofferdam_capabilities::sanitize::line(&refusal, 400)))
        }
        Ok(Ok(Ok(described))) => Ok(described),
    }
}

/// Whether an export has another type than ours: the engine compares them at the first instantiation.
fn mistyped(error: &wasmtime::Error) -> Option<LoadError> {
    let text = format!("{error:#}");
    let (_, difference) = text.split_once("failed to convert function to given type: ")?;
    Some(LoadError::Types(cofferdam_capabilities::sanitize::line(difference, 400)))
}

//! A plugin that is loaded: checked, immutable, ready to be called.

use std::sync::{Arc, OnceLock};

use cofferdam_capabilities::{
    CacheService, DatabaseSpec, HttpBudget, HttpService, PluginDatabases, PluginHttp, Settings,
    cache::remote::RemoteSpace, http::Bound,
};
use cofferdam_policy::{
    CacheLimits, CallLimits, HttpGrant, HttpLimits, Namespace, PluginId, PublicName, ToolName,
    units::Quantity as _,
};

use crate::{
    content::{Hints, Icon, JsonObject, TaskSupport},
    error::NotGranted,
    imports::Import,
    load::Linked,
    pace::Pace,
    places::Places,
    schema::Schema,
    state::{HttpReach, Reach},
    stats::Stats,
};

/// What the operator's file says of one plugin; a plugin without an entry gets the defaults.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PluginSpec {
    /// What stands before its tools' names; none: the plugin's id.
    pub namespace: Option<Namespace>,
    /// What its calls may use.
    pub limits: CallLimits,
    /// What its cache may hold. Another quota is another cache, which starts empty.
    pub cache: CacheLimits,
    /// Which requests it may send over HTTP; none: it is not loaded if it wants to send any.
    pub http: Option<HttpGrant>,
    /// Headers that the host adds to them, line by line.
    pub http_bound: Bound,
    /// What it may use of the network.
    pub http_limits: HttpLimits,
    /// Which databases it has, and what it may use of them.
    pub databases: DatabaseSpec,
    /// What it can read through `config`.
    pub settings: Arc<Settings>,
}

impl PluginSpec {
    /// Whether it reaches the same in the same way.
    pub(crate) fn reaches_the_same(&self, other: &Self) -> bool {
        self.http == other.http
            && self.http_bound == other.http_bound
            && self.http_limits == other.http_limits
    }
}

/// One loaded plugin. What runs is what was checked: nothing in here changes any more.
pub struct Plugin {
    /// Its id: the stem of its file.
    pub id: PluginId,
    /// SHA-256 of the component's bytes, in hexadecimal.
    pub digest: String,
    /// Size of the component in bytes.
    pub size: u64,
    /// The version of the plugin ABI that it was built against.
    pub abi: String,
    /// What it asks the host for.
    pub imports: Vec<Import>,
    /// Its tools, sorted by name.
    pub tools: Vec<Arc<Tool>>,
    /// What its calls may use.
    pub limits: CallLimits,
    /// What it wants and wasn't granted; a runtime that serves has no such plugin.
    pub missing: Option<NotGranted>,
    /// Tells it from every other plugin, version and policy of this process.
    pub(crate) serial: u64,
    /// What the operator said of it when it was loaded.
    pub(crate) spec: PluginSpec,
    /// The code, for another load under another spec.
    pub(crate) linked: Linked,
    pub(crate) places: Places,
    /// Its versions' too.
    pub(crate) stats: Arc<Stats>,
    /// What is behind its cache.
    pub(crate) remote: Option<RemoteSpace>,
    /// Its versions' too, from when it is published.
    pub(crate) cache: OnceLock<CacheService>,
    /// The host's way out.
    pub(crate) egress: HttpService,
    /// The plugin's, from its first call on; its versions' too, as long as it may reach the same.
    pub(crate) http: OnceLock<Arc<PluginHttp>>,
    /// Its versions' too, under the same policy.
    pub(crate) databases: OnceLock<PluginDatabases>,
}

impl Plugin {
    /// What it keeps from call to call.
    pub(crate) fn cache(&self) -> &CacheService {
        self.cache.get_or_init(|| CacheService::before(self.remote.clone(), self.spec.cache.clone()))
    }

    /// What its calls may reach.
    pub(crate) fn reach(&self) -> Reach {
        Reach {
            settings: Arc::clone(&self.spec.settings),
            cache: Some(self.cache().clone()),
            http: self.http(),
            databases: Some(self.databases().clone()),
        }
    }

    /// Has the roles of its databases looked at, once under each policy, beside everything else.
    pub(crate) fn look_at_roles(&self) {
        if self.databases.get().is_some() || !self.imports.iter().any(Import::is_database) {
            return;
        }
        // Without a runtime around, there is nobody to do it; a call has one.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let databases = self.databases().clone();
            runtime.spawn(async move { databases.look_at_roles().await });
        }
    }

    fn databases(&self) -> &PluginDatabases {
        self.databases.get_or_init(|| PluginDatabases::new(self.id.clone(), self.spec.databases.clone()))
    }

    /// Its way out, with the whole budget of a call.
    fn http(&self) -> Option<HttpReach> {
        let PluginSpec { http, http_bound, http_limits, .. } = &self.spec;
        let grant = http.as_ref()?;
        let make =
            || Arc::new(self.egress.plugin_with(grant.clone(), http_bound.clone(), http_limits.clone()));
        let http = Arc::clone(self.http.get_or_init(make));
        let budget = HttpBudget::new(http_limits).answering(self.limits.host_call_bytes.value());
        Some(HttpReach { http, budget: Arc::new(budget) })
    }

    /// Goes on with the cache and the connections of the version that it takes the place of, as far as it may do the
    /// same.
    pub(crate) fn inherit(&self, before: &Self) {
        if let Some(http) = before.http.get().filter(|_| self.spec.reaches_the_same(&before.spec)) {
            let http = Arc::clone(http);
            self.http.get_or_init(|| http);
        }
        if self.spec.databases == before.spec.databases {
            let databases = before.databases().clone();
            self.databases.get_or_init(|| databases);
        }
        if self.spec.cache == before.spec.cache {
            // Taken first: the two may be one and the same.
            let cache = before.cache().clone();
            self.cache.get_or_init(|| cache);
        }
    }
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plugin").field("id", &self.id).field("digest", &self.digest).finish_non_exhaustive()
    }
}

/// One tool of a loaded plugin: its description checked, its schemas compiled.
#[derive(Debug)]
pub struct Tool {
    /// The name by which clients see it.
    pub public_name: PublicName,
    /// Its name within the plugin.
    pub name: ToolName,
    /// A name for people.
    pub title: Option<String>,
    /// What it does and when to use it.
    pub description: String,
    /// Of its arguments.
    pub input: Schema,
    /// Of its structured result.
    pub output: Option<Schema>,
    /// What it says of its behaviour.
    pub hints: Hints,
    /// Pictures for it.
    pub icons: Vec<Icon>,
    /// `_meta`.
    pub meta: Option<JsonObject>,
    /// Whether it may run as a task.
    pub task: TaskSupport,
    /// Scopes that the caller's token must have.
    pub required_scopes: Vec<String>,
    /// How many milliseconds a result may be reused.
    pub cache_ms: Option<u64>,
    /// Grants that it would like.
    pub wants: Vec<String>,
    pub(crate) pace: Pace,
}

impl Tool {
    /// Whether clients see the same tool.
    pub(crate) fn shows_the_same(&self, other: &Self) -> bool {
        let shown = |tool: &Self| {
            let output = tool.output.as_ref().map(|schema| Arc::clone(schema.source()));
            (Arc::clone(tool.input.source()), output)
        };
        self.public_name == other.public_name
            && self.title == other.title
            && self.description == other.description
            && self.hints == other.hints
            && self.icons == other.icons
            && self.meta == other.meta
            && self.task == other.task
            && shown(self) == shown(other)
    }
}

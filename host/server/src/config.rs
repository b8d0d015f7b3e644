//! The operator's policy: `cofferdam.toml`, the environment, and the flags of the command.
//!
//! One file is the policy: the first that exists of `--config FILE` or `COFFERDAM_CONFIG`, `./cofferdam.toml`,
//! `$XDG_CONFIG_HOME/cofferdam/cofferdam.toml` (`~/.config`), `/etc/cofferdam/cofferdam.toml`.
//! Files are not merged: what an operator reads in one file is what holds.
//! A flag goes before the environment, the environment before the file, the file before the defaults.
//!
//! What can be written ([`written`]) and what it means ([`Config`]) are two types: a [`Config`] that exists is
//! valid. Each value is checked alone at the place where it was written, so that all mistakes are shown at once,
//! and then all of them together. Nothing here starts anything or looks at plugins.

mod bounds;
mod check;
mod databases;
pub(crate) mod edit;
mod effective;
mod environment;
mod find;
mod flags;
mod http;
mod leaf;
mod names;
mod origin;
mod resolve;
mod schema;
mod secrets;
mod settings;
mod trust;
mod written;

use std::{
    collections::BTreeMap,
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use cofferdam_policy::{
    CacheLimits, CallLimits, DatabaseGrant, DatabaseLimits, HttpLimits, Label, LoadLimits, Namespace,
    PluginId,
};
use cofferdam_runtime::{
    PluginSpec, RuntimeConfig,
    capabilities::{DatabaseSpec, Secret, Settings, cache::remote::RemoteConfig, database::DatabaseUrl},
    compile::{CacheConfig, CompileConfig, CompileLimits, Program},
};

pub(crate) use self::{
    effective::Effective,
    flags::Flag,
    http::HttpAccess,
    origin::Origin,
    schema::text as schema_text,
    written::{Level, LogFormat},
};
use crate::{cli, diagnostic::Diagnostic, mcp::meta};

/// The operator's policy, valid and complete.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// The file that it is written in, if there is one.
    pub(crate) file: Option<PathBuf>,
    /// The directory of the plugins, absolute.
    pub(crate) plugins_dir: PathBuf,
    /// The directory of the plugins' own databases, absolute.
    pub(crate) data_dir: PathBuf,
    /// How clients reach the host.
    pub(crate) server: Server,
    /// What the host says of itself.
    pub(crate) log: Log,
    /// What a call may use, if its plugin has no limits of its own.
    pub(crate) limits: CallLimits,
    /// What the cache of a plugin may hold, if it has no quota of its own.
    pub(crate) cache: CacheLimits,
    /// What is behind the caches.
    pub(crate) remote_cache: RemoteCache,
    /// What a plugin may use of the network, if it has no limits of its own.
    pub(crate) http_limits: HttpLimits,
    /// Values that plugins never see, by their names.
    pub(crate) secrets: BTreeMap<String, Secret>,
    /// Where this host itself listens: no plugin reaches it. Known once it does.
    pub(crate) own: Vec<SocketAddr>,
    /// What a plugin may use of each of its databases, if it has no limits of its own.
    pub(crate) database_limits: DatabaseLimits,
    /// The databases that plugins can be granted.
    pub(crate) databases: Arc<BTreeMap<Label, DatabaseUrl>>,
    /// How many plugins there may be, and what a file may be.
    pub(crate) load: LoadLimits,
    /// How plugins are compiled, and where the result is kept.
    pub(crate) compile: Compile,
    /// Where the running host answers the commands that look after it.
    pub(crate) admin: Admin,
    /// Which plugins are served. Followed while the host runs, as what is said of each plugin is.
    pub(crate) trust: Trust,
    /// The plugins that the operator says something about.
    pub(crate) plugins: BTreeMap<PluginId, PluginEntry>,
    /// What was written, by path, for [`Config::effective`].
    given: Vec<(Vec<String>, toml::Value, Origin)>,
    /// What it was made of, for [`Config::again`].
    source: Arc<Given>,
}

/// How clients reach the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    /// Where it listens.
    pub(crate) http: SocketAddr,
    /// Whether that may be an address that other machines reach.
    pub(crate) allow_remote: bool,
    /// Hosts by which it may be addressed, in addition to loopback names.
    pub(crate) allowed_hosts: Vec<String>,
    /// Origins of web pages, in addition to those of this machine; the port may be `*`.
    pub(crate) allowed_origins: Vec<String>,
    /// Calls that run at the same time.
    pub(crate) concurrent_calls: u32,
    /// Bytes of one request's body.
    pub(crate) max_body: usize,
    /// Tools in one page of a list.
    pub(crate) page_size: usize,
    /// How long clients may reuse a list; zero: not at all.
    pub(crate) list_ttl: Duration,
    /// How often a client hears of a call that is still running.
    pub(crate) heartbeat: Duration,
    /// How long running calls get to end at shutdown.
    pub(crate) shutdown_grace: Duration,
    /// How long a session is kept without a request.
    pub(crate) session_idle: Duration,
    /// Whether results carry what the call used.
    pub(crate) usage_meta: bool,
    /// Whether clients get tools that find and call the others.
    pub(crate) meta_tools: bool,
}

/// What the host says of itself, on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Log {
    /// The least severe messages.
    pub(crate) level: Level,
    /// What a line looks like.
    pub(crate) format: LogFormat,
}

/// How plugins are compiled, and where the result is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Compile {
    /// Address space of one compilation, in bytes.
    pub(crate) memory: u64,
    /// Processor time of one compilation.
    pub(crate) cpu: Duration,
    /// Wall-clock time of one compilation.
    pub(crate) deadline: Duration,
    /// Compilations at the same time.
    pub(crate) at_once: u32,
    /// Where what was compiled is kept, absolute; none: nowhere.
    pub(crate) cache_dir: Option<PathBuf>,
    /// Bytes that are kept at most.
    pub(crate) cache_size: u64,
}

impl Compile {
    /// By processes of this very program, even if its file was replaced since it started.
    fn runtime(&self) -> CompileConfig {
        CompileConfig {
            program: Some(Program {
                path: "/proc/self/exe".into(),
                arguments: vec![cli::COMPILE.to_owned()],
            }),
            limits: CompileLimits {
                memory: self.memory,
                cpu: self.cpu,
                deadline: self.deadline,
                at_once: self.at_once,
            },
            cache: self
                .cache_dir
                .as_ref()
                .map(|directory| CacheConfig { directory: directory.clone(), size: self.cache_size }),
        }
    }
}

/// What is behind the plugins' caches.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RemoteCache {
    /// Where the Redis is, credentials included; none: there is none.
    pub(crate) url: Option<String>,
    /// How long a value in memory is taken for what is there.
    pub(crate) stale: Duration,
    /// How long an answer may take.
    pub(crate) timeout: Duration,
    /// What all keys start with.
    pub(crate) prefix: String,
}

/// Without the address, which may hold a password.
impl fmt::Debug for RemoteCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteCache").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl RemoteCache {
    /// For the runtime; none if there is none.
    fn runtime(&self) -> Option<RemoteConfig> {
        Some(RemoteConfig {
            url: self.url.clone()?,
            stale: self.stale,
            timeout: self.timeout,
            prefix: self.prefix.clone(),
        })
    }
}

/// Where the running host answers the commands that look after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Admin {
    /// Whether it does.
    pub(crate) enabled: bool,
    /// The socket, absolute; none: where the program chooses.
    pub(crate) socket: Option<PathBuf>,
}

/// Which plugins are served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Every one in the directory.
    Open,
    /// Those that are as [`Config::lock_file`] records them.
    Lock,
    /// Those that one of these public keys signed; each is a valid one of minisign.
    Signed(Vec<String>),
}

/// What the operator says about one plugin.
#[derive(Debug, Clone)]
pub(crate) struct PluginEntry {
    /// What stands before its tools' names; none: its id.
    pub(crate) namespace: Option<Namespace>,
    /// Whether it is loaded.
    pub(crate) enabled: bool,
    /// What its calls may use.
    pub(crate) limits: CallLimits,
    /// What its cache may hold.
    pub(crate) cache: CacheLimits,
    /// What it may reach over HTTP.
    pub(crate) http: HttpAccess,
    /// What it may use of the network.
    pub(crate) http_limits: HttpLimits,
    /// Which databases it may open.
    pub(crate) databases: DatabaseGrant,
    /// What it may use of each.
    pub(crate) database_limits: DatabaseLimits,
    /// What it reads as its settings.
    pub(crate) settings: Arc<Settings>,
}

/// Everything that a configuration is made of, as data: so that it can be made anywhere, tests included.
#[derive(Debug, Clone, Default)]
pub(crate) struct Given {
    /// `--config FILE`.
    pub(crate) file: Option<PathBuf>,
    /// What the file holds, in place of what is on the disk.
    pub(crate) text: Option<String>,
    /// The environment.
    pub(crate) environment: Vec<(String, String)>,
    /// The flags that set keys.
    pub(crate) flags: Vec<Flag>,
    /// The working directory.
    pub(crate) directory: PathBuf,
    /// The directory of the machine's own configuration: `/etc`.
    pub(crate) system: PathBuf,
    /// Whether secrets stay where they are, since nothing will be sent: who asks what a host does needn't have them.
    pub(crate) without_secrets: bool,
}

impl Given {
    /// From this process.
    ///
    /// # Errors
    /// If there is no working directory.
    pub(crate) fn here(file: Option<PathBuf>, flags: Vec<Flag>) -> std::io::Result<Self> {
        let text = |value: std::ffi::OsString| value.to_string_lossy().into_owned();
        let mut environment: Vec<_> =
            std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect();
        environment.sort();
        Ok(Self {
            file,
            text: None,
            environment,
            flags,
            directory: std::env::current_dir()?,
            system: "/etc".into(),
            without_secrets: false,
        })
    }

    /// A variable of the environment that is set and not empty.
    fn variable(&self, name: &str) -> Option<&str> {
        let found = self.environment.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// A directory that a variable names; a relative one names nothing, as the XDG specification has it.
    fn directory_in(&self, name: &str) -> Option<PathBuf> {
        self.variable(name).map(PathBuf::from).filter(|path| path.is_absolute())
    }

    /// Where what can be made again is kept, if the file names no other place.
    fn cache_dir(&self) -> Option<PathBuf> {
        let home = || Some(self.directory_in("HOME")?.join(".cache"));
        Some(self.directory_in("XDG_CACHE_HOME").or_else(home)?.join("cofferdam"))
    }
}

/// A configuration that doesn't hold: every mistake in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rejected(pub(crate) Vec<Diagnostic>);

impl Rejected {
    /// All mistakes as the compiler would show them; in colour for a terminal.
    #[must_use]
    pub(crate) fn render(&self, colour: bool) -> String {
        let shown: Vec<_> = self.0.iter().map(|mistake| mistake.render(colour)).collect();
        shown.join("\n\n")
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Rejected {}

impl Config {
    /// Finds the file, reads all sources, checks everything.
    ///
    /// # Errors
    /// [`Rejected`] with every mistake that was found.
    pub(crate) fn load(given: &Given) -> Result<Self, Rejected> {
        let mut config = check::load(given).map_err(Rejected)?;
        config.source = Arc::new(given.clone());
        Ok(config)
    }

    /// Reads the same file again, with the environment and the flags of the start.
    ///
    /// # Errors
    /// [`Rejected`] with every mistake that was found.
    pub(crate) fn again(&self) -> Result<Self, Rejected> {
        let again = Self::load(&Given { file: self.file.clone(), ..(*self.source).clone() })?;
        Ok(Self { own: self.own.clone(), ..again })
    }

    /// The file that it is written in, or the one that would be found first.
    #[must_use]
    pub(crate) fn file_to_come(&self) -> PathBuf {
        self.file.clone().unwrap_or_else(|| self.source.directory.join("cofferdam.toml"))
    }

    /// The configuration as it would be if the file held `text`. Nothing is written.
    ///
    /// # Errors
    /// [`Rejected`] with every mistake that was found.
    pub(crate) fn if_written(&self, file: &Path, text: &str) -> Result<Self, Rejected> {
        let given = Given { file: Some(file.to_owned()), ..(*self.source).clone() };
        Self::load(&Given { text: Some(text.to_owned()), ..given })
    }

    /// Whether something differs from `running` that only a restart brings into force.
    #[must_use]
    pub(crate) fn needs_restart(&self, running: &Self) -> bool {
        self.plugins_dir != running.plugins_dir
            || self.server != running.server
            || self.log != running.log
            || self.load != running.load
            || self.compile != running.compile
            || self.admin != running.admin
            || self.remote_cache != running.remote_cache
    }

    /// Where the lock of the plugins is kept: beside the file, or in the working directory if there is none.
    #[must_use]
    pub(crate) fn lock_file(&self) -> PathBuf {
        let file = self.file.as_ref().map(|file| self.source.directory.join(file));
        let directory = file.as_deref().and_then(Path::parent).unwrap_or(&self.source.directory);
        directory.join("cofferdam.lock")
    }

    /// What the operator says of this plugin, or the defaults.
    #[must_use]
    pub(crate) fn plugin_spec(&self, id: &PluginId) -> PluginSpec {
        match self.plugins.get(id) {
            None => PluginSpec {
                limits: self.limits.clone(),
                cache: self.cache.clone(),
                http_limits: self.http_limits.clone(),
                databases: self.databases_of(DatabaseGrant::default(), &self.database_limits),
                ..PluginSpec::default()
            },
            Some(entry) => PluginSpec {
                namespace: entry.namespace.clone(),
                limits: entry.limits.clone(),
                cache: entry.cache.clone(),
                http: entry.http.grant(id, &self.own),
                http_bound: entry.http.bound(),
                http_limits: entry.http_limits.clone(),
                databases: self.databases_of(entry.databases.clone(), &entry.database_limits),
                settings: Arc::clone(&entry.settings),
            },
        }
    }

    /// What a plugin with this grant has of databases. Of the operator's it learns only those: a change of another one
    /// is no change for it.
    fn databases_of(&self, grant: DatabaseGrant, limits: &DatabaseLimits) -> DatabaseSpec {
        let granted = grant
            .labels()
            .filter_map(|(label, _)| self.databases.get(label).map(|url| (label.clone(), url.clone())));
        DatabaseSpec {
            data_dir: Some(self.data_dir.clone()),
            shared: Arc::new(granted.collect()),
            limits: limits.clone(),
            grant,
        }
    }

    /// Whether the operator wants this plugin loaded.
    #[must_use]
    pub(crate) fn is_enabled(&self, id: &PluginId) -> bool {
        self.plugins.get(id).is_none_or(|entry| entry.enabled)
    }

    /// Whether only what was approved comes into service.
    #[must_use]
    pub(crate) fn is_locked(&self) -> bool {
        self.trust == Trust::Lock
    }

    /// Who gave the value at this path.
    #[must_use]
    pub(crate) fn origin(&self, path: &[&str]) -> Origin {
        let found = self.given.iter().find(|(given, ..)| given.iter().eq(path.iter()));
        found.map_or(Origin::Default, |(.., origin)| origin.clone())
    }

    /// What the runtime as a whole may use.
    #[must_use]
    pub(crate) fn runtime(&self) -> RuntimeConfig {
        let reserved = if self.server.meta_tools { &meta::NAMES[..] } else { &[] };
        RuntimeConfig {
            concurrent_calls: self.server.concurrent_calls,
            load: self.load.clone(),
            compile: self.compile.runtime(),
            look_only: false,
            cache: self.remote_cache.runtime(),
            reserved: reserved.iter().map(|name| (*name).to_owned()).collect(),
            http: None,
        }
    }
}

/// The one of `known` that `text` was probably meant to be.
pub(crate) fn nearest<'a>(text: &str, known: &[&'a str]) -> Option<&'a str> {
    let distance = |known: &&&str| strsim::damerau_levenshtein(text, known);
    let best = known.iter().min_by_key(distance)?;
    let close = distance(&best) <= (text.chars().count().div_ceil(3)).clamp(1, 5);
    close.then_some(*best)
}

#[cfg(test)]
mod tests;

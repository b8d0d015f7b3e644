//! From what was written to what was meant: names parsed, bounds checked, limits merged.
//!
//! Defaults of everything but the limits are listed here; those of the limits in `cofferdam_policy`.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    os::unix,
    path::PathBuf,
    sync::Arc,
};

use cofferdam_policy::{
    CacheLimits, CallLimits, HttpLimits, HttpLimitsConfig, LimitsConfig, LoadLimits, Namespace, PluginId,
    limits::{CacheLimitsConfig, LimitError, LoadLimitsConfig},
};
use cofferdam_runtime::capabilities::{Secret, Settings};

use super::{
    Admin, Compile, Config, Log, PluginEntry, RemoteCache, Server,
    bounds::{number, size, time},
    databases, http,
    names::{host, origin},
    secrets, settings, trust,
    written::{AdminTable, CacheTable, CompileTable, PluginTable, ServerTable, Written},
};

/// A value that can't be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// The key.
    pub(super) path: Vec<String>,
    /// Whether it is the key itself that is wrong, and not its value.
    pub(super) is_name: bool,
    /// What was expected, what was found.
    pub(super) label: String,
    /// What to do; none if the key's description says it.
    pub(super) help: Option<String>,
}

impl Fault {
    pub(super) fn new(path: &[&str], label: impl Into<String>) -> Self {
        let path = path.iter().map(|key| (*key).to_owned()).collect();
        Self { path, is_name: false, label: label.into(), help: None }
    }

    /// A key that is no name of what its table holds.
    pub(super) fn name(path: &[&str], label: impl Into<String>) -> Self {
        Self { is_name: true, ..Self::new(path, label) }
    }

    pub(super) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

/// What depends on where the program was started, and by whom.
#[derive(Debug, Default)]
pub(super) struct Defaults {
    /// The directory of the plugins.
    pub(super) plugins_dir: PathBuf,
    /// The directory of the compile cache.
    pub(super) cache_dir: Option<PathBuf>,
}

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// Where the host listens by default: on this machine only.
const HTTP: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 7331);

/// Everything but what no single value decides: see [`whole`].
pub(super) fn resolve(written: &Written, defaults: Defaults) -> Result<Config, Fault> {
    let limits = limits(&written.limits, &["limits"])?;
    secrets::check(&written.secrets)?;
    let mut plugins = BTreeMap::new();
    for (id, table) in &written.plugins.each {
        let path = ["plugins", id.as_str()];
        let parsed = PluginId::parse(id).map_err(|error| Fault::name(&path, error.to_string()).help(ID))?;
        plugins.insert(parsed, plugin(table, &path, written)?);
    }
    let plugins_dir =
        directory(&["plugins_dir"], written.plugins_dir.as_deref())?.unwrap_or(defaults.plugins_dir);
    let data_dir = directory(&["data_dir"], written.data_dir.as_deref())?;
    Ok(Config {
        file: None,
        data_dir: data_dir.unwrap_or_else(|| plugins_dir.with_file_name("cofferdam-data")),
        plugins_dir,
        server: server(&written.server)?,
        log: Log {
            level: written.log.level.unwrap_or_default(),
            format: written.log.format.unwrap_or_default(),
        },
        limits,
        cache: cache(&written.cache.limits, &["cache"])?,
        remote_cache: remote_cache(&written.cache)?,
        http_limits: http_limits(&written.http_limits, &["http_limits"])?,
        secrets: BTreeMap::new(),
        own: Vec::new(),
        database_limits: databases::limits(&written.database_limits, &["database_limits"])?,
        databases: Arc::new(databases::all(&written.databases, None)?),
        load: load(&written.load)?,
        compile: compile(&written.compile, defaults.cache_dir)?,
        admin: admin(&written.admin)?,
        trust: trust::trust(&written.plugins)?,
        plugins,
        given: Vec::new(),
        source: Arc::default(),
    })
}

const ID: &str = "a plugin's id is the name of its file without .wasm";

fn directory(key: &[&str], path: Option<&str>) -> Result<Option<PathBuf>, Fault> {
    match path {
        Some("") => Err(Fault::new(key, "expected the path of a directory, found nothing")),
        path => Ok(path.map(PathBuf::from)),
    }
}

fn server(table: &ServerTable) -> Result<Server, Fault> {
    let key = |key| ["server", key];
    let max_body = size(key("max_body"), table.max_body, 4 * MIB, KIB..=128 * MIB)?;
    Ok(Server {
        http: address(table)?,
        allow_remote: table.allow_remote.unwrap_or(false),
        allowed_hosts: each(key("allowed_hosts"), table.allowed_hosts.as_deref(), host)?,
        allowed_origins: each(key("allowed_origins"), table.allowed_origins.as_deref(), origin)?,
        concurrent_calls: number(key("concurrent_calls"), table.concurrent_calls, 256, 1..=4_096)?,
        max_body: usize::try_from(max_body).unwrap_or(usize::MAX),
        page_size: number(key("page_size"), table.page_size, 250, 1..=1_000)? as usize,
        list_ttl: time(key("list_ttl"), table.list_ttl, MINUTE, 0..=24 * HOUR)?,
        heartbeat: time(key("heartbeat"), table.heartbeat, 10 * SECOND, SECOND..=5 * MINUTE)?,
        shutdown_grace: time(key("shutdown_grace"), table.shutdown_grace, 10 * SECOND, 1..=10 * MINUTE)?,
        session_idle: time(key("session_idle"), table.session_idle, HOUR, 10 * SECOND..=168 * HOUR)?,
        usage_meta: table.usage_meta.unwrap_or(true),
        meta_tools: table.meta_tools.unwrap_or(false),
    })
}

fn compile(table: &CompileTable, default_cache: Option<PathBuf>) -> Result<Compile, Fault> {
    let key = |key| ["compile", key];
    let cache_dir = directory(&key("cache_dir"), table.cache_dir.as_deref())?.or(default_cache);
    Ok(Compile {
        memory: size(key("memory"), table.memory, 2 * GIB, 256 * MIB..=64 * GIB)?,
        cpu: time(key("cpu"), table.cpu, 30 * SECOND, SECOND..=10 * MINUTE)?,
        deadline: time(key("deadline"), table.deadline, MINUTE, SECOND..=10 * MINUTE)?,
        at_once: number(key("at_once"), table.at_once, 2, 1..=8)?,
        cache_dir: cache_dir.filter(|_| table.cache.unwrap_or(true)),
        cache_size: size(key("cache_size"), table.cache_size, 2 * GIB, 16 * MIB..=1024 * GIB)?,
    })
}

fn admin(table: &AdminTable) -> Result<Admin, Fault> {
    let wrong = |label: String| Err(Fault::new(&["admin", "socket"], label));
    match table.socket.as_deref() {
        Some("") => return wrong("expected the path of a socket, found nothing".to_owned()),
        Some(path) if unix::net::SocketAddr::from_pathname(path).is_err() => {
            return wrong(format!("expected a path that is short enough for a socket, found {path:?}"));
        }
        _ => {}
    }
    Ok(Admin { enabled: table.enabled.unwrap_or(true), socket: table.socket.as_deref().map(PathBuf::from) })
}

fn address(table: &ServerTable) -> Result<SocketAddr, Fault> {
    let Some(text) = table.http.as_deref() else { return Ok(HTTP) };
    let local = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    local.as_deref().unwrap_or(text).parse().map_err(|_| {
        Fault::new(&["server", "http"], format!("expected an IP address and a port, found {text:?}"))
            .help("write it as \"127.0.0.1:7331\" or \"[::1]:7331\"")
    })
}

fn each(
    key: [&str; 2],
    items: Option<&[String]>,
    check: impl Fn(&str) -> Result<(), String>,
) -> Result<Vec<String>, Fault> {
    let items = items.unwrap_or_default();
    for item in items {
        check(item).map_err(|wrong| Fault::new(&key, format!("{wrong}, found {item:?}")))?;
    }
    Ok(items.to_vec())
}

fn remote_cache(table: &CacheTable) -> Result<RemoteCache, Fault> {
    let key = |key| ["cache", key];
    let prefix = table.prefix.as_deref().unwrap_or("cofferdam");
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.');
    if !(1..=64).contains(&prefix.len()) || !prefix.chars().all(is_plain) {
        let label = format!("expected 1 to 64 letters, digits, and any of `-_:.`, found {prefix:?}");
        return Err(Fault::new(&key("prefix"), label));
    }
    let remote = RemoteCache {
        url: table.url.as_deref().map(|url| redis(url, None)).transpose()?,
        stale: time(key("stale"), table.stale, 5 * SECOND, 0..=HOUR)?,
        timeout: time(key("timeout"), table.timeout, 50, 1..=10 * SECOND)?,
        prefix: prefix.to_owned(),
    };
    match remote.runtime().map(|config| config.check()) {
        Some(Err(error)) => Err(Fault::new(&key("url"), error.to_string())),
        Some(Ok(())) | None => Ok(remote),
    }
}

/// Where the Redis is. Without `secrets` the shape of it alone is checked.
pub(super) fn redis(url: &str, secrets: Option<&BTreeMap<String, Secret>>) -> Result<String, Fault> {
    let address = secrets::address(url, secrets, "redis://secret");
    address.map(|url| url.to_string()).map_err(|label| Fault::new(&["cache", "url"], label))
}

fn limits(config: &LimitsConfig, path: &[&str]) -> Result<CallLimits, Fault> {
    CallLimits::default().with(config).map_err(|error| limit(path, &error))
}

fn load(config: &LoadLimitsConfig) -> Result<LoadLimits, Fault> {
    LoadLimits::default().with(config).map_err(|error| limit(&["load"], &error))
}

fn cache(config: &CacheLimitsConfig, path: &[&str]) -> Result<CacheLimits, Fault> {
    CacheLimits::default().with(config).map_err(|error| limit(path, &error))
}

fn http_limits(config: &HttpLimitsConfig, path: &[&str]) -> Result<HttpLimits, Fault> {
    HttpLimits::default().with(config).map_err(|error| limit(path, &error))
}

pub(super) fn limit(path: &[&str], error: &LimitError) -> Fault {
    let path: Vec<_> = path.iter().copied().chain([error.key]).collect();
    Fault::new(&path, error.to_string())
}

fn plugin(table: &PluginTable, path: &[&str; 2], file: &Written) -> Result<PluginEntry, Fault> {
    let [plugins, id] = *path;
    let namespace = table.namespace.as_deref().map(Namespace::parse).transpose();
    let namespace = namespace.map_err(|error| Fault::new(&[plugins, id, "namespace"], error.to_string()))?;
    let config = settings::json(&table.config);
    let config = config.map_err(|wrong| Fault::new(&[plugins, id, "config"], wrong))?;
    Ok(PluginEntry {
        namespace,
        enabled: table.enabled.unwrap_or(true),
        limits: limits(&file.limits.overlaid(&table.limits), &[plugins, id, "limits"])?,
        cache: cache(&file.cache.limits.overlaid(&table.cache), &[plugins, id, "cache"])?,
        http: http::access(table, *path)?,
        http_limits: http_limits(
            &file.http_limits.overlaid(&table.http_limits),
            &[plugins, id, "http_limits"],
        )?,
        databases: databases::grant(&table.databases, id)?,
        database_limits: databases::limits(
            &file.database_limits.overlaid(&table.database_limits),
            &[plugins, id, "database_limits"],
        )?,
        settings: Arc::new(Settings::new(config)),
    })
}

/// What no single value decides: who can reach the host, whose plugins it serves, and which databases there are.
pub(super) fn whole(config: &Config) -> Result<(), Fault> {
    reachable(&config.server)?;
    databases::whole(config)?;
    trust::whole(&config.trust)
}

fn reachable(server: &Server) -> Result<(), Fault> {
    if server.http.ip().is_loopback() {
        return Ok(());
    }
    if !server.allow_remote {
        let label = format!("other machines can reach {}, and `server.allow_remote` is false", server.http);
        return Err(Fault::new(&["server", "http"], label).help(
            "listen on 127.0.0.1, or set `server.allow_remote = true` (flag --allow-remote) and \
             `server.allowed_hosts`: there is no authentication yet, so whoever reaches it may call every tool",
        ));
    }
    if server.allowed_hosts.is_empty() {
        let label = format!("clients can't address {} by any name", server.http);
        return Err(Fault::new(&["server", "http"], label).help(
            "set `server.allowed_hosts` to the names and addresses that clients use, such as [\"tools.example.com\"]",
        ));
    }
    Ok(())
}

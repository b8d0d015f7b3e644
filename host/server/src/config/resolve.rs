//! From what was written to what was meant: names parsed, bounds checked, limits merged.
//!
//! Defaults of everything but the limits are listed here; those of the limits in `cofferdam_policy`.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use cofferdam_policy::{
    CallLimits, LimitsConfig, LoadLimits, Namespace, PluginId,
    limits::{LimitError, LoadLimitsConfig},
    units::{Bytes, Count, Millis, Quantity},
};
use cofferdam_runtime::capabilities::Settings;

use super::{
    Config, Log, PluginEntry, Server,
    names::{host, origin},
    settings,
    written::{PluginTable, ServerTable, Written},
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
    fn name(path: &[&str], label: impl Into<String>) -> Self {
        Self { is_name: true, ..Self::new(path, label) }
    }

    pub(super) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

const SECOND: u64 = 1_000;
const HOUR: u64 = 3_600 * SECOND;

/// Where the host listens by default: on this machine only.
const HTTP: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 7331);

/// Everything but what no single value decides: see [`whole`].
pub(super) fn resolve(written: &Written, default_plugins: PathBuf) -> Result<Config, Fault> {
    let limits = limits(&written.limits, &["limits"])?;
    let mut plugins = std::collections::BTreeMap::new();
    for (id, table) in &written.plugins {
        let path = ["plugins", id.as_str()];
        let parsed = PluginId::parse(id).map_err(|error| Fault::name(&path, error.to_string()).help(ID))?;
        plugins.insert(parsed, plugin(table, &path, &written.limits)?);
    }
    Ok(Config {
        file: None,
        plugins_dir: plugins_dir(written, default_plugins)?,
        server: server(&written.server)?,
        log: Log {
            level: written.log.level.unwrap_or_default(),
            format: written.log.format.unwrap_or_default(),
        },
        limits,
        load: load(&written.load)?,
        plugins,
        given: Vec::new(),
        source: Arc::default(),
    })
}

const ID: &str = "a plugin's id is the name of its file without .wasm";

fn plugins_dir(written: &Written, default: PathBuf) -> Result<PathBuf, Fault> {
    match written.plugins_dir.as_deref() {
        None => Ok(default),
        Some("") => Err(Fault::new(&["plugins_dir"], "expected the path of a directory, found nothing")),
        Some(path) => Ok(PathBuf::from(path)),
    }
}

fn server(table: &ServerTable) -> Result<Server, Fault> {
    Ok(Server {
        http: address(table)?,
        allow_remote: table.allow_remote.unwrap_or(false),
        allowed_hosts: each("allowed_hosts", table.allowed_hosts.as_deref(), host)?,
        allowed_origins: each("allowed_origins", table.allowed_origins.as_deref(), origin)?,
        concurrent_calls: number("concurrent_calls", table.concurrent_calls, 256, 4_096)?,
        max_body: size("max_body", table.max_body, 4 << 20, 1 << 10, 128 << 20)?,
        page_size: number("page_size", table.page_size, 250, 1_000)? as usize,
        list_ttl: time("list_ttl", table.list_ttl, 60 * SECOND, 0, 24 * HOUR)?,
        heartbeat: time("heartbeat", table.heartbeat, 10 * SECOND, SECOND, 300 * SECOND)?,
        shutdown_grace: time("shutdown_grace", table.shutdown_grace, 10 * SECOND, 1, 600 * SECOND)?,
        session_idle: time("session_idle", table.session_idle, HOUR, 10 * SECOND, 168 * HOUR)?,
        usage_meta: table.usage_meta.unwrap_or(true),
    })
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
    key: &str,
    items: Option<&[String]>,
    check: impl Fn(&str) -> Result<(), String>,
) -> Result<Vec<String>, Fault> {
    let items = items.unwrap_or_default();
    for item in items {
        check(item).map_err(|wrong| Fault::new(&["server", key], format!("{wrong}, found {item:?}")))?;
    }
    Ok(items.to_vec())
}

fn number(key: &str, value: Option<u32>, default: u32, max: u32) -> Result<u32, Fault> {
    let value = Count::of(value.unwrap_or(default).into());
    let found = within(key, value, 1, max.into())?;
    Ok(u32::try_from(found.value()).unwrap_or(max))
}

fn size(key: &str, value: Option<Bytes>, default: u64, min: u64, max: u64) -> Result<usize, Fault> {
    let found = within(key, value.unwrap_or(Bytes::of(default)), min, max)?;
    Ok(usize::try_from(found.value()).unwrap_or(usize::MAX))
}

fn time(key: &str, value: Option<Millis>, default: u64, min: u64, max: u64) -> Result<Duration, Fault> {
    within(key, value.unwrap_or(Millis::of(default)), min, max).map(Millis::duration)
}

fn within<Q: Quantity>(key: &str, value: Q, min: u64, max: u64) -> Result<Q, Fault> {
    if (min..=max).contains(&value.value()) {
        return Ok(value);
    }
    let label = format!("expected {} to {}, found {value}", Q::of(min), Q::of(max));
    Err(Fault::new(&["server", key], label))
}

fn limits(config: &LimitsConfig, path: &[&str]) -> Result<CallLimits, Fault> {
    CallLimits::default().with(config).map_err(|error| limit(path, &error))
}

fn load(config: &LoadLimitsConfig) -> Result<LoadLimits, Fault> {
    LoadLimits::default().with(config).map_err(|error| limit(&["load"], &error))
}

fn limit(path: &[&str], error: &LimitError) -> Fault {
    let path: Vec<_> = path.iter().copied().chain([error.key]).collect();
    Fault::new(&path, error.to_string())
}

fn plugin(table: &PluginTable, path: &[&str; 2], file: &LimitsConfig) -> Result<PluginEntry, Fault> {
    let [plugins, id] = *path;
    let namespace = table.namespace.as_deref().map(Namespace::parse).transpose();
    let namespace = namespace.map_err(|error| Fault::new(&[plugins, id, "namespace"], error.to_string()))?;
    let config = settings::json(&table.config);
    let config = config.map_err(|wrong| Fault::new(&[plugins, id, "config"], wrong))?;
    Ok(PluginEntry {
        namespace,
        enabled: table.enabled.unwrap_or(true),
        limits: limits(&file.overlaid(&table.limits), &[plugins, id, "limits"])?,
        settings: Arc::new(Settings::new(config)),
    })
}

/// What no single value decides: who can reach the host.
pub(super) fn whole(config: &Config) -> Result<(), Fault> {
    let server = &config.server;
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

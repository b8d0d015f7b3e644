//! The policy as it holds, value by value, each with its origin: for `config show`.

use std::{collections::BTreeMap, path::Path, time::Duration};

use cofferdam_policy::{
    HttpLimitsConfig, LimitsConfig,
    limits::{CacheLimitsConfig, DatabaseLimitsConfig, LoadLimitsConfig},
    units::{Bytes, Millis, Quantity},
};

use super::{
    Compile, Config, Origin, Server, Trust, databases, trust,
    written::{
        AdminTable, CacheTable, CompileTable, LogTable, PluginsTable, ServerTable, TrustMode, Written,
    },
};

/// One value that holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Effective {
    /// Its keys from the root on.
    pub(crate) path: Vec<String>,
    /// The value.
    pub(crate) value: toml::Value,
    /// Who gave it.
    pub(crate) origin: Origin,
}

impl Config {
    /// Every value that holds, defaults included, in the order of the file's tables. Of a single plugin and of
    /// secrets only what was written.
    #[must_use]
    pub(crate) fn effective(&self) -> Vec<Effective> {
        let mut values = Vec::new();
        if let Ok(toml::Value::Table(table)) = toml::Value::try_from(written(self)) {
            flatten(&table, &mut Vec::new(), &mut values);
        }
        let values = values.into_iter().map(|(path, value)| self.effective_at(path, value));
        let (plugins, mut values): (Vec<_>, Vec<_>) = values.partition(|value| is_of_plugins(&value.path));
        let urls = self.given.iter().filter(|(path, ..)| databases::is_url(path));
        values.extend(urls.map(|(path, value, origin)| Effective {
            path: path.clone(),
            value: databases::shown(value),
            origin: origin.clone(),
        }));
        values.extend(plugins);
        // Of a secret this is where it comes from, not what it is.
        let is_named =
            |path: &[String]| path.first().is_some_and(|key| key == "secrets") || is_of_plugins(path);
        let of_one = self.given.iter().filter(|(path, ..)| is_named(path) && !trust::is_key(path));
        values.extend(of_one.map(|(path, value, origin)| Effective {
            path: path.clone(),
            value: value.clone(),
            origin: origin.clone(),
        }));
        values
    }

    fn effective_at(&self, path: Vec<String>, value: toml::Value) -> Effective {
        match self.given.iter().find(|(given, ..)| *given == path) {
            // Keys that don't count now are shown all the same.
            Some((_, written, origin)) if trust::is_key(&path) => {
                Effective { path, value: written.clone(), origin: origin.clone() }
            }
            // Written as `true`, and there is no place for a cache.
            Some((_, written, _)) if value.is_bool() && *written != value => {
                Effective { path, value, origin: Origin::Default }
            }
            Some((.., origin)) => Effective { path, value, origin: origin.clone() },
            None => Effective { path, value, origin: Origin::Default },
        }
    }
}

fn is_of_plugins(path: &[String]) -> bool {
    path.first().is_some_and(|key| key == "plugins")
}

/// Plain values of a table before the tables in it, as a file has to have them.
fn flatten(table: &toml::Table, path: &mut Vec<String>, values: &mut Vec<(Vec<String>, toml::Value)>) {
    let is_table = |value: &toml::Value| value.is_table();
    for (key, value) in table.iter().filter(|(_, value)| !is_table(value)) {
        let path = path.iter().chain([key]).cloned().collect();
        values.push((path, value.clone()));
    }
    for (key, value) in table {
        if let toml::Value::Table(below) = value {
            path.push(key.clone());
            flatten(below, path, values);
            path.pop();
        }
    }
}

/// A document that means the same, with nothing left to a default. Nothing of single plugins.
fn written(config: &Config) -> Written {
    Written {
        plugins_dir: Some(text(&config.plugins_dir)),
        data_dir: Some(text(&config.data_dir)),
        server: server(&config.server),
        log: LogTable { level: Some(config.log.level), format: Some(config.log.format) },
        limits: LimitsConfig::from(&config.limits),
        cache: cache(config),
        http_limits: HttpLimitsConfig::from(&config.http_limits),
        secrets: BTreeMap::new(),
        database_limits: DatabaseLimitsConfig::from(&config.database_limits),
        databases: BTreeMap::new(),
        load: LoadLimitsConfig::from(&config.load),
        compile: compile(&config.compile),
        admin: AdminTable {
            enabled: Some(config.admin.enabled),
            socket: config.admin.socket.as_deref().map(text),
        },
        plugins: plugins(&config.trust),
    }
}

fn server(server: &Server) -> ServerTable {
    ServerTable {
        http: Some(server.http.to_string()),
        allow_remote: Some(server.allow_remote),
        allowed_hosts: Some(server.allowed_hosts.clone()),
        allowed_origins: Some(server.allowed_origins.clone()),
        concurrent_calls: Some(server.concurrent_calls),
        max_body: Some(Bytes::of(server.max_body as u64)),
        page_size: u32::try_from(server.page_size).ok(),
        list_ttl: time(server.list_ttl),
        heartbeat: time(server.heartbeat),
        shutdown_grace: time(server.shutdown_grace),
        session_idle: time(server.session_idle),
        usage_meta: Some(server.usage_meta),
        meta_tools: Some(server.meta_tools),
    }
}

fn compile(compile: &Compile) -> CompileTable {
    CompileTable {
        memory: Some(Bytes::of(compile.memory)),
        cpu: time(compile.cpu),
        deadline: time(compile.deadline),
        at_once: Some(compile.at_once),
        cache: Some(compile.cache_dir.is_some()),
        cache_dir: compile.cache_dir.as_deref().map(text),
        cache_size: Some(Bytes::of(compile.cache_size)),
    }
}

fn cache(config: &Config) -> CacheTable {
    let remote = &config.remote_cache;
    CacheTable {
        url: remote.url.as_deref().map(without_password),
        stale: time(remote.stale),
        timeout: time(remote.timeout),
        prefix: Some(remote.prefix.clone()),
        limits: CacheLimitsConfig::from(&config.cache),
    }
}

/// An address as it may be shown.
fn without_password(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://…@{host}"),
        _ => url.to_owned(),
    }
}

fn plugins(trust: &Trust) -> PluginsTable {
    let (mode, keys) = match trust {
        Trust::Open => (TrustMode::Open, Vec::new()),
        Trust::Lock => (TrustMode::Lock, Vec::new()),
        Trust::Signed(keys) => (TrustMode::Signed, keys.clone()),
    };
    PluginsTable { trust: Some(mode), trusted_keys: Some(keys), each: BTreeMap::new() }
}

fn time(time: Duration) -> Option<Millis> {
    Some(Millis::of(u64::try_from(time.as_millis()).unwrap_or(u64::MAX)))
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

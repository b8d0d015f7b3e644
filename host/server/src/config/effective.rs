//! The policy as it holds, value by value, each with its origin: for `config show`.

use cofferdam_policy::{
    LimitsConfig,
    limits::LoadLimitsConfig,
    units::{Bytes, Millis, Quantity},
};

use super::{
    Config, Origin,
    written::{LogTable, ServerTable, Written},
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
    /// Every value that holds, defaults included, in the order of the file's tables. Of a plugin only what was
    /// written.
    #[must_use]
    pub(crate) fn effective(&self) -> Vec<Effective> {
        let mut values = Vec::new();
        if let Ok(toml::Value::Table(table)) = toml::Value::try_from(written(self)) {
            flatten(&table, &mut Vec::new(), &mut values);
        }
        let mut values: Vec<_> =
            values.into_iter().map(|(path, value)| self.effective_at(path, value)).collect();
        let plugins = self.given.iter().filter(|(path, ..)| path.first().is_some_and(|key| key == "plugins"));
        values.extend(plugins.map(|(path, value, origin)| Effective {
            path: path.clone(),
            value: value.clone(),
            origin: origin.clone(),
        }));
        values
    }

    fn effective_at(&self, path: Vec<String>, value: toml::Value) -> Effective {
        let given = self.given.iter().find(|(given, ..)| *given == path);
        Effective { path, value, origin: given.map_or(Origin::Default, |(.., origin)| origin.clone()) }
    }
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

/// A document that means the same, with nothing left to a default.
fn written(config: &Config) -> Written {
    let server = &config.server;
    let time =
        |time: std::time::Duration| Some(Millis::of(u64::try_from(time.as_millis()).unwrap_or(u64::MAX)));
    Written {
        plugins_dir: Some(config.plugins_dir.to_string_lossy().into_owned()),
        server: ServerTable {
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
        },
        log: LogTable { level: Some(config.log.level), format: Some(config.log.format) },
        limits: LimitsConfig::from(&config.limits),
        load: LoadLimitsConfig::from(&config.load),
        plugins: std::collections::BTreeMap::new(),
    }
}

//! What an operator may write: the keys of `cofferdam.toml`, as they are written.
//!
//! The comments here are the documentation of the file: they become the descriptions in its JSON Schema.
//! What the values mean together is decided in [`super::resolve`].

use std::collections::BTreeMap;

use cofferdam_policy::{
    LimitsConfig,
    limits::LoadLimitsConfig,
    units::{Bytes, Millis},
};
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The policy of a cofferdam host: where its plugins are, how it is reached, and what each call may use.
/// Every key is optional; one that is not known is an error.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "cofferdam.toml")]
pub(super) struct Written {
    /// The directory whose .wasm files are the plugins. Relative to this file. Default: the directory
    /// "plugins" of the working directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) plugins_dir: Option<String>,
    /// How clients reach the host.
    pub(super) server: ServerTable,
    /// What the host says of itself, on stderr.
    pub(super) log: LogTable,
    /// What one call may use. A plugin's own `limits` go before these.
    pub(super) limits: LimitsConfig,
    /// What a plugin file may be, and what its list of tools may use and say.
    pub(super) load: LoadLimitsConfig,
    /// One table per plugin, under its id: the name of its file without .wasm.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) plugins: BTreeMap<String, PluginTable>,
}

/// How clients reach the host.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ServerTable {
    /// Address and port to listen on; port 0 takes a free one. Default "127.0.0.1:7331".
    pub(super) http: Option<String>,
    /// Whether `http` may be an address that other machines reach. There is no authentication yet, so whoever
    /// reaches it may call every tool. Default false.
    pub(super) allow_remote: Option<bool>,
    /// Names by which clients may address the host (their Host header), "name" or "name:port", in addition to
    /// this machine's own (localhost, 127.0.0.1, [::1]). Must be set where `http` is not a loopback address.
    /// Default [].
    pub(super) allowed_hosts: Option<Vec<String>>,
    /// Web pages that may call the host from a browser (their Origin header), "https://name" or
    /// "https://name:port", in addition to pages of this machine (http://localhost:*, http://127.0.0.1:*,
    /// http://[::1]:*); the port "*" means every port. Default [].
    pub(super) allowed_origins: Option<Vec<String>>,
    /// Calls that run at the same time, of all plugins together, 1 to 4_096. Default 256.
    #[schemars(range(min = 1, max = 4096))]
    pub(super) concurrent_calls: Option<u32>,
    /// Size of one HTTP request's body, 1 KiB to 128 MiB. Default "4 MiB".
    pub(super) max_body: Option<Bytes>,
    /// Tools in one page of a list, 1 to 1_000. Default 250.
    #[schemars(range(min = 1, max = 1000))]
    pub(super) page_size: Option<u32>,
    /// How long clients may reuse a list before they ask again, "0ms" to "24h"; 0 means not at all.
    /// Default "1m".
    #[schemars(transform = zero_allowed)]
    pub(super) list_ttl: Option<Millis>,
    /// How often a client that asked for progress hears of a call that is still running, "1s" to "5m".
    /// Default "10s".
    pub(super) heartbeat: Option<Millis>,
    /// How long running calls get to end after SIGINT or SIGTERM, "1ms" to "10m". Default "10s".
    pub(super) shutdown_grace: Option<Millis>,
    /// How long a session of an older client is kept without a request, "10s" to "168h". Default "1h".
    pub(super) session_idle: Option<Millis>,
    /// Whether results carry what the call used (fuel, memory, time) in `_meta`. Default true.
    pub(super) usage_meta: Option<bool>,
}

/// What the host says of itself, on stderr.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LogTable {
    /// The least severe messages to show. Default "info".
    pub(super) level: Option<Level>,
    /// Lines for people, or one JSON object per line; "auto" is "pretty" on a terminal and "json" elsewhere.
    /// Default "auto".
    pub(super) format: Option<LogFormat>,
}

/// How severe a message must be to be shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are the documentation")]
pub(crate) enum Level {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
    Trace,
}

impl Level {
    /// As it is written.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// What a line of the log looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are the documentation")]
pub(crate) enum LogFormat {
    #[default]
    Auto,
    Pretty,
    Json,
}

/// One plugin.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PluginTable {
    /// What stands before the names of its tools, followed by "_"; "" for nothing. Default: the plugin's id.
    pub(super) namespace: Option<String>,
    /// Whether it is loaded. Default true.
    pub(super) enabled: Option<bool>,
    /// What one call of this plugin may use, where it differs from `limits` of the whole file.
    pub(super) limits: LimitsConfig,
    /// The plugin's own settings: any keys, read by the plugin as they are. Not for secrets. Default: none.
    #[schemars(with = "Map<String, Value>")]
    pub(super) config: toml::Table,
}

/// Zero means something for this key.
fn zero_allowed(schema: &mut Schema) {
    for path in ["/anyOf/0/minimum", "/anyOf/0/anyOf/0/minimum"] {
        if let Some(minimum) = schema.pointer_mut(path) {
            *minimum = 0.into();
        }
    }
}

//! What an operator may write: the keys of `cofferdam.toml`, as they are written.
//!
//! The comments here are the documentation of the file: they become the descriptions in its JSON Schema.
//! What the values mean together is decided in [`super::resolve`].

use std::collections::BTreeMap;

use cofferdam_policy::{
    DatabaseAccess, HttpLimitsConfig, LimitsConfig,
    limits::{CacheLimitsConfig, DatabaseLimitsConfig, LoadLimitsConfig},
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
    /// The directory of the plugins' own databases, one file for each plugin that uses one; made on first use, for
    /// the user who runs the host alone. Relative to this file. Default: the directory "cofferdam-data" beside
    /// `plugins_dir`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) data_dir: Option<String>,
    /// How clients reach the host.
    pub(super) server: ServerTable,
    /// What the host says of itself, on stderr.
    pub(super) log: LogTable,
    /// What one call may use. A plugin's own `limits` go before these.
    pub(super) limits: LimitsConfig,
    /// What the private cache of one plugin may hold, and what is behind it. A plugin's own `cache` goes before this.
    pub(super) cache: CacheTable,
    /// What a plugin may use of the network. A plugin's own `http_limits` go before these.
    pub(super) http_limits: HttpLimitsConfig,
    /// Values that plugins never see, under names of your choice. They stand as `${secret:NAME}` in the headers of a
    /// plugin's `http`. Read with this file, and never printed.
    pub(super) secrets: BTreeMap<String, SecretTable>,
    /// What one plugin may use of each of its databases. A plugin's own `database_limits` go before these.
    pub(super) database_limits: DatabaseLimitsConfig,
    /// Databases that plugins can be granted: one table each, under a label of a-z, 0-9, - and _. Default: none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) databases: BTreeMap<String, DatabaseTable>,
    /// How many plugins there may be, what a file may be, and what its list of tools may use and say.
    pub(super) load: LoadLimitsConfig,
    /// How plugins are compiled, and where the result is kept.
    pub(super) compile: CompileTable,
    /// Where a running host answers commands such as `cofferdam ps` and `cofferdam reload`.
    pub(super) admin: AdminTable,
    /// Which plugins are trusted; and one table per plugin, under its id: the name of its file without .wasm.
    pub(super) plugins: PluginsTable,
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
    /// Whether clients also get the tools `tools_search` and `tools_call`, which find and call what is loaded
    /// now: for clients that never ask for the list again. Default false.
    pub(super) meta_tools: Option<bool>,
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

/// What the private cache of one plugin may hold, and what is behind all of them.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct CacheTable {
    /// A Redis behind the caches, so that hosts share what is kept, and it outlives them: "redis://…", "rediss://…"
    /// (TLS) or "redis+unix://…". Default: none, they are in memory alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
    /// How long a value in memory is taken for what is in Redis, "0ms" to "1h". Default "5s".
    #[schemars(transform = zero_allowed)]
    pub(super) stale: Option<Millis>,
    /// How long an answer of Redis may take, "1ms" to "10s". One that takes longer, and those of the second after it,
    /// are done without. Default "50ms".
    pub(super) timeout: Option<Millis>,
    /// What all keys in Redis start with. Default "cofferdam".
    pub(super) prefix: Option<String>,
    /// What one of them may hold.
    #[serde(flatten)]
    pub(super) limits: CacheLimitsConfig,
}

/// One database that plugins can be granted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct DatabaseTable {
    /// Where it is: "sqlite:FILE", relative to this file, or "postgres://USER@HOST/DATABASE". Default: none, it must
    /// be there.
    pub(super) url: Option<String>,
}

/// How plugins are compiled: each in a process of its own that can do nothing else.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CompileTable {
    /// Address space of one compilation, 256 MiB to 64 GiB. Default "2 GiB".
    pub(super) memory: Option<Bytes>,
    /// Processor time of one compilation, "1s" to "10m". Default "30s".
    pub(super) cpu: Option<Millis>,
    /// Wall-clock time of one compilation, "1s" to "10m". Default "1m".
    pub(super) deadline: Option<Millis>,
    /// Compilations at the same time, 1 to 8. Default 2.
    #[schemars(range(min = 1, max = 8))]
    pub(super) at_once: Option<u32>,
    /// Whether what was compiled is kept, so that the next start compiles nothing. Default true.
    pub(super) cache: Option<bool>,
    /// The directory in which it is kept, only for the user who runs the host. Relative to this file.
    /// Default: cofferdam in $XDG_CACHE_HOME, or else in $HOME/.cache; without either variable nothing is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cache_dir: Option<String>,
    /// What is kept at most, 16 MiB to 1024 GiB. Default "2 GiB".
    pub(super) cache_size: Option<Bytes>,
}

/// Where a running host answers the commands that look after it: a socket for the user who runs it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AdminTable {
    /// Whether there is one. Default true.
    pub(super) enabled: Option<bool>,
    /// The socket's path. Relative to this file. Default: one per host in $XDG_RUNTIME_DIR/cofferdam, or else
    /// in /tmp/cofferdam-UID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) socket: Option<String>,
}

/// The plugins: which are trusted, and what there is to say of each.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct PluginsTable {
    /// Which plugins are served. "open": every one in the directory. "lock": what cofferdam.lock beside this
    /// file records; anything that differs waits for `cofferdam approve`, and the version before it goes on.
    /// "signed": files with a signature beside them that one of `trusted_keys` made. Default "open".
    pub(super) trust: Option<TrustMode>,
    /// Whose signatures count where `trust` is "signed": public keys of minisign, each the second line of its
    /// .pub file. Default [].
    pub(super) trusted_keys: Option<Vec<String>>,
    /// One table per plugin, under its id.
    #[serde(flatten)]
    pub(super) each: BTreeMap<String, PluginTable>,
}

/// Which plugins are served.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum TrustMode {
    #[default]
    Open,
    Lock,
    Signed,
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
    /// What the private cache of this plugin may hold, where it differs from `cache` of the whole file. A change
    /// empties it.
    pub(super) cache: CacheLimitsConfig,
    /// Which requests it may send over HTTP, one per line: "METHODS ADDRESS", such as
    /// "GET,POST https://api.example.com/v1/*"; or { allow = "METHODS ADDRESS", headers = { NAME = "VALUE" } } with
    /// headers that the host adds. Default [].
    pub(super) http: Option<Vec<HttpLine>>,
    /// Addresses that are not public and that its requests may reach all the same, each one machine and port, such as
    /// "10.1.2.3:8080". Default [].
    pub(super) allow_private: Option<Vec<String>>,
    /// What this plugin may use of the network, where it differs from `http_limits` of the whole file.
    pub(super) http_limits: HttpLimitsConfig,
    /// Databases of the file that it may open, by their labels, and how far it may go in them: "read", "write" or
    /// "schema", each with those before it. It always has one of its own, under the label "private". Default: none.
    pub(super) databases: BTreeMap<String, DatabaseAccess>,
    /// What this plugin may use of each of its databases, where it differs from `database_limits` of the whole file.
    pub(super) database_limits: DatabaseLimitsConfig,
    /// The plugin's own settings: any keys, read by the plugin as they are. Not for secrets. Default: none.
    #[schemars(with = "Map<String, Value>")]
    pub(super) config: toml::Table,
}

/// One line of a plugin's grant for HTTP.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a line such as \"GET https://api.example.com/*\", or { allow = \"GET https://api.example.com/*\", headers = { NAME = \"VALUE\" } }"
)]
pub(super) enum HttpLine {
    /// What is allowed.
    Plain(String),
    /// What is allowed, and what the host adds to it.
    Rule(HttpRule),
}

/// A line with headers.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HttpRule {
    /// The line.
    pub(super) allow: String,
    /// Headers that the host adds to what this line allows: the plugin can neither set nor see them. In their values
    /// `${secret:NAME}` stands for a secret.
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
}

/// Where a secret comes from: one of these.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SecretTable {
    /// A variable of the host's environment. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) env: Option<String>,
    /// A file that only its owner may read. Relative to this file. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<String>,
    /// A program and its arguments, run without a shell; the first line that it prints is the secret. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) command: Option<Vec<String>>,
}

/// Zero means something for this key.
fn zero_allowed(schema: &mut Schema) {
    for path in ["/anyOf/0/minimum", "/anyOf/0/anyOf/0/minimum"] {
        if let Some(minimum) = schema.pointer_mut(path) {
            *minimum = 0.into();
        }
    }
}

//! Every ceiling of a call and of a load: its default, its bounds, and how the operator's values merge.
//!
//! A limit is always set. There is no way to write "unlimited", and zero is refused, because a limit that
//! can be switched off is one that somebody switches off.
//! Defaults are generous to honest tools (JSON-heavy ones, JavaScript and Python components included).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::{Bytes, Count, Millis, Quantity};

/// A value outside the bounds of its limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{key}` is {found}, expected {min} to {max}")]
pub struct LimitError {
    /// The key in the operator's file.
    pub key: &'static str,
    found: String,
    min: String,
    max: String,
}

fn within<Q: Quantity>(key: &'static str, value: Q, min: u64, max: u64) -> Result<Q, LimitError> {
    if (min..=max).contains(&value.value()) {
        return Ok(value);
    }
    let shown = |v: u64| Q::of(v).to_string();
    Err(LimitError { key, found: value.to_string(), min: shown(min), max: shown(max) })
}

/// One table of limits: the resolved struct, what the operator may write of it, and the merge.
macro_rules! limits {
    (
        $(#[$doc:meta])* $resolved:ident;
        $(#[$config_doc:meta])* $config:ident;
        $( $(#[doc = $text:literal])+ $key:ident: $unit:ident = $default:expr, $min:expr => $max:expr; )+
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $resolved {
            $( $(#[doc = $text])+ pub $key: $unit, )+
        }

        impl Default for $resolved {
            fn default() -> Self {
                Self { $( $key: <$unit as Quantity>::of($default), )+ }
            }
        }

        impl $resolved {
            /// These limits with the operator's values in place of some of them.
            ///
            /// # Errors
            /// [`LimitError`] for the first value outside its bounds.
            pub fn with(mut self, config: &$config) -> Result<Self, LimitError> {
                $( if let Some(value) = config.$key {
                    self.$key = within(stringify!($key), value, $min, $max)?;
                } )+
                Ok(self)
            }
        }

        $(#[$config_doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $config {
            $(
                $(#[doc = $text])+
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $key: Option<$unit>,
            )+
        }

        impl From<&$resolved> for $config {
            fn from(limits: &$resolved) -> Self {
                Self { $( $key: Some(limits.$key), )+ }
            }
        }

        impl $config {
            /// These values, with those of `over` in place of them where it has some.
            #[must_use]
            pub fn overlaid(&self, over: &Self) -> Self {
                Self { $( $key: over.$key.or(self.$key), )+ }
            }
        }
    };
}

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

limits! {
    /// What one call of a plugin may use. Which ceiling was hit is a [`LimitKind`].
    CallLimits;
    /// What the operator may write under `[limits]` and `[plugins.<id>.limits]`.
    LimitsConfig;

    /// Guest instructions, roughly: 1 CPU second is 10 to 30 thousand million. Default 10_000_000_000.
    fuel: Count = 10_000_000_000, 1_000_000 => 100_000_000_000_000;
    /// All linear memories of a call together. Default 128 MiB.
    memory: Bytes = 128 * MIB, 64 * KIB => 2 * GIB;
    /// Elements of all tables of a call together. Default 50_000.
    table_elements: Count = 50_000, 1 => TABLE_ELEMENTS_MAX;
    /// Core instances of a call; a Python component has about 14. Default 64.
    instances: Count = 64, 1 => INSTANCES_MAX;
    /// Resource handles of a call that are open at the same time. Default 10_000.
    handles: Count = 10_000, 16 => 1_000_000;
    /// Bytes that one call from the guest into the host may copy. Default 8 MiB.
    host_call_bytes: Bytes = 8 * MIB, 64 * KIB => 128 * MIB;
    /// Calls of the guest into the host's own interfaces. Default 100_000.
    host_calls: Count = 100_000, 1 => 100_000_000;
    /// What the guest prints to stdout and stderr together. Default 1 MiB.
    stdio: Bytes = MIB, KIB => 64 * MIB;
    /// All log and progress messages of a call together. Default 256 KiB.
    log: Bytes = 256 * KIB, KIB => 16 * MIB;
    /// The arguments of a call as JSON. Default 1 MiB.
    arguments: Bytes = MIB, KIB => 64 * MIB;
    /// The result of a call as JSON, binary content encoded. Default 4 MiB.
    result: Bytes = 4 * MIB, KIB => 64 * MIB;
    /// Wall-clock time of a call, from its place in the sandbox to its result. Default 30s.
    deadline: Millis = 30_000, 1 => 3_600_000;
    /// Calls of one plugin that run at the same time. Default 64.
    concurrent_calls: Count = 64, 1 => 1_000;
    /// How long a call waits for a place before it is refused. Default 5s.
    queue_wait: Millis = 5_000, 1 => 600_000;
}

/// Elements that the engine's pool reserves for one table; the most that `table_elements` can be.
pub const TABLE_ELEMENTS_MAX: u64 = 200_000;
/// Core instances that the engine's pool accepts of one component; the most that `instances` can be.
pub const INSTANCES_MAX: u64 = 128;
/// Linear memories that one component may have. Not for the operator to change.
pub const MEMORIES: usize = 8;
/// Tables that one component may have. Not for the operator to change.
pub const TABLES: usize = 64;
/// Host resources (streams, pollables) that one call may hold. Not for the operator to change.
pub const HOST_RESOURCES: usize = 1_000;
/// Bytes of one request for randomness. Not for the operator to change.
pub const RANDOM_BYTES: u64 = 64 * KIB;

limits! {
    /// How many plugins there may be, what a component file may be, and what its `list-tools` may use and say.
    LoadLimits;
    /// What the operator may write under `[load]`.
    LoadLimitsConfig;

    /// Plugin files in the directory; those beyond, in order of their names, are refused. Default 1_000.
    plugins: Count = 1_000, 1 => 10_000;
    /// Size of the component file. Default 32 MiB: a Python component has 18.
    file: Bytes = 32 * MIB, KIB => 256 * MIB;
    /// Fuel of `list-tools`. Default 2_000_000_000.
    fuel: Count = 2_000_000_000, 1_000_000 => 1_000_000_000_000;
    /// Wall-clock time of `list-tools`. Default 10s.
    deadline: Millis = 10_000, 10 => 600_000;
    /// Tools of one plugin. Default 128.
    tools: Count = 128, 1 => 10_000;
    /// Length of a tool's description. Default 8 KiB.
    description: Bytes = 8 * KIB, 64 => MIB;
    /// Size of one JSON Schema. Default 64 KiB.
    schema: Bytes = 64 * KIB, 64 => 4 * MIB;
    /// Nesting of one JSON Schema. Default 32.
    schema_depth: Count = 32, 2 => 100;
    /// Subschemas in one JSON Schema. Default 1_000.
    subschemas: Count = 1_000, 1 => 100_000;
    /// Regular expressions in one JSON Schema. Default 256.
    patterns: Count = 256, 1 => 10_000;
}

pub mod database;
pub mod http;

pub use database::{DatabaseLimits, DatabaseLimitsConfig};
pub use http::{HttpLimits, HttpLimitsConfig};

limits! {
    /// What the cache of one plugin may hold.
    CacheLimits;
    /// What the operator may write under `[cache]` and `[plugins.<id>.cache]`.
    CacheLimitsConfig;

    /// Memory that it takes: one and a half times keys and values, and 640 bytes for each entry. Default 16 MiB.
    bytes: Bytes = 16 * MIB, 64 * KIB => 2 * GIB;
    /// Entries. However small, each counts as its share of `bytes`. Default 10_000.
    entries: Count = 10_000, 1 => 10_000_000;
    /// One value. Default 256 KiB.
    value: Bytes = 256 * KIB, 1 => 64 * MIB;
    /// How long an entry is kept at most, and if the plugin doesn't say. Default 24h.
    ttl: Millis = 86_400_000, 1_000 => 30 * 86_400_000;
}

/// Bytes of a key of the cache. Not for the operator to change.
pub const CACHE_KEY: usize = 512;
/// Leases of the cache that one call may hold. Not for the operator to change.
pub const CACHE_LEASES: usize = 64;

/// The ceiling that ended a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LimitKind {
    /// Ran out of fuel.
    Fuel,
    /// Wanted more linear memory.
    Memory,
    /// Wanted more table elements.
    TableElements,
    /// Wanted more core instances.
    Instances,
    /// Opened too many handles.
    Handles,
    /// Passed too many bytes in one host call, or in its result.
    HostCallBytes,
    /// Made too many host calls.
    HostCalls,
    /// Printed too much.
    Stdio,
    /// Logged too much.
    Log,
    /// Sent too large arguments.
    Arguments,
    /// Returned too large a result.
    Result,
    /// Ran for too long.
    Deadline,
    /// Recursed too deep. Not for the operator to change.
    Stack,
}

impl LimitKind {
    /// The key in the operator's file that raises this limit, none if it can't be raised.
    #[must_use]
    pub fn key(self) -> Option<&'static str> {
        Some(match self {
            Self::Fuel => "fuel",
            Self::Memory => "memory",
            Self::TableElements => "table_elements",
            Self::Instances => "instances",
            Self::Handles => "handles",
            Self::HostCallBytes => "host_call_bytes",
            Self::HostCalls => "host_calls",
            Self::Stdio => "stdio",
            Self::Log => "log",
            Self::Arguments => "arguments",
            Self::Result => "result",
            Self::Deadline => "deadline",
            Self::Stack => return None,
        })
    }

    /// The configured ceiling as an operator would write it.
    #[must_use]
    pub fn ceiling(self, limits: &CallLimits) -> String {
        match self {
            Self::Fuel => limits.fuel.to_string(),
            Self::Memory => limits.memory.to_string(),
            Self::TableElements => limits.table_elements.to_string(),
            Self::Instances => limits.instances.to_string(),
            Self::Handles => limits.handles.to_string(),
            Self::HostCallBytes => limits.host_call_bytes.to_string(),
            Self::HostCalls => limits.host_calls.to_string(),
            Self::Stdio => limits.stdio.to_string(),
            Self::Log => limits.log.to_string(),
            Self::Arguments => limits.arguments.to_string(),
            Self::Result => limits.result.to_string(),
            Self::Deadline => limits.deadline.to_string(),
            Self::Stack => "512 KiB".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_overrides_the_file_which_overrides_the_default() {
        let file = LimitsConfig { fuel: Some(Count::of(2_000_000)), ..LimitsConfig::default() };
        let plugin = LimitsConfig { memory: Some(Bytes::of(MIB)), ..LimitsConfig::default() };
        let limits = CallLimits::default().with(&file.overlaid(&plugin)).unwrap();
        assert_eq!(limits.fuel.value(), 2_000_000);
        assert_eq!(limits.memory.value(), MIB);
        assert_eq!(limits.deadline, CallLimits::default().deadline);
    }

    #[test]
    fn zero_and_beyond_the_bounds_are_refused_with_the_bounds() {
        let zero = LimitsConfig { memory: Some(Bytes::of(0)), ..LimitsConfig::default() };
        let error = CallLimits::default().with(&zero).unwrap_err();
        assert_eq!(error.to_string(), "`memory` is 0, expected 64 KiB to 2 GiB");
        let huge = LimitsConfig { deadline: Some(Millis::of(u64::MAX)), ..LimitsConfig::default() };
        assert!(CallLimits::default().with(&huge).unwrap_err().to_string().ends_with("expected 1ms to 1h"));
    }

    #[test]
    fn every_default_is_within_its_own_bounds() {
        let limits = CallLimits::default();
        assert_eq!(limits.clone().with(&LimitsConfig::from(&limits)).unwrap(), limits);
        let load = LoadLimits::default();
        assert_eq!(load.clone().with(&LoadLimitsConfig::from(&load)).unwrap(), load);
        let cache = CacheLimits::default();
        assert_eq!(cache.clone().with(&CacheLimitsConfig::from(&cache)).unwrap(), cache);
    }
}

//! Floor 0: pure data and decisions.
//!
//! What a plugin may be called, how much it may use, and what it may reach.
//! Nothing here does I/O, knows async, or names an engine or a protocol: every function is a decision
//! over values, so that each one can be tested by a table.

pub mod address;
pub mod code;
pub mod database;
pub mod grant;
pub mod host_pattern;
pub mod limits;
pub mod name;
pub mod sqlite;
pub mod units;

pub use address::{AddressRule, DialPermit, Refused};
pub use code::Code;
pub use database::{DatabaseAccess, DatabaseDenial, DatabaseDenied, DatabaseGrant, DatabasePermit, Label};
pub use grant::{Denial, Denied, HttpGrant, HttpPermit};
pub use host_pattern::{HttpPattern, PatternError};
pub use limits::{
    CacheLimits, CallLimits, DatabaseLimits, DatabaseLimitsConfig, HttpLimits, HttpLimitsConfig, LimitKind,
    LimitsConfig, LoadLimits,
};
pub use name::{Namespace, PluginId, PublicName, ToolName};

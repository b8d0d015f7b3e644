//! Floor 0: pure data and decisions.
//!
//! What a plugin may be called, and how much it may use.
//! Nothing here does I/O, knows async, or names an engine or a protocol: every function is a decision
//! over values, so that each one can be tested by a table.

pub mod limits;
pub mod name;
pub mod units;

pub use limits::{CacheLimits, CallLimits, LimitKind, LimitsConfig, LoadLimits};
pub use name::{Namespace, PluginId, PublicName, ToolName};

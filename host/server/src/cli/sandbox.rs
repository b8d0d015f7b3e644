//! The runtime for a command that loads or calls one plugin: the real one, with few places.

use cofferdam_runtime::{Runtime, RuntimeConfig};

use super::{Exit, Failure};
use crate::config::Config;

/// Starts the sandbox for plugins that are called.
pub(super) fn start(config: &Config) -> Result<Runtime, Failure> {
    few(RuntimeConfig { concurrent_calls: 1, ..config.runtime() })
}

/// Starts the sandbox for plugins that are only looked at, whether they are granted what they want or not.
pub(super) fn look(config: &Config) -> Result<Runtime, Failure> {
    few(RuntimeConfig { concurrent_calls: 1, look_only: true, ..config.runtime() })
}

fn few(config: RuntimeConfig) -> Result<Runtime, Failure> {
    Runtime::start(config).map_err(|error| Failure::new(Exit::Environment, error.to_string()))
}

//! The runtime for a command that loads or calls one plugin: the real one, with few places.

use cofferdam_runtime::{Runtime, RuntimeConfig};

use super::{Exit, Failure};
use crate::config::Config;

/// Starts the sandbox.
pub(super) fn start(config: &Config) -> Result<Runtime, Failure> {
    let few = RuntimeConfig { concurrent_calls: 1, ..config.runtime() };
    Runtime::start(few).map_err(|error| Failure::new(Exit::Environment, error.to_string()))
}

//! `config`: the plugin's settings. (`types` has no functions, but its trait must exist.)

use super::bindings::cofferdam::plugin::{config, types};
use crate::state::HostState;

impl types::Host for HostState {}

impl config::Host for HostState {
    async fn get(&mut self, key: String) -> wasmtime::Result<Option<String>> {
        self.budget.host_call()?;
        Ok(self.reach.settings.get(&key))
    }
}

//! What the handles talk to in a native build. `guest/scope.rs` is the same in a component.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::{Log, Progress, State};
use crate::{Client, JsonObject, Level, Principal};

/// The running call, as the handles see it.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    state: Arc<Mutex<State>>,
}

impl Scope {
    pub(super) fn edit(&self, edit: impl FnOnce(&mut State)) {
        edit(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn id(&self) -> String {
        self.read(|state| state.id.clone())
    }

    pub(crate) fn client(&self) -> Option<Client> {
        self.read(|state| state.client.clone())
    }

    pub(crate) fn principal(&self) -> Option<Principal> {
        self.read(|state| state.principal.clone())
    }

    pub(crate) fn meta(&self) -> JsonObject {
        self.read(|state| state.meta.clone())
    }

    pub(crate) fn remaining(&self) -> Duration {
        self.read(|state| state.remaining)
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.read(|state| state.cancel_after.is_some_and(|reports| state.progress.len() >= reports))
    }

    pub(crate) fn progress(&self, done: f64, total: Option<f64>, message: Option<&str>) {
        let progress = Progress { done, total, message: message.map(str::to_owned) };
        self.edit(|state| state.progress.push(progress));
    }

    pub(crate) fn log(&self, level: Level, logger: Option<&str>, json: &str) {
        let value = serde_json::from_str(json).unwrap_or(Value::Null);
        self.edit(|state| state.logs.push(Log { level, logger: logger.map(str::to_owned), value }));
    }

    pub(crate) fn config(&self, key: &str) -> Option<String> {
        self.read(|state| state.config.get(key).map(Value::to_string))
    }
}

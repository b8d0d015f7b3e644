//! What the handles talk to in a component: the imports. `mock/scope.rs` is the same in a native build.

use std::time::Duration;

use super::bindings::cofferdam::plugin::{config, request};
use super::convert;
use crate::{Client, JsonObject, Level, Principal};

/// The running call, as the handles see it. An instance runs one call, so there is nothing to keep.
#[derive(Debug, Clone)]
pub struct Scope;

impl Scope {
    pub(crate) fn id(&self) -> String {
        request::id()
    }

    pub(crate) fn client(&self) -> Option<Client> {
        let client = request::client_info()?;
        Some(Client {
            name: client.name,
            version: client.version,
            capabilities: object(&client.capabilities),
            protocol_version: client.protocol_version,
        })
    }

    pub(crate) fn principal(&self) -> Option<Principal> {
        let principal = request::principal_info()?;
        Some(Principal {
            subject: principal.subject,
            issuer: principal.issuer,
            scopes: principal.scopes,
            claims: object(&principal.claims),
        })
    }

    pub(crate) fn meta(&self) -> JsonObject {
        object(&request::meta())
    }

    pub(crate) fn remaining(&self) -> Duration {
        Duration::from_millis(request::remaining_ms())
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        request::is_cancelled()
    }

    pub(crate) fn progress(&self, done: f64, total: Option<f64>, message: Option<&str>) {
        request::progress(done, total, message);
    }

    pub(crate) fn log(&self, level: Level, logger: Option<&str>, json: &str) {
        request::log(convert::level(level), logger, json);
    }

    pub(crate) fn config(&self, key: &str) -> Option<String> {
        config::get(key)
    }
}

/// The host promises an object; without one there is nothing to say.
fn object(json: &str) -> JsonObject {
    serde_json::from_str(json).unwrap_or_default()
}

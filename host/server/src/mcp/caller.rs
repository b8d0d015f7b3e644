//! Who called, read off the request when a guest asks.

use cofferdam_runtime::capabilities::{Caller, Client, Principal};
use rmcp::{RoleServer, model::RequestMetaObject, service::Peer};
use serde_json::{Map, Value};

/// The parts of a request that a guest may ask for, as they came.
pub(super) struct McpCaller {
    meta: RequestMetaObject,
    peer: Peer<RoleServer>,
}

impl McpCaller {
    pub(super) fn new(meta: RequestMetaObject, peer: Peer<RoleServer>) -> Self {
        Self { meta, peer }
    }
}

impl Caller for McpCaller {
    /// From the request itself, or from the session that it belongs to.
    fn client(&self) -> Option<Client> {
        // A request that says its version stands for itself.
        let stateless = self.meta.protocol_version().is_some();
        let session = self.peer.peer_info().filter(|_| !stateless);
        let info = self.meta.client_info().or_else(|| Some(session.as_ref()?.client_info.clone()))?;
        let capabilities =
            self.meta.client_capabilities().or_else(|| Some(session.as_ref()?.capabilities.clone()));
        let version =
            self.meta.protocol_version().or_else(|| Some(session.as_ref()?.protocol_version.clone()));
        Some(Client {
            name: info.name,
            version: info.version,
            capabilities: match capabilities.and_then(|c| serde_json::to_value(c).ok()) {
                Some(Value::Object(capabilities)) => capabilities,
                _ => Map::new(),
            },
            protocol_version: version.map(|v| v.as_str().to_owned()).unwrap_or_default(),
        })
    }

    fn principal(&self) -> Option<Principal> {
        None
    }

    fn meta(&self) -> Map<String, Value> {
        let own = |key: &str| key == "progressToken" || key.starts_with("io.modelcontextprotocol/");
        self.meta
            .iter()
            .filter(|(key, _)| !own(key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }
}

//! Who called, read off the request when a guest asks.

use cofferdam_runtime::capabilities::{Caller, Client, Principal};
use rmcp::{
    RoleServer,
    model::{ClientCapabilities, Implementation, ProtocolVersion, RequestMetaObject},
    service::RequestContext,
};
use serde_json::{Map, Value};

/// The parts of a request that a guest may ask for.
pub(super) struct McpCaller {
    meta: RequestMetaObject,
    info: Option<Implementation>,
    capabilities: Option<ClientCapabilities>,
    version: Option<ProtocolVersion>,
}

impl McpCaller {
    pub(super) fn new(cx: &RequestContext<RoleServer>) -> Self {
        Self {
            meta: cx.meta.clone(),
            info: cx.client_info(),
            capabilities: cx.client_capabilities(),
            version: cx.protocol_version(),
        }
    }
}

impl Caller for McpCaller {
    fn client(&self) -> Option<Client> {
        let info = self.info.as_ref()?;
        let capabilities = self.capabilities.as_ref().and_then(|c| serde_json::to_value(c).ok());
        Some(Client {
            name: info.name.clone(),
            version: info.version.clone(),
            capabilities: match capabilities {
                Some(Value::Object(capabilities)) => capabilities,
                _ => Map::new(),
            },
            protocol_version: self.version.as_ref().map(|v| v.as_str().to_owned()).unwrap_or_default(),
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

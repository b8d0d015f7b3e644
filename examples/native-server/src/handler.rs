//! The MCP side: one tool, listed and called.

use std::sync::Arc;

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation,
        ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
    },
    service::RequestContext,
};

use crate::tool;

/// The server.
#[derive(Clone)]
pub struct Native {
    tool: Arc<Tool>,
}

impl Native {
    /// A server with its one tool.
    #[must_use]
    pub fn new() -> Self {
        Self { tool: Arc::new(tool::description()) }
    }
}

impl Default for Native {
    fn default() -> Self {
        Self::new()
    }
}

impl ServerHandler for Native {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().build();
        ServerConfig::new(capabilities)
            .with_server_info(Implementation::new("native-server", env!("CARGO_PKG_VERSION")))
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(vec![Tool::clone(&self.tool)]))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        if request.name != tool::NAME {
            return Err(ErrorData::invalid_params(format!("unknown tool {}", request.name), None));
        }
        let result = match tool::run(request.arguments.unwrap_or_default()) {
            Ok(value) => CallToolResult::structured(value),
            Err(message) => CallToolResult::error(vec![ContentBlock::text(message)]),
        };
        Ok(result.into())
    }

    /// The library checks `x-mcp-header` parameters against the schema that this returns.
    fn get_tool(&self, name: &str) -> Option<Tool> {
        (name == tool::NAME).then(|| Tool::clone(&self.tool))
    }
}

//! The only part that speaks MCP: requests in, catalog and runtime behind, results out.
//!
//! One [`Handler`] serves one legacy session, or one stateless request; all of them share [`Shared`].
//! Both protocol eras come through here; the library tells them apart, and [`convert`] hides what an era can't
//! take. What goes wrong in a call becomes a reply in one table, [`error`].

#![expect(deprecated, reason = "logging is deprecated by the protocol, and still spoken by every client")]

mod caller;
mod changes;
mod convert;
mod error;
pub(crate) mod meta;
mod page;
mod talk;

use std::sync::{
    Arc, OnceLock, PoisonError, RwLock,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use cofferdam_runtime::{
    CallError, CallReport, CallRequest, Entry, Runtime, Usage,
    capabilities::{CallContext, LogLevel},
    content::Outcome,
    policy::PublicName,
};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CacheScope, CallToolRequestParams, CallToolResponse, CallToolResult, CustomRequest, CustomResult,
        Implementation, ListToolsResult, PaginatedRequestParams, ProtocolVersion, ServerCapabilities,
        ServerConfig, SetLevelRequestParams, SubscriptionFilter, Tool,
    },
    service::{NotificationContext, RequestContext, SubscriptionContext},
};
use serde_json::{Value, json};
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

pub(crate) use self::talk::HeartbeatPeriod;
use self::{
    meta::{Asked, MetaTools},
    page::Listed,
};
use crate::{config, transport::http::sessions::Sessions};

/// How results are shaped; from the operator's file.
#[derive(Debug, Clone)]
pub(crate) struct McpConfig {
    /// Tools on one page of `tools/list`.
    pub(crate) page_size: usize,
    /// How long a client may reuse a list, in milliseconds.
    pub(crate) list_ttl_ms: u64,
    /// How often a call without news of its own tells its client that it still runs.
    pub(crate) heartbeat: HeartbeatPeriod,
    /// Whether results carry what the call used.
    pub(crate) usage: bool,
    /// Tools of the host's own, if there are to be any.
    pub(crate) meta: Option<Arc<MetaTools>>,
}

/// What all handlers share.
pub(crate) struct Shared {
    runtime: Arc<Runtime>,
    config: McpConfig,
    /// Of this process; part of every call id.
    run: u32,
    calls: AtomicU64,
    /// Where a legacy HTTP session's log messages find the stream of their own request.
    sessions: Option<Arc<Sessions>>,
    /// Calls that run; closed once the host drains: then no new call is taken.
    running: TaskTracker,
}

impl Shared {
    /// What all handlers of one transport share.
    pub(crate) fn new(
        runtime: Arc<Runtime>,
        config: McpConfig,
        sessions: Option<Arc<Sessions>>,
        running: TaskTracker,
    ) -> Arc<Self> {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let run = since.subsec_nanos() ^ std::process::id().rotate_left(16);
        Arc::new(Self { runtime, config, run, calls: AtomicU64::new(1), sessions, running })
    }

    /// An id that the host's log and a client's error have in common.
    fn next_id(&self) -> String {
        format!("{:08x}-{}", self.run, self.calls.fetch_add(1, Ordering::Relaxed))
    }

    fn find(&self, name: &str) -> Result<Entry, ErrorData> {
        let catalog = self.runtime.catalog();
        catalog.find(name).cloned().ok_or_else(|| {
            let own = || self.config.meta.as_ref().and_then(|_| config::nearest(name, &meta::NAMES));
            error::unknown_tool(name, catalog.nearest(name).map(PublicName::as_str).or_else(own))
        })
    }

    /// The tools of the host's own.
    fn own(&self) -> &[Tool] {
        self.config.meta.as_deref().map(MetaTools::shown).unwrap_or_default()
    }
}

/// Serves one legacy session, or one stateless request.
pub(crate) struct Handler {
    shared: Arc<Shared>,
    /// What a legacy session asked for with `logging/setLevel`.
    log_level: RwLock<LogLevel>,
    /// Tells a legacy session of changes for as long as it lasts.
    follower: OnceLock<AbortOnDropHandle<()>>,
}

impl Handler {
    /// A handler without a session behind it.
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        // A session that has asked for no level gets what most people want to read.
        Self { shared, log_level: RwLock::new(LogLevel::Info), follower: OnceLock::new() }
    }

    /// The least severe level that this request's client wants to hear of.
    fn wanted_level(&self, cx: &RequestContext<RoleServer>, modern: bool) -> Option<LogLevel> {
        if modern {
            return cx.meta.log_level().map(convert::level_from);
        }
        Some(*self.log_level.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Calls one of the host's own tools.
    async fn own_call(
        &self,
        meta: &MetaTools,
        asked: Result<Asked, CallError>,
        request: CallToolRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<CallToolResult, ErrorData> {
        match asked {
            Err(wrong) => error::reply(&wrong, &self.shared.next_id()),
            Ok(Asked::Call { name, .. }) if meta.find(&name).is_some() => Ok(error::own_tool_inside(&name)),
            Ok(Asked::Call { name, arguments }) => {
                let catalog = self.shared.runtime.catalog();
                let Some(entry) = catalog.find(&name).cloned() else {
                    let nearest = catalog.nearest(&name).map(PublicName::as_str);
                    return Ok(error::unknown_tool_inside(&name, nearest));
                };
                drop(catalog);
                self.call(entry, request.with_arguments(arguments), cx).await
            }
            Ok(Asked::Search { .. }) if self.shared.running.is_closed() => Ok(error::draining()),
            Ok(Asked::Search { query, limit }) => {
                let _running = self.shared.running.token();
                let searched = meta.search(self.shared.runtime.catalog(), query, limit).await;
                searched.or_else(|failure| error::reply(&failure, &self.shared.next_id()))
            }
        }
    }

    /// Calls a plugin's tool. What came with the request belongs to the call; its name and arguments may have
    /// been those of another tool.
    async fn call(
        &self,
        entry: Entry,
        request: CallToolRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<CallToolResult, ErrorData> {
        if self.shared.running.is_closed() {
            return Ok(error::draining());
        }
        let _running = self.shared.running.token();
        let modern = is_modern(&cx);
        let id = self.shared.next_id();
        let (plugin, tool) = (Arc::clone(&entry.plugin), Arc::clone(&entry.tool));
        let report = self.run(id.clone(), entry, request, cx, modern).await;
        log(&id, plugin.id.as_str(), tool.name.as_str(), &report);
        let ran = report.usage != Usage::default();
        let usage = (self.shared.config.usage && ran).then_some(&report.usage);
        let mut result = match report.result {
            Ok(outcome) => convert::outcome(outcome, modern),
            Err(failure) => error::reply(&failure, &id)?,
        };
        if let Some(usage) = usage {
            convert::add_usage(&mut result, usage);
        }
        Ok(result)
    }

    async fn run(
        &self,
        id: String,
        entry: Entry,
        request: CallToolRequestParams,
        mut cx: RequestContext<RoleServer>,
        modern: bool,
    ) -> CallReport {
        let cancelled = Arc::new(AtomicBool::new(false));
        let mut talk = talk::Talk::new(&cx, &self.shared, self.wanted_level(&cx, modern), modern);
        let context = CallContext {
            id,
            events: talk.sender(),
            wants_progress: talk.wants_progress(),
            log_level: talk.log_level(),
            cancelled: Arc::clone(&cancelled),
            caller: Some(Arc::new(caller::McpCaller::new(std::mem::take(&mut cx.meta), cx.peer.clone()))),
        };
        let request = CallRequest { arguments: request.arguments.unwrap_or_default(), resume: None, context };
        let call = self.shared.runtime.call(entry, request);
        talk.during(call, &cx.ct, &cancelled).await
    }
}

/// Whether the request is of the stateless era.
fn is_modern(cx: &RequestContext<RoleServer>) -> bool {
    cx.protocol_version().is_some_and(|version| version.as_str() >= ProtocolVersion::V_2026_07_28.as_str())
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let capabilities =
            ServerCapabilities::builder().enable_logging().enable_tools().enable_tool_list_changed().build();
        let info = Implementation::new("cofferdam", env!("CARGO_PKG_VERSION"))
            .with_title("cofferdam")
            .with_description("Tools in sandboxed WebAssembly components");
        ServerConfig::new(capabilities).with_server_info(info)
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        cx: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let catalog = self.shared.runtime.catalog();
        let cursor = request.and_then(|request| request.cursor);
        let size = self.shared.config.page_size;
        let page = page::of(catalog.entries(), self.shared.own(), cursor.as_deref(), size)?;
        let modern = is_modern(&cx);
        let shown = |tool: &Listed<'_>| match tool {
            Listed::Plugin(tool) => convert::tool(tool, modern),
            Listed::Own(tool) => Tool::clone(tool),
        };
        let mut result = ListToolsResult::with_all_items(page.tools.iter().map(shown).collect());
        result.next_cursor = page.next;
        if modern {
            result = result.with_ttl_ms(self.shared.config.list_ttl_ms).with_cache_scope(CacheScope::Private);
        }
        Ok(result)
    }

    async fn call_tool(
        &self,
        mut request: CallToolRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let meta = self.shared.config.meta.as_ref();
        let result = match meta.and_then(|meta| Some((meta, meta.asked(&mut request)?))) {
            None => self.call(self.shared.find(&request.name)?, request, cx).await,
            Some((meta, asked)) => self.own_call(meta, asked, request, cx).await,
        };
        Ok(result?.into())
    }

    async fn on_initialized(&self, cx: NotificationContext<RoleServer>) {
        let follower = changes::follow_session(cx.peer, self.shared.runtime.list_changes());
        // A second `initialized` of one session changes nothing.
        let _ = self.follower.set(AbortOnDropHandle::new(tokio::spawn(follower)));
    }

    fn accepted_subscription_filter(&self, _: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        Some(changes::offered())
    }

    async fn listen(&self, subscription: SubscriptionContext) -> Result<(), ErrorData> {
        changes::follow_subscription(&subscription, self.shared.runtime.list_changes()).await;
        Ok(())
    }

    /// The library checks `x-mcp-header` parameters against the schema that this returns.
    fn get_tool(&self, name: &str) -> Option<Tool> {
        if let Some(own) = self.shared.own().iter().find(|tool| tool.name == name) {
            return Some(own.clone());
        }
        let catalog = self.shared.runtime.catalog();
        let tool = &catalog.find(name)?.tool;
        Some(Tool::new(name.to_owned(), "", Arc::clone(tool.input.source())))
    }

    async fn set_level(
        &self,
        request: SetLevelRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        if is_modern(&cx) {
            // There each request says what it wants to hear.
            return Err(error::no_method("logging/setLevel"));
        }
        let level = convert::level_from(request.level);
        *self.log_level.write().unwrap_or_else(PoisonError::into_inner) = level;
        Ok(())
    }

    /// Requests that the library can't place: unknown methods, and known ones whose parameters don't parse.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        if error::is_known_method(&request.method) {
            return Err(error::malformed_params(&request.method));
        }
        Err(error::no_method(&request.method))
    }
}

/// How a call ended, in the shape in which a client of the latest revision gets it.
pub(crate) fn wire(result: Result<Outcome, CallError>) -> Value {
    let reply = match result {
        Ok(outcome) => Ok(convert::outcome(outcome, true)),
        Err(failure) => error::reply(&failure, "cli"),
    };
    match reply {
        Ok(result) => json!(result),
        Err(error) => json!({ "error": error }),
    }
}

/// One event per call: names, sizes and outcome, never arguments or results.
fn log(call: &str, plugin: &str, tool: &str, report: &CallReport) {
    let outcome = match &report.result {
        Ok(_) => "ok",
        Err(failure) => error::code(failure),
    };
    let usage = &report.usage;
    tracing::debug!(
        call,
        plugin,
        tool,
        outcome,
        fuel = usage.fuel,
        memory = usage.memory,
        ms = usage.elapsed.as_secs_f64() * 1e3,
        "call"
    );
}

#[cfg(test)]
mod tests {
    use cofferdam_runtime::content::{BlockKind, ContentBlock, Media, ToolResult};

    use super::*;

    #[test]
    fn what_a_client_gets_is_what_the_protocol_says() {
        let image = BlockKind::Image(Media { data: vec![1, 2, 3], mime_type: "image/png".to_owned() });
        let block = ContentBlock { kind: image, annotations: None, meta: None };
        let result =
            ToolResult { content: vec![block], structured: Some(json!(1)), is_error: false, meta: None };
        assert_eq!(
            wire(Ok(Outcome::Complete(result))),
            json!({
                "resultType": "complete",
                "content": [{ "type": "image", "data": "AQID", "mimeType": "image/png" }],
                "structuredContent": 1,
                "isError": false,
            })
        );
        assert_eq!(wire(Err(CallError::Exit(1)))["_meta"]["cofferdam/error"], "exited");
    }
}

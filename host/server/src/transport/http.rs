//! MCP over streamable HTTP at `/mcp`, both eras at one address; `/livez` and `/readyz` beside it.

mod malformed;
mod pending;
pub(crate) mod sessions;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::State, http::StatusCode, middleware, routing::get, serve::ListenerExt as _};
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::sessions::Sessions;
use crate::mcp::{Handler, Shared};

/// Who may connect, and how much they may send.
#[derive(Debug, Clone)]
pub(crate) struct HttpConfig {
    /// Names that the Host header may have besides those of loopback.
    pub(crate) allowed_hosts: Vec<String>,
    /// Web origins that may call besides those of loopback.
    pub(crate) allowed_origins: Vec<String>,
    /// Bytes of one request.
    pub(crate) max_body: usize,
}

/// Binds the address.
pub(crate) async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Serves until `stop` is cancelled and connections have ended.
pub(crate) async fn serve(
    listener: TcpListener,
    shared: Arc<Shared>,
    sessions: Arc<Sessions>,
    config: HttpConfig,
    running: TaskTracker,
    stop: CancellationToken,
) -> io::Result<()> {
    let mcp = mcp(shared, sessions, config, stop.clone());
    let router = Router::new()
        .route("/livez", get(|| async { "ok" }))
        .route("/readyz", get(ready).with_state(running.clone()))
        .route_service("/mcp", mcp)
        .layer(middleware::from_fn_with_state(running, pending::track))
        .layer(middleware::map_response(malformed::as_json_rpc));
    let listener = listener.tap_io(|stream| {
        // Without it a small reply waits up to 40 ms for the client's acknowledgement.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "can't set TCP_NODELAY");
        }
    });
    axum::serve(listener, router).with_graceful_shutdown(async move { stop.cancelled().await }).await
}

/// Ready until the host drains.
async fn ready(State(running): State<TaskTracker>) -> (StatusCode, &'static str) {
    if running.is_closed() { (StatusCode::SERVICE_UNAVAILABLE, "draining") } else { (StatusCode::OK, "ok") }
}

fn mcp(
    shared: Arc<Shared>,
    sessions: Arc<Sessions>,
    config: HttpConfig,
    stop: CancellationToken,
) -> StreamableHttpService<Handler, Sessions> {
    let hosts = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    // With an empty list the library checks no origin at all.
    let origins = ["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"].map(str::to_owned);
    let mut settings = StreamableHttpServerConfig::default()
        .with_allowed_hosts(hosts.into_iter().chain(config.allowed_hosts))
        .with_allowed_origins(origins.into_iter().chain(config.allowed_origins));
    settings.legacy_session_mode = true;
    settings.json_response = true;
    settings.max_request_body_bytes = config.max_body;
    settings.sse_keep_alive = Some(Duration::from_secs(15));
    settings.cancellation_token = stop;
    StreamableHttpService::new(move || Ok(Handler::new(Arc::clone(&shared))), sessions, settings)
}

//! Over HTTP at `/mcp`, with the settings of the host: no delay of small packets, JSON replies, local origins only.

use std::{io, sync::Arc, time::Duration};

use axum::{Router, serve::ListenerExt as _};
use rmcp::transport::streamable_http_server::{
    StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
};
use tokio::net::TcpListener;

use crate::Native;

/// How long a session of an older client is kept without a request.
const SESSION_IDLE: Duration = Duration::from_secs(3600);

/// Serves until the process ends.
///
/// # Errors
/// If the listener fails.
pub async fn serve(listener: TcpListener) -> io::Result<()> {
    let native = Native::new();
    let mut sessions = LocalSessionManager::default();
    sessions.session_config.keep_alive = Some(SESSION_IDLE);
    let service = StreamableHttpService::new(move || Ok(native.clone()), Arc::new(sessions), settings());
    let listener = listener.tap_io(|stream| {
        // Without it a small reply waits up to 40 ms for the client's acknowledgement. It is only slow then.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, Router::new().route_service("/mcp", service)).await
}

fn settings() -> StreamableHttpServerConfig {
    let origins = ["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"];
    let mut settings = StreamableHttpServerConfig::default()
        .with_allowed_hosts(["localhost", "127.0.0.1", "::1"])
        .with_allowed_origins(origins);
    settings.legacy_session_mode = true;
    settings.json_response = true;
    settings
}

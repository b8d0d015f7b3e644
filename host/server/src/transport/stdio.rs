//! MCP over stdin and stdout. The only code in the process that writes to stdout while it serves.

use rmcp::{ServiceExt as _, service::QuitReason, transport::stdio_pipes};
use tokio_util::sync::CancellationToken;

use crate::mcp::Handler;

/// Serves until stdin ends or `stop` is cancelled.
pub(crate) async fn serve(handler: Handler, stop: CancellationToken) -> anyhow::Result<()> {
    // Pipes are read without a thread in between: half the latency of the ordinary handles.
    let service = match handler.serve_with_ct(stdio_pipes(), stop.clone()).await {
        Ok(service) => service,
        // A client that goes before it has said anything is no failure.
        Err(error) if stop.is_cancelled() || is_end_of_input(&error) => {
            tracing::debug!(%error, "no session");
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    match service.waiting().await? {
        QuitReason::JoinError(error) => Err(error.into()),
        reason => {
            tracing::info!(?reason, "the client is gone");
            Ok(())
        }
    }
}

fn is_end_of_input(error: &rmcp::service::ServerInitializeError) -> bool {
    matches!(error, rmcp::service::ServerInitializeError::ConnectionClosed(_))
}

//! Over stdin and stdout, read without a thread in between where they are pipes.

use rmcp::{ServiceExt as _, transport::stdio_pipes};

use crate::Native;

/// Serves until stdin ends.
///
/// # Errors
/// If the handshake or the session fails.
pub async fn serve() -> Result<(), Box<dyn std::error::Error>> {
    Native::new().serve(stdio_pipes()).await?.waiting().await?;
    Ok(())
}

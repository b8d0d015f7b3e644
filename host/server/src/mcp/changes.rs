//! Telling clients that the list of tools changed.
//!
//! Each client has a task of its own that waits for the next change: a slow one holds up nobody else, and hears
//! once of many changes that came meanwhile.

use std::time::Duration;

use rmcp::{
    RoleServer,
    model::SubscriptionFilter,
    service::{Peer, SubscriptionContext},
};
use tokio::sync::watch;

/// How long one client may take to accept one notification.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a client of 2026-07-28 may subscribe to.
pub(super) fn offered() -> SubscriptionFilter {
    let mut offered = SubscriptionFilter::default();
    offered.tools_list_changed = Some(true);
    offered
}

/// Tells a session of the era before of every change, until it ends.
pub(super) async fn follow_session(peer: Peer<RoleServer>, mut changes: watch::Receiver<u64>) {
    while changes.changed().await.is_ok() {
        match tokio::time::timeout(PATIENCE, peer.notify_tool_list_changed()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "can't tell a session of a change"),
            Err(_) => tracing::debug!("a session takes no notifications"),
        }
    }
}

/// Tells a subscription of every change that it asked for, until it is cancelled.
pub(super) async fn follow_subscription(
    subscription: &SubscriptionContext,
    mut changes: watch::Receiver<u64>,
) {
    let wanted = subscription.accepted().tools_list_changed == Some(true);
    loop {
        tokio::select! {
            () = subscription.cancelled() => return,
            changed = changes.changed(), if wanted => {
                let told = match changed {
                    Ok(()) => subscription.sink().notify_tool_list_changed().await,
                    Err(_) => return,
                };
                if let Err(error) = told {
                    tracing::debug!(%error, "can't tell a subscription of a change");
                    return;
                }
            }
        }
    }
}

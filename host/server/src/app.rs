//! From a configuration to a host that serves, and back down in order.
//!
//! Down: not ready, no new calls, running calls end or the grace period does, transports close, exit.

use std::{
    future::Future,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use cofferdam_runtime::{Catalog, Reload, Runtime};
use nix::ifaddrs::getifaddrs;
use tokio_util::{
    sync::CancellationToken,
    task::{AbortOnDropHandle, TaskTracker},
};

use crate::{
    admin::{About, Admin},
    config::Config,
    follow,
    mcp::{Handler, HeartbeatPeriod, McpConfig, Shared, meta::MetaTools},
    signal::Signals,
    telemetry::Ring,
    transport::{
        http::{self, HttpConfig, sessions::Sessions},
        stdio,
    },
};

/// How long transports get to close once every call has ended.
const CLOSING: Duration = Duration::from_secs(2);

/// Serves streamable HTTP until a signal. `announce` hears what is served, and where. Operators read the `ring`.
///
/// # Errors
/// If the address can't be bound, or the sandbox doesn't start.
pub(crate) async fn serve(
    mut config: Config,
    ring: Ring,
    announce: impl FnOnce(&Catalog, SocketAddr),
) -> anyhow::Result<()> {
    let address = config.server.http;
    let listener = http::bind(address).await.with_context(|| {
        format!("can't listen on {address}; choose another address with --http or `server.http`")
    })?;
    let address = listener.local_addr()?;
    config.own = own(address);
    let (runtime, reload) = start(&config).await?;
    // Whoever reads that we serve may send a signal at once.
    let signals = Signals::listen();
    let admin = Admin::start(&config.admin, About::http(&config, address), reload.control(), ring).await;
    announce(&runtime.catalog(), address);

    let (running, stop) = (TaskTracker::new(), CancellationToken::new());
    let _reload = AbortOnDropHandle::new(tokio::spawn(reload.run(stop.clone())));
    let sessions = Sessions::new(config.server.session_idle);
    let shared = Shared::new(runtime, mcp(&config)?, Some(Arc::clone(&sessions)), running.clone());
    let limits = HttpConfig {
        allowed_hosts: config.server.allowed_hosts.clone(),
        allowed_origins: config.server.allowed_origins.clone(),
        max_body: config.server.max_body,
    };
    let serving = http::serve(listener, shared, sessions, limits, running.clone(), stop.clone());
    let served = until_stopped(serving, signals, running, stop, config.server.shutdown_grace).await;
    close(admin).await;
    served.unwrap_or(Ok(()))?;
    Ok(())
}

/// Serves stdin and stdout until stdin ends, or a signal. Operators read the `ring`.
///
/// # Errors
/// If the sandbox doesn't start, or stdout can't be written.
pub(crate) async fn stdio(config: Config, ring: Ring) -> anyhow::Result<()> {
    let (runtime, reload) = start(&config).await?;
    // From here on there is a socket to remove at the end.
    let signals = Signals::listen();
    let admin = Admin::start(&config.admin, About::stdio(&config), reload.control(), ring).await;
    let (running, stop) = (TaskTracker::new(), CancellationToken::new());
    let _reload = AbortOnDropHandle::new(tokio::spawn(reload.run(stop.clone())));
    let shared = Shared::new(runtime, mcp(&config)?, None, running.clone());
    let serving = stdio::serve(Handler::new(shared), stop.clone());
    let served = until_stopped(serving, signals, running, stop, config.server.shutdown_grace).await;
    close(admin).await;
    served.unwrap_or(Ok(()))
}

/// By which addresses this host can be reached where it listens.
fn own(address: SocketAddr) -> Vec<SocketAddr> {
    if !address.ip().is_unspecified() {
        return vec![address];
    }
    let interfaces = getifaddrs().into_iter().flatten().filter_map(|interface| interface.address);
    let ips = interfaces.filter_map(|address| {
        let v4 = address.as_sockaddr_in().map(|v4| IpAddr::V4(v4.ip()));
        v4.or_else(|| address.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip())))
    });
    ips.map(|ip| SocketAddr::new(ip, address.port())).collect()
}

async fn close(admin: Option<Admin>) {
    if let Some(admin) = admin {
        admin.close().await;
    }
}

/// Starts the sandbox and loads the plugins. A bad plugin is logged, and stops nothing.
async fn start(config: &Config) -> anyhow::Result<(Arc<Runtime>, Reload)> {
    let runtime = Arc::new(Runtime::start(config.runtime())?);
    let directory = &config.plugins_dir;
    if !directory.is_dir() {
        tracing::warn!(
            directory = %directory.display(),
            "the plugins directory doesn't exist, so there are no tools yet; \
             create it, or name another one with --plugins or `plugins_dir`"
        );
    }
    let reload =
        Reload::start(Arc::clone(&runtime), directory, follow::policy(config)?).await.with_context(|| {
            format!(
                "can't read the plugins directory {}; name another one with --plugins",
                directory.display()
            )
        })?;
    report(&runtime.catalog());
    Ok((runtime, reload))
}

fn report(catalog: &Catalog) {
    let (plugins, tools) = (catalog.plugins().len(), catalog.entries().len());
    tracing::info!(plugins, tools, refused = catalog.refused().len(), "plugins loaded");
}

fn mcp(config: &Config) -> anyhow::Result<McpConfig> {
    let meta = config.server.meta_tools.then(MetaTools::new).transpose()?;
    Ok(McpConfig {
        page_size: config.server.page_size,
        list_ttl_ms: u64::try_from(config.server.list_ttl.as_millis()).unwrap_or(u64::MAX),
        heartbeat: HeartbeatPeriod(config.server.heartbeat),
        usage: config.server.usage_meta,
        meta: meta.map(Arc::new),
    })
}

/// Runs `serving` until it ends by itself, or a signal has been answered by an orderly end.
/// None: it was still at work when its time was over.
async fn until_stopped<T>(
    serving: impl Future<Output = T>,
    signals: Signals,
    running: TaskTracker,
    stop: CancellationToken,
    grace: Duration,
) -> Option<T> {
    let mut serving = std::pin::pin!(serving);
    let drained = async {
        signals.first().await;
        tracing::info!(running = running.len(), ?grace, "ending: no new calls; a second signal ends at once");
        running.close();
        if tokio::time::timeout(grace, running.wait()).await.is_err() {
            tracing::warn!(running = running.len(), "the grace period is over, and calls are cut off");
        }
        stop.cancel();
    };
    tokio::select! {
        ended = &mut serving => return Some(ended),
        () = drained => {}
    }
    tokio::time::timeout(CLOSING, serving).await.ok()
}

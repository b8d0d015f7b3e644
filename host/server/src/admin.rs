//! The operator's side of a host that serves: what it does now, and orders to it, over a Unix socket.
//!
//! The protocol is HTTP with JSON ([`wire`]), so that `curl --unix-socket` is a client as good as the commands in
//! `cli/`. Nothing here is reachable from the network or by other users, and no plugin or client knows of it.
//! A host that can't have its socket says so, and serves without.

pub(crate) mod folder;
pub(crate) mod peer;
pub(crate) mod socket;
pub(crate) mod wire;

mod answer;
mod logs;
mod routes;

use std::{
    ffi::OsString,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use cofferdam_runtime::control::Control;
use tokio::net::UnixListener;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use self::{
    folder::FolderError,
    peer::Guarded,
    socket::{BindError, SocketFile},
};
use crate::{
    config::{self, Config},
    telemetry::Ring,
};

/// How long readers of the log get to take its last lines.
const CLOSING: Duration = Duration::from_secs(1);

/// What the host says of itself.
#[derive(Debug, Clone)]
pub(crate) struct About {
    started: Instant,
    plugins_dir: PathBuf,
    config: Option<PathBuf>,
    serves: String,
}

impl About {
    /// A host that serves HTTP here.
    pub(crate) fn http(config: &Config, address: SocketAddr) -> Self {
        Self::new(config, format!("http://{address}/mcp"))
    }

    /// A host that serves whoever started it.
    pub(crate) fn stdio(config: &Config) -> Self {
        Self::new(config, "stdio".to_owned())
    }

    fn new(config: &Config, serves: String) -> Self {
        let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
        Self {
            started: Instant::now(),
            plugins_dir: config.plugins_dir.clone(),
            config: config.file.as_ref().map(absolute),
            serves,
        }
    }

    fn told(&self) -> wire::Host {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        wire::Host {
            pid: std::process::id(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            plugins_dir: text(&self.plugins_dir),
            serves: self.serves.clone(),
            uptime_seconds: self.started.elapsed().as_secs(),
            config: self.config.as_deref().map(text),
        }
    }
}

/// Why a host has no admin endpoint.
#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error(transparent)]
    Bind(#[from] BindError),
}

/// The endpoint while it serves. Its socket goes when this is dropped.
pub(crate) struct Admin {
    serving: AbortOnDropHandle<()>,
    stop: CancellationToken,
    _file: SocketFile,
}

impl Admin {
    /// Serves, unless the operator wants none or it can't be had; the log says which.
    pub(crate) async fn start(
        settings: &config::Admin,
        about: About,
        control: Control,
        ring: Ring,
    ) -> Option<Self> {
        if !settings.enabled {
            return None;
        }
        let started = Self::try_start(settings, about, control, ring).await;
        started
            .inspect_err(|error| {
                tracing::warn!(%error, "no admin socket, so `cofferdam ps` and the like can't ask this host");
            })
            .ok()
    }

    async fn try_start(
        settings: &config::Admin,
        about: About,
        control: Control,
        ring: Ring,
    ) -> Result<Self, StartError> {
        let user = peer::ourselves();
        let (listener, file) = match &settings.socket {
            Some(path) => socket::bind(path).await?,
            None => bind_in_folder(user).await?,
        };
        tracing::info!(socket = %file.path().display(), "operators can ask at the admin socket");
        let stop = CancellationToken::new();
        let router = routes::router(about, control, ring, stop.clone());
        let stopped = stop.clone().cancelled_owned();
        let serving = axum::serve(Guarded::new(listener, user), router).with_graceful_shutdown(stopped);
        let serving = AbortOnDropHandle::new(tokio::spawn(async {
            if let Err(error) = serving.await {
                tracing::error!(%error, "the admin socket is closed");
            }
        }));
        Ok(Self { serving, stop, _file: file })
    }

    /// Ends: those who read the log get its last lines.
    pub(crate) async fn close(self) {
        self.stop.cancel();
        let _ = tokio::time::timeout(CLOSING, self.serving).await;
    }
}

/// The folders in which hosts of `user` may keep their sockets.
pub(crate) fn folders(user: u32) -> Vec<PathBuf> {
    let runtime_dir: Option<OsString> = std::env::var_os("XDG_RUNTIME_DIR");
    folder::candidates(runtime_dir.as_deref(), user)
}

async fn bind_in_folder(user: u32) -> Result<(UnixListener, SocketFile), StartError> {
    // There is always one.
    let folder = folders(user).swap_remove(0);
    folder::make(&folder, user)?;
    // Hosts that are killed again and again leave no heap of files, even if nobody ever looks.
    let _ = socket::find(&folder).await;
    Ok(socket::bind(&folder.join(socket::name(std::process::id()))).await?)
}

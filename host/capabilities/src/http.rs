//! HTTP for plugins: one service for the host, one pool of connections for each plugin.
//!
//! A request is permitted by the plugin's grant, then sent; every hop of a redirect is permitted anew. Finding
//! an address, judging it and dialling it are one step (`http/egress`), so a connection that exists was judged
//! under the grant of the pool that holds it. A plugin whose grant changes gets a new pool.
//! What isn't here can't be turned on: no proxies, no cookies, no `Alt-Svc`, no cache, no upgrade, no trailers.
//! A plugin has no handle on a connection: it gives a request, and gets a response whose body is complete.
//! What the operator bound to a line of the grant goes along with what that line permits, and never comes back
//! (`http/bound`, `http/scrub`).

mod body;
pub mod bound;
mod budget;
mod client;
mod decode;
mod egress;
mod error;
mod gather;
mod head;
mod redirect;
mod retry;
mod scrub;
mod stream;
mod tls;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use cofferdam_policy::{HttpGrant, HttpLimits};
use tokio::sync::Semaphore;

pub use bound::{Bound, BoundHeader};
pub use budget::HttpBudget;
pub use client::PluginHttp;
pub use egress::{Resolve, Resolving, SystemResolver};
pub use error::{Failure, HttpError, HttpLimit};
pub use gather::Gathering;
pub use head::is_host_only;
pub use tls::{TlsError, TlsRoots};

/// Connections of all plugins together that are open at the same time: below what one process may open.
const HOST_CONNECTIONS: usize = 512;

/// What a plugin wants sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HttpRequest {
    /// In upper case.
    pub method: String,
    /// As written; parsed once.
    pub url: String,
    /// Sent as they are, in this order, but for those that only the host may set: these are refused.
    pub headers: Vec<(String, Vec<u8>)>,
    /// None: no body.
    pub body: Option<Bytes>,
    /// None, or longer than the operator's deadline: that deadline.
    pub timeout: Option<Duration>,
    /// None: until `timeout`. How long it may take, from dialling on, until the response begins.
    pub begins: Option<Duration>,
    /// How many redirects the host follows, at most 5. None: the redirect is the response.
    pub redirects: u8,
    /// How many times more it is tried, at most 5, where nothing came or 429, 502, 503 or 504; for methods only that
    /// do the same when done twice.
    pub retries: u8,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// Where it came from, after redirects.
    pub url: String,
    /// In the order in which they came, names in lower case.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Decompressed, unless the request had an `accept-encoding` of its own.
    pub body: Bytes,
}

/// The host's way out: how names are found, and whom TLS trusts.
#[derive(Clone)]
pub struct HttpService {
    resolver: Arc<dyn Resolve>,
    tls: Arc<rustls::ClientConfig>,
    connections: Arc<Semaphore>,
}

impl HttpService {
    /// A service that finds addresses with `resolver` and trusts `roots`.
    ///
    /// # Errors
    /// [`TlsError`] if the roots can't be used.
    pub fn new(resolver: Arc<dyn Resolve>, roots: TlsRoots) -> Result<Self, TlsError> {
        let connections = Arc::new(Semaphore::new(HOST_CONNECTIONS));
        Ok(Self { resolver, tls: Arc::new(roots.config()?), connections })
    }

    /// The way out of one plugin, with connections of its own. Dropping it closes those that are idle.
    #[must_use]
    pub fn plugin(&self, grant: HttpGrant, limits: HttpLimits) -> PluginHttp {
        self.plugin_with(grant, Bound::default(), limits)
    }

    /// The same, with headers that the operator bound to lines of the grant.
    #[must_use]
    pub fn plugin_with(&self, grant: HttpGrant, bound: Bound, limits: HttpLimits) -> PluginHttp {
        PluginHttp::new(self, grant, bound, limits)
    }
}

impl std::fmt::Debug for HttpService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpService").finish_non_exhaustive()
    }
}

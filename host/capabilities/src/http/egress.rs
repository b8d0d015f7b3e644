//! The only way out: find the addresses of a host, judge them all, dial one of those that were judged.
//!
//! There is no second look-up between the judgement and the connection, so an answer that changes afterwards
//! changes nothing. Nothing else in the host connects for a plugin.

use std::{
    io,
    net::{IpAddr, SocketAddr, ToSocketAddrs},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use cofferdam_policy::{DialPermit, HttpGrant, HttpLimits, limits::http::ADDRESSES, units::Quantity};
use futures::{StreamExt, stream::FuturesUnordered};
use http::Uri;
use rustls::pki_types::ServerName;
use tokio::{net::TcpStream, sync::Semaphore, time};
use tokio_rustls::TlsConnector;
use tower_service::Service;

use super::{Failure, HttpError, HttpLimit, HttpService, stream::Connection};

/// What [`Resolve`] answers, later.
pub type Resolving<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// Finds the addresses of a name. What it answers is judged, whoever it is.
pub trait Resolve: Send + Sync + 'static {
    /// All addresses of `host`, which is a name and not an address.
    fn resolve<'a>(&'a self, host: &'a str) -> Resolving<'a>;
}

/// The operating system's resolver: its `hosts` file, its name servers, its search list.
#[derive(Debug, Clone)]
pub struct SystemResolver {
    lookups: Arc<Semaphore>,
}

/// Look-ups at the same time: each holds a thread, and can't be interrupted.
const LOOKUPS: usize = 32;

impl Default for SystemResolver {
    fn default() -> Self {
        Self { lookups: Arc::new(Semaphore::new(LOOKUPS)) }
    }
}

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a str) -> Resolving<'a> {
        let (lookups, host) = (Arc::clone(&self.lookups), host.to_owned());
        Box::pin(async move {
            let place = lookups.acquire_owned().await.map_err(io::Error::other)?;
            let find = move || {
                // Held until the look-up ends, also when nobody waits for it any more.
                let _place = place;
                (host.as_str(), 0).to_socket_addrs().map(|found| found.map(|address| address.ip()).collect())
            };
            tokio::task::spawn_blocking(find).await.map_err(io::Error::other)?
        })
    }
}

/// Opens the connections of one plugin.
#[derive(Clone)]
pub(super) struct Egress(Arc<Inner>);

struct Inner {
    resolver: Arc<dyn Resolve>,
    grant: HttpGrant,
    limits: HttpLimits,
    tls: TlsConnector,
    places: [Arc<Semaphore>; 2],
}

impl Egress {
    pub(super) fn new(service: &HttpService, grant: HttpGrant, limits: HttpLimits) -> Self {
        let mut tls = (*service.tls).clone();
        // What one plugin's connections agreed on is not resumed by another's.
        tls.resumption = rustls::client::Resumption::in_memory_sessions(64);
        let own = usize::try_from(limits.connections.value()).unwrap_or(1);
        Self(Arc::new(Inner {
            resolver: Arc::clone(&service.resolver),
            grant,
            limits,
            tls: TlsConnector::from(Arc::new(tls)),
            places: [Arc::new(Semaphore::new(own)), Arc::clone(&service.connections)],
        }))
    }
}

impl Service<Uri> for Egress {
    type Response = Connection;
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<Connection, HttpError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), HttpError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let inner = Arc::clone(&self.0);
        Box::pin(async move {
            let limit = inner.limits.connect;
            let late = |_| HttpError::failed(Failure::Timeout, format!("no connection within {limit}"));
            time::timeout(limit.duration(), inner.open(&uri)).await.map_err(late)?
        })
    }
}

impl Inner {
    async fn open(&self, uri: &Uri) -> Result<Connection, HttpError> {
        let secure = uri.scheme_str() != Some("http");
        let host = uri.host().unwrap_or_default();
        let host = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let permits = self.judged(host, port).await?;
        let places = self.places()?;
        let stream = dial(permits).await?;
        if !secure {
            return Ok(Connection::new(stream, false, places));
        }
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| HttpError::failed(Failure::Tls, "the host's name can't be in a certificate"))?;
        let stream = self.tls.connect(name, stream).await.map_err(|error| of_tls(&error))?;
        let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2".as_slice());
        Ok(Connection::new(stream, http2, places))
    }

    /// The addresses of `host`, all of them judged. An address that is written out is judged the same way.
    async fn judged(&self, host: &str, port: u16) -> Result<Vec<DialPermit>, HttpError> {
        let no_address = |text: &str| HttpError::failed(Failure::Dns, format!("`{host}` {text}"));
        let found = match host.parse::<IpAddr>() {
            Ok(address) => vec![address],
            Err(_) => match self.resolver.resolve(host).await {
                Ok(found) => found,
                Err(_) => return Err(no_address("can't be resolved")),
            },
        };
        match found.len() {
            0 => return Err(no_address("has none")),
            count if count > ADDRESSES => return Err(no_address("has too many addresses")),
            _ => {}
        }
        let sockets: Vec<_> = found.into_iter().map(|ip| SocketAddr::new(ip, port)).collect();
        self.grant.addresses().judge_all(&sockets).map_err(|refused| {
            let plugin = self.grant.plugin();
            tracing::warn!(
                target: "cofferdam::http",
                %plugin, host, address = %refused.address, reason = %refused, "an address is refused",
            );
            HttpError::Refused { plugin: plugin.to_string(), host: host.to_owned(), refused }
        })
    }

    fn places(&self) -> Result<[tokio::sync::OwnedSemaphorePermit; 2], HttpError> {
        let [own, host] = &self.places;
        let place = |places: &Arc<Semaphore>| Arc::clone(places).try_acquire_owned();
        let own = place(own).map_err(|_| HttpLimit::Connections.reached(&self.limits))?;
        let host = place(host)
            .map_err(|_| HttpError::failed(Failure::Connect, "the host has too many connections open"))?;
        Ok([own, host])
    }
}

/// How long one address may try alone before the next one tries too.
const STAGGER: Duration = Duration::from_millis(250);

/// Connects to the first address that answers.
async fn dial(permits: Vec<DialPermit>) -> Result<TcpStream, HttpError> {
    let mut waiting = permits.into_iter();
    let mut trying: FuturesUnordered<_> = waiting.next().into_iter().map(connect).collect();
    loop {
        tokio::select! {
            result = trying.next() => match (result, waiting.next()) {
                (Some(Ok(stream)), _) => return Ok(stream),
                (Some(Err(_)), Some(next)) => trying.push(connect(next)),
                (Some(Err(error)), None) if trying.is_empty() => {
                    return Err(HttpError::failed(Failure::Connect, error.kind().to_string()));
                }
                (Some(Err(_)), None) => {}
                (None, _) => return Err(HttpError::failed(Failure::Connect, "there is no address to try")),
            },
            () = time::sleep(STAGGER), if waiting.len() > 0 => trying.extend(waiting.next().map(connect)),
        }
    }
}

/// Uses up one permit for one connection.
async fn connect(permit: DialPermit) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(permit.address()).await?;
    if stream.peer_addr()? != permit.address() {
        return Err(io::ErrorKind::AddrNotAvailable.into());
    }
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn of_tls(error: &io::Error) -> HttpError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(error) => HttpError::failed(Failure::Tls, error.to_string()),
        None => HttpError::failed(Failure::Tls, format!("the handshake was cut short ({})", error.kind())),
    }
}

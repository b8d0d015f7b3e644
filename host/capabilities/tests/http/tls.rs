//! TLS: trust, names, and the protocol that both sides agree on.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use cofferdam_capabilities::http::{Failure, HttpBudget, HttpLimit, HttpRequest, PluginHttp, TlsRoots};
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, body::Incoming, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::support::{Names, Setup, Then, Upstream, failure, get, limit, request, send};

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn roots(&self) -> TlsRoots {
        TlsRoots::only([self.0.der().to_vec()]).unwrap()
    }

    fn certify(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> ServerConfig {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap()
    }
}

/// Answers with the version, the host and the body that came; counts connections.
async fn serve(mut config: ServerConfig, protocols: &[&str]) -> (SocketAddr, Arc<Mutex<usize>>) {
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    let http2 = protocols.contains(&"h2");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let accepted = Arc::new(Mutex::new(0));
    let counter = Arc::clone(&accepted);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            *counter.lock().unwrap() += 1;
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let io = TokioIo::new(stream);
                let _ = match http2 {
                    true => {
                        hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                            .serve_connection(io, service_fn(tell))
                            .await
                    }
                    false => {
                        hyper::server::conn::http1::Builder::new()
                            .serve_connection(io, service_fn(tell))
                            .await
                    }
                };
            });
        }
    });
    (address, accepted)
}

async fn tell(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let host = head.uri.host().map(str::to_owned).unwrap_or_else(|| {
        let host = head.headers["host"].to_str().unwrap();
        host.split(':').next().unwrap().to_owned()
    });
    let body = body.collect().await.unwrap().to_bytes();
    let text = format!("{:?} {host} {} {}", head.version, head.uri.path(), String::from_utf8_lossy(&body));
    let mut response = Response::new(Full::new(text.into()));
    if head.uri.path() == "/huge" {
        *response.body_mut() = Full::new(vec![b'x'; 9 << 20].into());
    }
    if head.uri.path() == "/many" {
        for n in 0..150 {
            response.headers_mut().append("x", n.into());
        }
    }
    if head.uri.path() == "/large" {
        response.headers_mut().append("x", "y".repeat(100_000).parse().unwrap());
    }
    Ok(response)
}

fn plugin(address: SocketAddr, roots: TlsRoots) -> PluginHttp {
    let line = format!("* https://*:{}/* dangerous-any", address.port());
    Setup::trusting(&Names::usual(), &[], roots).private(&[address]).lines(&[&line]).plugin()
}

fn url(address: SocketAddr, host: &str, path: &str) -> String {
    format!("https://{host}:{}{path}", address.port())
}

#[tokio::test]
async fn both_versions_of_http_are_spoken_over_tls() {
    let authority = Authority::new();
    for (protocols, version) in
        [(&["h2", "http/1.1"][..], "HTTP/2.0"), (&["http/1.1"], "HTTP/1.1"), (&[], "HTTP/1.1")]
    {
        let (address, _) = serve(authority.certify(&["up.example", "127.0.0.1"], |_| {}), protocols).await;
        let plugin = plugin(address, authority.roots());
        for host in ["up.example", "127.0.0.1"] {
            let asked =
                HttpRequest { body: Some("hi".into()), ..request("POST", &url(address, host, "/x?q")) };
            let response = plugin.send(&HttpBudget::new(plugin.limits()), asked).await.unwrap();
            assert_eq!(String::from_utf8_lossy(&response.body), format!("{version} {host} /x hi"));
        }
    }
}

#[tokio::test]
async fn requests_share_one_http2_connection() {
    let authority = Authority::new();
    let (address, accepted) = serve(authority.certify(&["up.example"], |_| {}), &["h2"]).await;
    let plugin = plugin(address, authority.roots());
    get(&plugin, &url(address, "up.example", "/")).await.unwrap();
    let requests = vec![request("GET", &url(address, "up.example", "/")); 30];
    let results = plugin.send_all(&HttpBudget::new(plugin.limits()), requests).await;
    assert!(results.iter().all(|result| result.as_ref().is_ok_and(|r| r.body.starts_with(b"HTTP/2.0 "))));
    assert_eq!(*accepted.lock().unwrap(), 1);
}

#[tokio::test]
async fn headers_are_bounded_over_http2_too() {
    let authority = Authority::new();
    let (address, _) = serve(authority.certify(&["up.example"], |_| {}), &["h2"]).await;
    let plugin = plugin(address, authority.roots());
    let many = get(&plugin, &url(address, "up.example", "/many")).await;
    assert_eq!(limit(many), HttpLimit::HeaderCount);
    let large = get(&plugin, &url(address, "up.example", "/large")).await;
    assert_eq!(failure(large), Failure::Protocol);
}

#[tokio::test]
async fn a_head_over_http2_may_speak_of_any_length() {
    let authority = Authority::new();
    let (address, _) = serve(authority.certify(&["up.example"], |_| {}), &["h2"]).await;
    let plugin = plugin(address, authority.roots());
    let url = url(address, "up.example", "/huge");
    let response = send(&plugin, request("HEAD", &url)).await.unwrap();
    assert!(response.headers.contains(&("content-length".to_owned(), b"9437184".to_vec())), "{response:?}");
    assert_eq!(limit(get(&plugin, &url).await), HttpLimit::ResponseBody);
}

#[tokio::test]
async fn a_certificate_that_does_not_prove_the_host_ends_the_request() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let past = |params: &mut CertificateParams| {
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(2001, 1, 1);
    };
    let future = |params: &mut CertificateParams| params.not_before = date_time_ymd(2090, 1, 1);
    for (what, config) in [
        ("another name", authority.certify(&["other.example"], |_| {})),
        ("a name above", authority.certify(&["example"], |_| {})),
        ("no name", authority.certify(&[], |_| {})),
        ("a stranger's", stranger.certify(&["up.example"], |_| {})),
        ("too old", authority.certify(&["up.example"], past)),
        ("too young", authority.certify(&["up.example"], future)),
    ] {
        let (address, _) = serve(config, &["h2", "http/1.1"]).await;
        let plugin = plugin(address, authority.roots());
        assert_eq!(failure(get(&plugin, &url(address, "up.example", "/")).await), Failure::Tls, "{what}");
    }
}

#[tokio::test]
async fn an_upstream_without_tls_is_not_spoken_to_in_the_clear() {
    let authority = Authority::new();
    for then in [Then::Close, Then::KeepOpen] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ears = Arc::clone(&heard);
        tokio::spawn(async move {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = vec![0; 4096];
            let count = stream.read(&mut bytes).await.unwrap();
            ears.lock().unwrap().extend_from_slice(&bytes[..count]);
            if matches!(then, Then::KeepOpen) {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
            }
        });
        let plugin = plugin(address, authority.roots());
        assert_eq!(failure(get(&plugin, &url(address, "up.example", "/secret")).await), Failure::Tls);
        assert!(!String::from_utf8_lossy(&heard.lock().unwrap()).contains("secret"));
    }
}

#[tokio::test]
async fn mozilla_s_roots_do_not_know_our_authority() {
    let authority = Authority::new();
    let (address, _) = serve(authority.certify(&["up.example"], |_| {}), &["h2"]).await;
    let plugin = plugin(address, TlsRoots::mozilla());
    let error = get(&plugin, &url(address, "up.example", "/")).await.unwrap_err();
    assert_eq!(error.to_string(), "no trusted connection: invalid peer certificate: UnknownIssuer");
    assert!(Upstream::ok().await.seen().is_empty());
}

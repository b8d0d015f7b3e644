//! `wasi:http`: a component that knows nothing of us sends as far as it was granted, through the same bounds as any.

mod hostile;
mod limits;
mod upstream;

use cofferdam_runtime::{
    PluginSpec,
    capabilities::{
        CallContext, Event,
        http::{Bound, BoundHeader},
        secret::{Secret, Template, Zeroizing},
    },
    policy::{AddressRule, HttpGrant, HttpLimits, PluginId},
};
use cofferdam_tests::{Guest, Setup, TestHost, guest::Sandbox};
use serde_json::{Value, json};

use self::upstream::Upstream;

/// These lines for the plugin `p`, in which `UP` is the upstream's origin, and the way to its address.
fn spec(lines: &[&str], upstream: &Upstream) -> PluginSpec {
    let lines: Vec<_> = lines.iter().map(|line| line.replace("UP", &upstream.origin())).collect();
    let addresses = AddressRule::new(vec![upstream.address], vec![]).unwrap();
    let grant = HttpGrant::parse(PluginId::parse("p").unwrap(), &lines, addresses).unwrap();
    PluginSpec { http: Some(grant), ..PluginSpec::default() }
}

async fn host(spec: PluginSpec) -> TestHost {
    TestHost::start([Setup::of(Sandbox::WasiHttp).id("p").spec(spec)]).await
}

/// A host whose plugin may send anything to the upstream, within these limits.
async fn open(upstream: &Upstream, limits: HttpLimits) -> TestHost {
    host(PluginSpec { http_limits: limits, ..spec(&["* UP/*"], upstream) }).await
}

async fn send(host: &TestHost, requests: Value) -> Vec<Value> {
    let result = host.result("p_send", json!({ "requests": requests })).await;
    result.structured.unwrap()["result"].as_array().unwrap().clone()
}

/// What came of a request to the upstream.
async fn one(host: &TestHost, upstream: &Upstream, mut request: Value) -> Value {
    request["authority"] = upstream.address.to_string().into();
    send(host, json!([request])).await.remove(0)
}

#[tokio::test]
pub(crate) async fn a_component_without_the_sdk_s_http_sends_what_was_granted() {
    let upstream = Upstream::start().await;
    let host = open(&upstream, HttpLimits::default()).await;
    let request = json!({
        "method": "POST", "path": "/echo?a=b", "headers": [["x-mine", "1"], ["content-length", "11"]], "body": "hello world",
    });
    let came = one(&host, &upstream, request).await;
    let sent = format!(
        "POST /echo?a=b HTTP/1.1\r\nx-mine: 1\r\naccept-encoding: gzip, br, zstd, deflate\r\n\
         user-agent: cofferdam/0.1.0\r\naccept: */*\r\nhost: {}\r\ncontent-length: 11\r\n\r\nhello world",
        upstream.address
    );
    assert_eq!(upstream.seen(), [sent.as_str()]);
    let expected = json!({
        "status": 200, "headers": [["content-length", sent.len().to_string()], ["x-up", "yes"]],
        "length": sent.len(), "body": sent,
    });
    assert_eq!(came, expected);
    // A redirect is the guest's to follow.
    let came = one(&host, &upstream, json!({ "path": "/away" })).await;
    let location = json!(["location", "http://evil.example/"]);
    assert_eq!((&came["status"], &came["headers"][0]), (&json!(302), &location));
    assert_eq!(upstream.seen().len(), 2);
}

#[tokio::test]
async fn requests_that_were_handed_over_run_at_the_same_time() {
    let upstream = Upstream::start().await;
    let host = open(&upstream, HttpLimits::default()).await;
    // The upstream answers none of these until it has all of them.
    let paths = ["/three/1", "/three/2", "/three/3"];
    let arguments = json!({ "authority": upstream.address.to_string(), "paths": paths });
    let came = host.result("p_together", arguments).await.structured.unwrap();
    let statuses: Vec<_> =
        came["result"].as_array().unwrap().iter().map(|came| came["status"].clone()).collect();
    assert_eq!(statuses, [200, 200, 200]);
}

/// What came of one request, and what the client was told.
async fn told(host: &TestHost, request: Value) -> (Value, Vec<Value>) {
    use cofferdam_runtime::{capabilities::LogLevel, content::Outcome};
    let (events, mut received) = tokio::sync::mpsc::channel(16);
    let context =
        CallContext { events: Some(events), log_level: Some(LogLevel::Info), ..CallContext::default() };
    let report = host.call_in("p_send", json!({ "requests": [request] }), context).await;
    let Ok(Outcome::Complete(result)) = report.result else { panic!("{:?}", report.result) };
    let mut told = Vec::new();
    while let Some(event) = received.recv().await {
        let Event::Log { level: LogLevel::Warning, logger: Some(logger), data } = event else {
            panic!("{event:?}")
        };
        assert_eq!(logger, "wasi:http");
        told.push(data);
    }
    (result.structured.unwrap()["result"][0].clone(), told)
}

#[tokio::test]
async fn what_was_not_granted_is_denied_and_the_client_reads_how_to_grant_it() {
    let (upstream, other) = (Upstream::start().await, Upstream::start().await);
    let host = host(spec(&["GET UP/v1/*", &format!("GET {}/x", other.origin())], &upstream)).await;
    let (up, other_address) = (upstream.address.to_string(), other.address.to_string());
    for (request, code, text) in [
        (
            json!({ "authority": up, "path": "/v2/x" }),
            "ErrorCode::HttpRequestDenied",
            format!(
                "`p` may not GET {0}/v2/x: this host is granted for other paths [C0205]; \
                 to allow it, run: cofferdam grant p http 'GET {0}/v2/x'",
                upstream.origin()
            ),
        ),
        (
            json!({ "authority": "evil.example", "path": "/v1/x" }),
            "ErrorCode::HttpRequestDenied",
            "`p` may not GET http://evil.example/v1/x: no grant names this host [C0202]; \
             to allow it, run: cofferdam grant p http 'GET http://evil.example/v1/x'"
                .to_owned(),
        ),
        (
            json!({ "authority": other_address, "path": "/x" }),
            "ErrorCode::DestinationIpProhibited",
            format!(
                "`127.0.0.1` leads to an address that `p` may not reach: Loopback (RFC 1122) [C0214]; \
                 to allow it, run: cofferdam grant p private {other_address}"
            ),
        ),
    ] {
        assert_eq!(told(&host, request).await, (json!({ "stopped": code }), vec![json!(text)]));
    }
    assert_eq!((upstream.seen().len(), other.connections(), upstream.connections()), (0, 0, 0));
}

#[tokio::test]
async fn without_a_grant_it_is_not_loaded() {
    let host = TestHost::with_places(1);
    let refused = host.load(Setup::of(Sandbox::WasiHttp).id("p")).await.unwrap_err();
    let expected = "`p` imports http, and cofferdam.toml grants it none [C0101]; if it should have what its tools want, \
                    add `http = [\"GET https://HOST/*\"]` under [plugins.p] in cofferdam.toml, or run: \
                    cofferdam grant p http 'GET https://HOST/*'";
    assert_eq!(refused.to_string(), expected);
    let upstream = Upstream::start().await;
    let plugin =
        host.load(Setup::of(Sandbox::WasiHttp).id("p").spec(spec(&["GET UP/*"], &upstream))).await.unwrap();
    let meaning = |name: &str| {
        let import = plugin.imports.iter().find(|import| import.name.starts_with(name)).unwrap();
        import.meaning.to_string()
    };
    let expected = format!("may send HTTP requests as far as granted: GET {}/*", upstream.origin());
    assert_eq!(meaning("wasi:http/outgoing-handler@0.2."), expected);
    assert_eq!(meaning("wasi:http/types@0.2."), "the types of requests and responses");
}

/// The component with one part of its names in place of another of the same length.
fn renamed(component: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = component.to_vec();
    let mut found = 0;
    while let Some(at) = bytes.windows(from.len()).position(|window| window == from.as_bytes()) {
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        found += 1;
    }
    assert!(found > 0, "there is no {from}");
    bytes
}

#[tokio::test]
async fn every_release_of_the_track_is_served() {
    let upstream = Upstream::start().await;
    let mut component = Guest::from(Sandbox::WasiHttp).component();
    for interface in ["types", "outgoing-handler"] {
        let name = |version: &str| format!("wasi:http/{interface}@{version}");
        component = renamed(&component, &name("0.2.12"), &name("0.2.10"));
    }
    let host = TestHost::start([Setup::bytes("p", component).spec(spec(&["GET UP/*"], &upstream))]).await;
    assert_eq!(one(&host, &upstream, json!({})).await["body"], "ok");
}

#[tokio::test]
async fn a_bound_secret_goes_along_and_does_not_come_back() {
    const TOKEN: &str = "tok-1234567890";
    let upstream = Upstream::start().await;
    let secret = Secret::new("up", Zeroizing::new(TOKEN.to_owned()));
    let filled =
        Template::parse("Bearer ${secret:up}").unwrap().fill(&[("up".to_owned(), secret)].into()).unwrap();
    let http_bound = Bound::new(vec![vec![BoundHeader::new("Authorization", filled).unwrap()]]);
    let host = host(PluginSpec { http_bound, ..spec(&["GET UP/*"], &upstream) }).await;
    let came = one(&host, &upstream, json!({ "path": "/echo" })).await;
    assert!(
        upstream.seen()[0].contains(&format!("authorization: Bearer {TOKEN}\r\n")),
        "{:?}",
        upstream.seen()
    );
    let body = came["body"].as_str().unwrap();
    assert!(body.contains("authorization: Bearer ") && !came.to_string().contains(TOKEN), "{came}");
    let own = json!({ "path": "/echo", "headers": [["authorization", "mine"]] });
    let stopped = one(&host, &upstream, own).await["stopped"].to_string();
    assert!(stopped.contains("is the operator's to set for this address"), "{stopped}");
    assert_eq!(upstream.seen().len(), 1);
}

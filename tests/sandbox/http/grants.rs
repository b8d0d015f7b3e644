//! Which requests are sent at all.

use cofferdam_runtime::{
    LoadError, PluginSpec,
    policy::units::{Count, Quantity as _},
};
use cofferdam_tests::{
    Setup,
    guest::Sandbox,
    upstream::{Names, Upstream},
};
use serde_json::json;

use super::{Grant, get, host, one, text};

#[tokio::test]
pub(crate) async fn what_no_line_covers_is_denied_and_nothing_is_dialled() {
    let (names, upstream) = (Names::usual(), Upstream::ok().await);
    let port = upstream.address.port();
    let host = host(&names);
    let line = format!("GET http://up.example:{port}/v1/*");
    host.publish([Grant::new(&[&line], &[&upstream]).plugin()]).await;
    for (method, host_and_port, path, code) in [
        ("GET", format!("other.example:{port}"), "/v1/x", "C0202"),
        ("GET", format!("x.up.example:{port}"), "/v1/x", "C0202"),
        ("GET", format!("evil-up.example:{port}"), "/v1/x", "C0202"),
        ("GET", format!("up.example.evil.example:{port}"), "/v1/x", "C0202"),
        ("GET", format!("up.example:{port}@other.example"), "/v1/x", "C0210"),
        ("GET", format!("other.example\\@up.example:{port}"), "/v1/x", "C0202"),
        ("GET", format!("up.example.:{port}"), "/v1/x", "C0211"),
        ("GET", "up.example".to_owned(), "/v1/x", "C0204"),
        ("GET", "up.example:0".to_owned(), "/v1/x", "C0213"),
        ("GET", format!("127.0.0.1:{port}"), "/v1/x", "C0202"),
        ("GET", format!("2130706433:{port}"), "/v1/x", "C0202"),
        ("POST", format!("up.example:{port}"), "/v1/x", "C0207"),
        ("get", format!("up.example:{port}"), "/v1/x", "C0208"),
        ("CONNECT", format!("up.example:{port}"), "/v1/x", "C0208"),
        ("GET", format!("up.example:{port}"), "/v2/x", "C0205"),
        ("GET", format!("up.example:{port}"), "/v1/../v2/x", "C0205"),
        ("GET", format!("up.example:{port}"), "/v1/%2e%2e%2fv2", "C0206"),
        ("GET", format!("up.example:{port}"), "/v1%2fx", "C0205"),
    ] {
        let url = format!("http://{host_and_port}{path}");
        let answer = one(&host, json!({ "method": method, "url": url })).await;
        assert!(text(&answer, "denied").contains(&format!("[{code}]")), "{method} {url}: {answer}");
    }
    for (url, code) in [
        ("file:///etc/passwd", "C0209"),
        ("ftp://up.example/v1/x", "C0209"),
        ("unix:/run/docker.sock", "C0209"),
        (&format!("https://up.example:{port}/v1/x"), "C0203"),
    ] {
        let answer = get(&host, url).await;
        assert!(text(&answer, "denied").contains(&format!("[{code}]")), "{url}: {answer}");
    }
    assert!(names.asked().is_empty());
    assert_eq!(upstream.accepted(), 0);
    // What stands for the same address is the same, and is sent.
    for url in
        [format!("HTTP://UP.EXAMPLE:{port}/v1/x"), format!("http://u%70.example:{port}/v2/../v1/x#part")]
    {
        assert_eq!(get(&host, &url).await["came"]["text"], "hello", "{url}");
    }
    let host_line = format!("\r\nhost: up.example:{port}\r\n");
    assert_eq!(upstream.seen().len(), 2);
    assert!(
        upstream
            .seen()
            .iter()
            .all(|seen| seen.starts_with("GET /v1/x HTTP/1.1\r\n") && seen.contains(&host_line))
    );
}

#[tokio::test]
async fn a_denial_says_what_would_allow_it_and_no_query() {
    let (names, upstream) = (Names::usual(), Upstream::ok().await);
    let host = host(&names);
    host.publish([Grant::new(&["GET https://up.example/*"], &[&upstream]).plugin()]).await;
    let answer = one(&host, json!({ "method": "POST", "url": "https://up.example/a/b?key=hidden" })).await;
    assert_eq!(
        text(&answer, "denied"),
        "`p` may not POST https://up.example/a/b: this address is granted for other methods [C0207]; \
         to allow it, run: cofferdam grant p http 'POST https://up.example/a/b'"
    );
}

#[tokio::test]
async fn every_port_that_was_not_granted_is_refused_alike() {
    let (names, upstream) = (Names::usual(), Upstream::ok().await);
    let host = host(&names);
    let line = format!("GET http://up.example:{}/*", upstream.address.port());
    let grant = Grant::new(&[&line], &[&upstream]).limits(|limits| limits.requests = Count::of(10_000));
    host.publish([grant.plugin()]).await;
    let ports = (1..=1_000_u16).chain([3306, 5432, 6379, 7331, 65_535]);
    let ports: Vec<_> = ports.filter(|port| *port != upstream.address.port()).collect();
    let requests: Vec<_> =
        ports.iter().map(|port| json!({ "url": format!("http://up.example:{port}/") })).collect();
    for (port, answer) in ports.iter().zip(super::send(&host, json!(requests)).await.iter()) {
        let said = text(answer, "denied");
        assert!(said.contains("this host is granted on another port [C0204]"), "{port}: {said}");
    }
    assert!(names.asked().is_empty());
}

#[tokio::test]
async fn a_plugin_that_wants_http_is_loaded_only_with_a_grant() {
    let host = host(&Names::usual());
    let without = Setup::of(Sandbox::Http).id("p");
    let only_an_address = {
        let mut grant = Grant::new(&[], &[]);
        grant.private = vec!["10.1.2.3:80".parse().unwrap()];
        grant.plugin()
    };
    for setup in [without, only_an_address] {
        let error = host.load(setup).await.unwrap_err();
        assert!(matches!(error, LoadError::NotGranted(_)), "{error:?}");
        assert_eq!(
            error.to_string(),
            "`p` imports http, and cofferdam.toml grants it none [C0101]; if it should have what its tools want, add \
             `http = [\"GET https://api.example.com/*\", \"POST https://api.example.com/v1/*\"]` under [plugins.p] in \
             cofferdam.toml, or run: cofferdam grant p http 'GET https://api.example.com/*' && \
             cofferdam grant p http 'POST https://api.example.com/v1/*'"
        );
    }
    let error = host.load(Setup::of(Sandbox::HttpEarly).id("early")).await.unwrap_err();
    assert!(
        error.to_string().contains("add `http = [\"GET https://HOST/*\"]` under [plugins.early]"),
        "{error}"
    );
    // Who doesn't ask needs none, and what isn't used is not asked for.
    host.publish([Setup::of(Sandbox::Cache).id("cache")]).await;
}

#[tokio::test]
async fn what_a_plugin_may_reach_is_shown_with_its_import() {
    let host = host(&Names::usual());
    let grant = Grant::new(&["GET https://a.example/*", "POST,PUT https://*.b.example:8443/x"], &[]);
    let plugin = host.load(grant.plugin()).await.unwrap();
    let import =
        plugin.imports.iter().find(|import| import.name.starts_with("cofferdam:plugin/http@")).unwrap();
    assert_eq!(
        import.meaning,
        "may send HTTP requests as far as granted: GET https://a.example/*; POST,PUT https://*.b.example:8443/x"
    );
}

#[tokio::test]
pub(crate) async fn nothing_is_sent_while_tools_are_listed() {
    let (names, upstream) = (Names::usual(), Upstream::ok().await);
    let host = host(&names);
    let spec: PluginSpec = Grant::all(&[&upstream]).spec("p");
    let plugin = host.load(Setup::of(Sandbox::HttpEarly).id("p").spec(spec)).await.unwrap();
    assert_eq!(plugin.tools[0].input.source()["description"], "no requests are sent while tools are listed");
    assert!(names.asked().is_empty());
    assert_eq!(upstream.accepted(), 0);
}

#[tokio::test]
async fn each_interface_is_there_with_its_grant_and_without_it_only_if_it_needs_none() {
    let host = host(&Names::usual());
    let needs_none = [Sandbox::Cache, Sandbox::Database, Sandbox::Wasi, Sandbox::WasiStore, Sandbox::State];
    let needs_one = [Sandbox::Http, Sandbox::HttpEarly, Sandbox::WasiHttp];
    let granted = || Grant::new(&["GET https://api.example.com/*"], &[]).spec("p");
    for guest in needs_none.into_iter().chain(needs_one) {
        let plain = host.load(Setup::of(guest).id("p")).await;
        match needs_one.contains(&guest) {
            true => assert!(matches!(plain, Err(LoadError::NotGranted(_))), "{guest:?}: {plain:?}"),
            false => assert!(plain.is_ok(), "{guest:?}: {plain:?}"),
        }
        let with = host.load(Setup::of(guest).id("p").spec(granted())).await;
        assert!(with.is_ok(), "{guest:?}: {with:?}");
    }
}

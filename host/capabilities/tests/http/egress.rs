//! Look-up, judgement and dialling are one step, whatever a name answers.

use cofferdam_capabilities::http::{Failure, HttpError, HttpLimit, Resolve, SystemResolver};
use cofferdam_policy::{
    Denial,
    units::{Count, Quantity},
};

use crate::support::{
    Names, Setup, Then, Upstream, answer, failure, get, limit, millis, ok, refusal, request, send,
};

const ANY: &str = "* http://*/* dangerous-any";

#[tokio::test]
async fn a_connection_takes_one_look_up_and_serves_many_requests() {
    let (names, upstream) = (Names::usual(), Upstream::ok().await);
    let plugin = Setup::new(&names, &[&upstream]).plugin();
    for _ in 0..3 {
        let response = get(&plugin, &upstream.url("up.example", "/x")).await.unwrap();
        assert_eq!((response.status, &response.body[..]), (200, &b"hello"[..]));
        assert_eq!(response.url, upstream.url("up.example", "/x"));
    }
    assert_eq!(names.asked(), ["up.example"]);
    assert_eq!(upstream.accepted(), 1);
}

#[tokio::test]
async fn what_was_not_granted_is_neither_looked_up_nor_dialled() {
    let (names, upstream) = (Names::usual(), Upstream::ok().await);
    let line = format!("GET {}", upstream.url("up.example", "/v1/*"));
    let plugin = Setup::new(&names, &[&upstream]).lines(&[&line]).plugin();
    for (method, host, path, why) in [
        ("GET", "other.example", "/v1/x", Denial::Host),
        ("GET", "up.example.", "/v1/x", Denial::TrailingDot),
        ("GET", "up.example@other.example", "/v1/x", Denial::UserInfo),
        ("GET", "x.up.example", "/v1/x", Denial::Host),
        ("POST", "up.example", "/v1/x", Denial::Method),
        ("get", "up.example", "/v1/x", Denial::UnfitMethod),
        ("GET", "up.example", "/v2/x", Denial::Path),
        ("GET", "up.example", "/v1/%2e%2e%2fx", Denial::UnclearPath),
    ] {
        match send(&plugin, request(method, &upstream.url(host, path))).await {
            Err(HttpError::Denied(denied)) => assert_eq!(denied.why(), why, "{method} {host}{path}"),
            other => panic!("{method} {host}{path}: {other:?}"),
        }
    }
    assert!(names.asked().is_empty());
    assert_eq!(upstream.accepted(), 0);
}

#[tokio::test]
async fn a_name_that_turns_inside_is_refused_on_its_next_connection() {
    let outside = Upstream::saying(answer("connection: close\r\n", b"out"), Then::Close).await;
    let inside = Upstream::at(&format!("127.0.0.2:{}", outside.address.port()), |_| {
        (ok("secret").into(), Then::KeepOpen)
    })
    .await;
    let names = Names::new(&[("up.example", &[&["127.0.0.1"], &["127.0.0.2"]])]);
    let plugin = Setup::new(&names, &[&outside]).plugin();
    let url = outside.url("up.example", "/");
    assert_eq!(&get(&plugin, &url).await.unwrap().body[..], b"out");
    assert_eq!(refusal(get(&plugin, &url).await), "Loopback");
    assert_eq!(names.asked().len(), 2);
    assert_eq!((outside.accepted(), inside.accepted()), (1, 0));
}

#[tokio::test]
async fn a_name_with_one_address_inside_is_refused_whole() {
    let good = Upstream::ok().await;
    let port = good.address.port();
    let bad = Upstream::at(&format!("127.0.0.2:{port}"), |_| (ok("secret").into(), Then::KeepOpen)).await;
    let names = Names::new(&[
        ("first.example", &[&["127.0.0.1", "127.0.0.2"]]),
        ("last.example", &[&["127.0.0.2", "127.0.0.1"]]),
        ("public.example", &[&["1.1.1.1", "2606:4700::1111", "127.0.0.2"]]),
    ]);
    let plugin = Setup::new(&names, &[&good]).plugin();
    for name in ["first.example", "last.example", "public.example"] {
        assert_eq!(refusal(get(&plugin, &good.url(name, "/")).await), "Loopback", "{name}");
    }
    assert_eq!((good.accepted(), bad.accepted()), (0, 0));
}

#[tokio::test]
async fn every_form_of_an_address_inside_is_refused_by_name() {
    let upstream = Upstream::ok().await;
    let cases: [(&str, &str); 10] = [
        ("127.0.0.1", "Loopback"),
        ("0.0.0.0", "\"This network\""),
        ("::1", "Loopback Address"),
        ("::", "Unspecified Address"),
        ("::ffff:127.0.0.1", "Loopback"),
        ("10.0.0.1", "Private-Use"),
        ("169.254.169.254", "cloud metadata"),
        ("64:ff9b::a9fe:a9fe", "cloud metadata"),
        ("fe80::1", "Link-Local Unicast"),
        ("ff02::1", "Multicast"),
    ];
    for (address, entry) in cases {
        let names = Names::new(&[("up.example", &[&[address]])]);
        let setup = Setup::new(&names, &[&upstream]).private(&[]);
        let error = get(&setup.plugin(), &upstream.url("up.example", "/")).await.unwrap_err();
        assert!(!error.to_string().contains(address) || address == "::", "{error}");
        assert_eq!(refusal(Err(error)), entry, "{address}");
    }
    assert_eq!(upstream.accepted(), 0);
}

#[tokio::test]
async fn an_address_that_is_written_out_is_judged_too_and_never_looked_up() {
    let (names, upstream) = (Names::usual(), Upstream::ok().await);
    let plugin = Setup::new(&names, &[&upstream]).private(&[]).plugin();
    for host in ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "[::ffff:7f00:1]", "①②⑦.0.0.1", "0"] {
        let refused = get(&plugin, &upstream.url(host, "/")).await;
        assert!(matches!(refused, Err(HttpError::Refused { .. })), "{host}: {refused:?}");
    }
    assert!(names.asked().is_empty());
    assert_eq!(upstream.accepted(), 0);
    let plugin = Setup::new(&names, &[&upstream]).plugin();
    assert_eq!(get(&plugin, &upstream.url("127.1", "/")).await.unwrap().status, 200);
}

#[tokio::test]
async fn an_exception_is_for_one_port() {
    let (names, open, shut) = (Names::usual(), Upstream::ok().await, Upstream::ok().await);
    let plugin = Setup::new(&names, &[&open, &shut]).private(&[open.address]).plugin();
    assert_eq!(get(&plugin, &open.url("up.example", "/")).await.unwrap().status, 200);
    assert_eq!(refusal(get(&plugin, &shut.url("up.example", "/")).await), "Loopback");
    assert_eq!(shut.accepted(), 0);
}

#[tokio::test]
async fn a_refusal_says_what_the_operator_can_do() {
    let (names, upstream) = (Names::usual(), Upstream::ok().await);
    let plugin = Setup::new(&names, &[&upstream]).private(&[]).plugin();
    let error = get(&plugin, &upstream.url("up.example", "/")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "`up.example` leads to an address that `p` may not reach: Loopback (RFC 1122) [C0214]; to allow it, run: \
             cofferdam grant p private ADDRESS:{} (the host's log has the address)",
            upstream.address.port()
        )
    );
    let error = get(&plugin, &upstream.url("127.1", "/")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "`127.0.0.1` leads to an address that `p` may not reach: Loopback (RFC 1122) [C0214]; to allow it, run: \
             cofferdam grant p private {}",
            upstream.address
        )
    );
}

#[tokio::test]
async fn connections_are_not_shared_between_plugins() {
    let (names, upstream) = (Names::usual(), Upstream::ok().await);
    let setup = Setup::new(&names, &[&upstream]);
    let (trusted, other) = (setup.plugin(), setup.plugin());
    let url = upstream.url("up.example", "/");
    get(&trusted, &url).await.unwrap();
    get(&other, &url).await.unwrap();
    assert_eq!(upstream.accepted(), 2, "each has its own");
    // The same plugin after its exception was taken away: what is open is not for it any more.
    let stranger = setup.private(&[]).plugin();
    assert_eq!(refusal(get(&stranger, &url).await), "Loopback");
    assert_eq!(upstream.accepted(), 2);
}

#[tokio::test]
async fn a_name_without_a_usable_answer_has_no_address() {
    let addresses: Vec<String> = (0..65).map(|n| format!("1.1.1.{n}")).collect();
    let many: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let names = Names::new(&[("none.example", &[&[]]), ("many.example", &[&many])]);
    let plugin = Setup::new(&names, &[]).lines(&[ANY]).limits(|limits| limits.connect = millis(100)).plugin();
    for (name, text) in [
        ("none.example", "no address: `none.example` has none"),
        ("many.example", "no address: `many.example` has too many addresses"),
        ("unknown.example", "no address: `unknown.example` can't be resolved"),
        ("hanging.example", "no answer in time: no connection within 100ms"),
    ] {
        let error = get(&plugin, &format!("http://{name}/")).await.unwrap_err();
        assert_eq!(error.to_string(), text);
    }
}

#[tokio::test]
async fn a_dead_address_leaves_it_to_the_next() {
    let upstream = Upstream::ok().await;
    let port = upstream.address.port();
    let names = Names::new(&[
        ("up.example", &[&["127.0.0.9", "127.0.0.1"]]),
        ("dead.example", &[&["127.0.0.9", "127.0.0.8"]]),
    ]);
    let private = ["127.0.0.8", "127.0.0.9", "127.0.0.1"].map(|ip| format!("{ip}:{port}").parse().unwrap());
    let plugin = Setup::new(&names, &[&upstream]).private(&private).plugin();
    assert_eq!(get(&plugin, &upstream.url("up.example", "/")).await.unwrap().status, 200);
    let error = get(&plugin, &upstream.url("dead.example", "/")).await.unwrap_err();
    assert_eq!(error.to_string(), "no connection: connection refused");
    assert_eq!(failure(Err(error)), Failure::Connect);
}

#[tokio::test]
async fn connections_have_a_ceiling() {
    let (names, one, two) = (Names::usual(), Upstream::ok().await, Upstream::ok().await);
    let plugin =
        Setup::new(&names, &[&one, &two]).limits(|limits| limits.connections = Count::of(1)).plugin();
    get(&plugin, &one.url("up.example", "/")).await.unwrap();
    assert_eq!(limit(get(&plugin, &two.url("up.example", "/")).await), HttpLimit::Connections);
    get(&plugin, &one.url("up.example", "/")).await.unwrap();
    assert_eq!((one.accepted(), two.accepted()), (1, 0));
}

#[tokio::test]
async fn other_schemes_do_not_exist() {
    let names = Names::usual();
    let plugin = Setup::new(&names, &[]).lines(&[ANY, "* https://*/* dangerous-any"]).plugin();
    for url in ["file:///etc/passwd", "ftp://up.example/", "unix:/run/x.sock", "ws://up.example/", "data:,x"]
    {
        match get(&plugin, url).await {
            Err(HttpError::Denied(denied)) => assert_eq!(denied.why(), Denial::UnfitScheme, "{url}"),
            other => panic!("{url}: {other:?}"),
        }
    }
    for url in ["", "up.example", "//up.example/", "http://", "http://[::1", "http://a b/", "http://x:99999/"]
    {
        assert!(matches!(get(&plugin, url).await, Err(HttpError::Invalid(_))), "{url}");
    }
    assert!(names.asked().is_empty());
}

#[tokio::test]
async fn the_system_s_resolver_knows_this_machine() {
    let found = SystemResolver::default().resolve("localhost").await.unwrap();
    assert!(!found.is_empty() && found.iter().all(std::net::IpAddr::is_loopback), "{found:?}");
}

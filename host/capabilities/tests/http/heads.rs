//! Heads: what goes out says one thing only, and what comes in is bounded.

use cofferdam_capabilities::http::{Failure, HttpError, HttpLimit, HttpRequest};
use cofferdam_policy::units::{Bytes, Count, Quantity};

use crate::support::{Names, Setup, Then, Upstream, failure, get, limit, ok, request, send};

fn with(url: &str, headers: &[(&str, &[u8])]) -> HttpRequest {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.to_vec())).collect();
    HttpRequest { headers, ..request("POST", url) }
}

#[tokio::test]
async fn a_request_goes_out_as_one_unambiguous_message() {
    let upstream = Upstream::ok().await;
    let plugin = Setup::new(&Names::usual(), &[&upstream]).plugin();
    let url = upstream.url("UP.example", "//other.example/a b?q=1 2&x=%0d%0a#fragment");
    let headers: &[(&str, &[u8])] =
        &[("X-One", b"1"), ("x-one", b"two"), ("Content-Length", b"4"), ("x-latin", b"\xe9")];
    let asked = HttpRequest { body: Some("body".into()), ..with(&url, headers) };
    send(&plugin, asked).await.unwrap();
    let seen = upstream.seen().pop().unwrap();
    let (head, body) = seen.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<_> = head.split("\r\n").collect();
    assert_eq!(lines.remove(0), "POST //other.example/a%20b?q=1%202&x=%0d%0a HTTP/1.1");
    lines.sort_unstable();
    let host = format!("host: up.example:{}", upstream.address.port());
    assert_eq!(
        lines,
        [
            "accept-encoding: gzip, br, zstd, deflate",
            "accept: */*",
            "content-length: 4",
            host.as_str(),
            concat!("user-agent: cofferdam/", env!("CARGO_PKG_VERSION")),
            "x-latin: \u{fffd}",
            "x-one: 1",
            "x-one: two",
        ]
    );
    assert_eq!(body, "body");
}

#[tokio::test]
async fn headers_that_are_the_host_s_are_refused_by_name() {
    let upstream = Upstream::ok().await;
    let plugin = Setup::new(&Names::usual(), &[&upstream]).plugin();
    for name in [
        "Host",
        "host",
        "Connection",
        "Keep-Alive",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "Expect",
        "HTTP2-Settings",
        "Proxy-Authorization",
        "Proxy-Connection",
        "proxy-anything",
    ] {
        let error = send(&plugin, with(&upstream.url("up.example", "/"), &[(name, b"x")])).await.unwrap_err();
        let text = format!("the header {name:?} is for the host to set, leave it out");
        assert_eq!(error, HttpError::Invalid(text));
    }
    for length in ["1", "+0", "00", "0, 0", ""] {
        let headers: &[(&str, &[u8])] = &[("content-length", length.as_bytes())];
        let error = send(&plugin, with(&upstream.url("up.example", "/"), headers)).await.unwrap_err();
        let text = "the header \"content-length\" is not the body's length, leave it out";
        assert_eq!(error, HttpError::Invalid(text.to_owned()), "{length}");
    }
    assert_eq!(upstream.accepted(), 0);
}

#[tokio::test]
async fn nothing_can_be_smuggled_into_a_head() {
    let upstream = Upstream::ok().await;
    let plugin = Setup::new(&Names::usual(), &[&upstream]).plugin();
    let url = upstream.url("up.example", "/");
    for name in ["", "a b", "a:b", "a\r\nhost", "ä", ":authority", "a\0", "a\t"] {
        assert!(
            matches!(send(&plugin, with(&url, &[(name, b"x")])).await, Err(HttpError::Invalid(_))),
            "{name:?}"
        );
    }
    for value in [&b"a\r\nhost: evil"[..], b"a\nb", b"a\rb", b"a\0b", b"a\x7f", b"a\r\n folded"] {
        assert!(
            matches!(send(&plugin, with(&url, &[("x", value)])).await, Err(HttpError::Invalid(_))),
            "{value:?}"
        );
    }
    for method in ["GET / HTTP/1.1\r\nX: y", "GET\0", "G ET", "", "CONNECT", "TRACE"] {
        let denied = send(&plugin, request(method, &url)).await;
        assert!(matches!(denied, Err(HttpError::Denied(_))), "{method:?}: {denied:?}");
    }
    let long = upstream.url("up.example", &format!("/{}", "x".repeat(8 << 10)));
    assert!(matches!(get(&plugin, &long).await, Err(HttpError::Invalid(_))));
    assert_eq!(upstream.accepted(), 0);
}

#[tokio::test]
async fn a_request_s_headers_have_ceilings() {
    let upstream = Upstream::ok().await;
    let plugin = Setup::new(&Names::usual(), &[&upstream])
        .limits(|limits| {
            limits.header_count = Count::of(3);
            limits.request_headers = Bytes::of(10);
        })
        .plugin();
    let url = upstream.url("up.example", "/");
    let asked = |count: usize, value: &[u8]| with(&url, &vec![("x", value); count]);
    assert_eq!(send(&plugin, asked(3, b"1")).await.unwrap().status, 200);
    assert_eq!(limit(send(&plugin, asked(4, b"1")).await), HttpLimit::HeaderCount);
    assert_eq!(limit(send(&plugin, asked(2, b"12345")).await), HttpLimit::RequestHeaders);
    assert_eq!(limit(send(&plugin, asked(40_000, b"")).await), HttpLimit::HeaderCount);
    assert_eq!(upstream.seen().len(), 1);
}

#[tokio::test]
async fn a_response_s_headers_have_ceilings() {
    let many = format!("HTTP/1.1 200 OK\r\n{}content-length: 0\r\n\r\n", "x: y\r\n".repeat(200));
    let large = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(100_000));
    for (head, then) in [
        (many.as_str(), Then::KeepOpen),
        (large.as_str(), Then::KeepOpen),
        ("HTTP/1.1 200 OK\r\n", Then::Repeat(b"x: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n")),
        ("HTTP/1.1 200 OK\r\nx: ", Then::Repeat(b"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy")),
    ] {
        let upstream = Upstream::saying(head, then).await;
        let plugin = Setup::new(&Names::usual(), &[&upstream]).plugin();
        let result = get(&plugin, &upstream.url("up.example", "/")).await;
        assert_eq!(limit(result), HttpLimit::ResponseHeaders, "{head:.40}");
    }
}

#[tokio::test]
async fn an_answer_that_is_not_http_is_said_to_be_none() {
    for answer in [
        "SSH-2.0-OpenSSH_9.9\r\n",
        "HTTP/9.9 200 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
        "HTTP/1.1 200 OK\r\nx: a\r\n folded: b\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        "\0\0\0\0\0\0\0\0",
    ] {
        let upstream = Upstream::saying(answer, Then::Close).await;
        let plugin = Setup::new(&Names::usual(), &[&upstream]).plugin();
        let result = get(&plugin, &upstream.url("up.example", "/")).await;
        assert_eq!(failure(result), Failure::Protocol, "{answer:?}");
    }
}

#[tokio::test]
async fn what_one_response_sets_does_not_go_along_with_the_next_request() {
    let sets = "HTTP/1.1 200 OK\r\nset-cookie: a=b\r\nalt-svc: h3=\":443\"\r\nstrict-transport-security: max-age=9\r\ncontent-length: 0\r\n\r\n";
    let upstream = Upstream::saying(sets, Then::KeepOpen).await;
    let plugin = Setup::new(&Names::usual(), &[&upstream]).plugin();
    for _ in 0..2 {
        let response = get(&plugin, &upstream.url("up.example", "/")).await.unwrap();
        assert!(response.headers.contains(&("set-cookie".to_owned(), b"a=b".to_vec())));
    }
    let seen = upstream.seen();
    assert_eq!(seen[0], seen[1]);
    assert!(!seen[1].contains("cookie"));
}

#[tokio::test]
async fn a_second_answer_on_the_same_connection_is_nobody_s() {
    let smuggled = format!("{}{}", ok("one"), ok("two"));
    let upstream = Upstream::saying(smuggled, Then::KeepOpen).await;
    let plugin = Setup::new(&Names::usual(), &[&upstream]).plugin();
    for _ in 0..5 {
        let response = get(&plugin, &upstream.url("up.example", "/")).await.unwrap();
        assert_eq!(&response.body[..], b"one");
    }
}

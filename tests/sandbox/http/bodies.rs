//! Upstreams that hang, drip, bomb, lie and break off.

use cofferdam_runtime::policy::units::{Bytes, Millis, Quantity as _};
use cofferdam_tests::upstream::{Names, Then, Upstream, answer};
use serde_json::{Value, json};

use super::{Grant, get, host, one, text};

const ENDLESS: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
const LONG: &str = "HTTP/1.1 200 OK\r\ncontent-length: 104857600\r\n\r\n";

/// What comes of an upstream that says this.
async fn said(bytes: impl Into<Vec<u8>>, then: Then) -> Value {
    let (names, upstream) = (Names::usual(), Upstream::saying(bytes, then).await);
    let host = host(&names);
    let grant = Grant::all(&[&upstream]).limits(|limits| {
        limits.deadline = Millis::of(600);
        limits.rate_window = Millis::of(150);
        limits.rate_bytes = Bytes::of(1_024);
    });
    host.publish([grant.plugin()]).await;
    let answer = get(&host, &upstream.url("up.example", "/")).await;
    // Whatever it was, the next request of the same plugin goes on.
    let good = Upstream::ok().await;
    host.publish([Grant::all(&[&good]).plugin()]).await;
    assert_eq!(get(&host, &good.url("up.example", "/")).await["came"]["text"], "hello");
    answer
}

#[tokio::test]
async fn every_fault_of_an_upstream_ends_in_an_error_that_names_it() {
    for (bytes, then, kind, expected) in [
        ("", Then::Hang, "unavailable", "no answer in time: the response did not begin"),
        ("HTTP/1.1 200", Then::Hang, "unavailable", "no answer in time: the response did not begin"),
        ("", Then::Close, "failed", "the connection ended: before the response was complete"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc", Then::Close, "failed", "the connection ended: "),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc", Then::Reset, "failed", "the connection ended: "),
        (
            LONG,
            Then::Hang,
            "failed",
            "the response's body is too large, expected at most 8 MiB (`response_body`) [C0301]",
        ),
        (
            ENDLESS,
            Then::Hang,
            "failed",
            "the response comes too slowly, expected at least 1 KiB in each 150ms (`rate_bytes`) [C0301]",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n",
            Then::Drip,
            "failed",
            "the response comes too slowly, expected at least 1 KiB in each 150ms (`rate_bytes`) [C0301]",
        ),
        (
            "HTTP/1.1 200 OK\r\n\r\n",
            Then::Repeat(&[b'x'; 16 << 10]),
            "failed",
            "the response's body is too large, expected at most 8 MiB (`response_body`) [C0301]",
        ),
        (
            ENDLESS,
            Then::Repeat(b"1000\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
            "failed",
            "the answer is not HTTP: ",
        ),
        ("SSH-2.0-OpenSSH_9.2\r\n", Then::Hang, "failed", "the answer is not HTTP: its head can't be read"),
        (
            "HTTP/1.1 200 OK\r\n",
            Then::Repeat(b"x: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n"),
            "failed",
            "the response's headers are too large, expected at most 64 KiB (`response_headers`) [C0301]",
        ),
        (
            "HTTP/1.1 200 OK\r\nx: ",
            Then::Repeat(&[b'y'; 4 << 10]),
            "failed",
            "the response's headers are too large, expected at most 64 KiB (`response_headers`) [C0301]",
        ),
        ("", Then::Repeat(b"HTTP/1.1 100 Continue\r\n\r\n"), "unavailable", "no answer in time: "),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc",
            Then::Close,
            "failed",
            "the answer is not HTTP: its head can't be read",
        ),
    ] {
        let answer = said(bytes, then).await;
        assert!(text(&answer, kind).starts_with(expected), "{bytes:?}: {answer}");
    }
}

#[tokio::test]
async fn an_upstream_without_tls_or_trust_is_no_upstream_of_https() {
    let names = Names::usual();
    let plain = Upstream::saying("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n", Then::Close).await;
    let mute = Upstream::saying("", Then::Hang).await;
    let host = host(&names);
    let lines: Vec<_> =
        [&plain, &mute].map(|up| format!("GET https://up.example:{}/*", up.address.port())).into();
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    let grant = Grant::new(&lines, &[&plain, &mute]).limits(|limits| limits.connect = Millis::of(300));
    host.publish([grant.plugin()]).await;
    let url = |upstream: &Upstream| format!("https://up.example:{}/", upstream.address.port());
    let answer = get(&host, &url(&mute)).await;
    assert_eq!(text(&answer, "unavailable"), "no answer in time: no connection within 300ms");
    // Nothing is sent in the clear to one that doesn't speak TLS.
    for seen in plain.seen().iter().chain(&mute.seen()) {
        assert!(!seen.contains("GET "), "{seen}");
    }
}

#[tokio::test]
async fn a_port_on_which_nobody_listens_is_no_connection() {
    let (names, upstream) = (Names::usual(), Upstream::ok().await);
    let host = host(&names);
    host.publish([Grant::all(&[&upstream]).plugin()]).await;
    let url = upstream.url("up.example", "/");
    drop(upstream);
    // The task that listens ends at its next turn.
    tokio::task::yield_now().await;
    let answer = get(&host, &url).await;
    assert_eq!(text(&answer, "unavailable"), "no connection: connection refused");
}

#[tokio::test]
async fn what_is_small_on_the_wire_and_large_in_memory_is_bounded() {
    // 20 MiB of zeros.
    let packed = {
        use std::io::Write as _;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&vec![0; 20 << 20]).unwrap();
        encoder.finish().unwrap()
    };
    assert!(packed.len() < 64 << 10);
    let answer = said(answer("content-encoding: gzip\r\n", &packed), Then::KeepOpen).await;
    assert_eq!(
        text(&answer, "failed"),
        "the response's body is too large, expected at most 8 MiB (`response_body`) [C0301]"
    );
}

#[tokio::test]
async fn a_guest_may_ask_for_less_time_and_gets_no_more() {
    let (names, upstream) = (Names::usual(), Upstream::saying("", Then::Hang).await);
    let host = host(&names);
    let grant = Grant::all(&[&upstream]).limits(|limits| limits.deadline = Millis::of(200));
    host.publish([grant.plugin()]).await;
    for timeout in [json!(0), json!(50), json!(u32::MAX), json!(u64::MAX), Value::Null] {
        let url = upstream.url("up.example", "/");
        let answer = one(&host, json!({ "url": url, "timeout_ms": timeout })).await;
        assert_eq!(
            text(&answer, "unavailable"),
            "no answer in time: the response did not begin",
            "{timeout}"
        );
    }
}

//! How much a call may use of the network, and how much goes on at the same time.

use std::{net::SocketAddr, time::Duration};

use cofferdam_runtime::{
    CallError, PluginSpec,
    error::LimitHit,
    policy::{
        CallLimits, LimitKind,
        units::{Bytes, Count, Quantity as _},
    },
};
use cofferdam_tests::{
    Setup, TestHost,
    guest::Sandbox,
    upstream::{Names, Then, Upstream, answer},
};
use futures::future::join_all;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::{Grant, get, host, one, send, sent, text};

/// Answers only when so many requests wait, each on its own connection.
async fn meeting(many: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut waiting = Vec::new();
        while waiting.len() < many {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                assert_ne!(stream.read_buf(&mut head).await.unwrap(), 0);
            }
            waiting.push(stream);
        }
        for mut stream in waiting {
            stream.write_all(&answer("connection: close\r\n", b"all are here")).await.unwrap();
        }
    });
    address
}

fn granted(address: SocketAddr) -> Grant {
    let mut grant = Grant::new(&[&format!("GET http://up.example:{}/*", address.port())], &[]);
    grant.private = vec![address];
    grant
}

#[tokio::test]
async fn thirty_two_calls_wait_for_one_upstream_at_the_same_time() {
    let address = meeting(32).await;
    let host = host(&Names::usual());
    host.publish([granted(address).plugin()]).await;
    let url = format!("http://up.example:{}/", address.port());
    let answers = join_all((0..32).map(|_| get(&host, &url))).await;
    assert!(answers.iter().all(|answer| answer["came"]["text"] == "all are here"), "{answers:?}");
}

#[tokio::test]
async fn the_requests_of_a_batch_wait_at_the_same_time() {
    let address = meeting(8).await;
    let host = host(&Names::usual());
    host.publish([granted(address).plugin()]).await;
    let request = json!({ "url": format!("http://up.example:{}/", address.port()) });
    let batch = json!({ "requests": vec![request; 8], "together": true });
    let answers = sent(&host, "p", batch).await;
    assert!(answers.iter().all(|answer| answer["came"]["text"] == "all are here"), "{answers:?}");
}

#[tokio::test]
async fn no_more_of_a_batch_run_at_once_than_may() {
    // One more than may wait at the same time: they never meet.
    let address = meeting(4).await;
    let host = host(&Names::usual());
    let grant = granted(address).limits(|limits| limits.parallel = Count::of(3));
    host.publish([grant.plugin()]).await;
    let request = json!({ "url": format!("http://up.example:{}/", address.port()), "timeout_ms": 300 });
    let answers = sent(&host, "p", json!({ "requests": vec![request; 3], "together": true })).await;
    assert!(answers.iter().all(|answer| answer["unavailable"].is_string()), "{answers:?}");
}

#[tokio::test]
async fn a_plugin_that_waits_much_leaves_others_alone() {
    let (names, slow, quick) = (Names::usual(), Upstream::saying("", Then::Hang).await, Upstream::ok().await);
    let host = host(&names);
    let grant = Grant::all(&[&slow]).limits(|limits| {
        limits.concurrent = Count::of(4);
        limits.connections = Count::of(4);
    });
    host.publish([grant.plugin(), Grant::all(&[&quick]).plugin_as("other")]).await;
    let waits = |ms: u32| json!({ "requests": [{ "url": slow.url("up.example", "/"), "timeout_ms": ms }] });
    let hanging = join_all((0..4).map(|_| sent(&host, "p", waits(20_000))));
    let beside = async {
        while slow.seen().len() < 4 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let refused = sent(&host, "p", waits(100)).await;
        assert_eq!(
            text(&refused[0], "failed"),
            "too many requests of this plugin run at the same time, expected at most 4 (`concurrent`) [C0301]"
        );
        let good = json!({ "requests": [{ "url": quick.url("up.example", "/") }] });
        assert_eq!(sent(&host, "other", good).await[0]["came"]["text"], "hello");
    };
    tokio::select! {
        answers = hanging => panic!("{answers:?}"),
        () = beside => {}
    }
    assert_eq!(slow.accepted(), 4);
}

#[tokio::test]
async fn a_call_has_so_many_requests_however_it_sends_them() {
    let (names, upstream) = (Names::usual(), Upstream::ok().await);
    let host = host(&names);
    let grant = Grant::all(&[&upstream]).limits(|limits| limits.requests = Count::of(5));
    host.publish([grant.plugin()]).await;
    let request = json!({ "url": upstream.url("up.example", "/") });
    for together in [false, true] {
        let before = upstream.seen().len();
        let answers = sent(&host, "p", json!({ "requests": vec![&request; 9], "together": together })).await;
        let came = answers.iter().filter(|answer| answer["came"]["text"] == "hello").count();
        assert_eq!((came, upstream.seen().len() - before), (5, 5), "{answers:?}");
        let expected = "this call makes too many requests, expected at most 5 (`requests`) [C0301]";
        assert_eq!(text(&answers[8], "failed"), expected);
    }
    let (retried, seen) =
        (json!({ "url": upstream.url("up.example", "/"), "retries": 5 }), upstream.seen().len());
    assert_eq!(one(&host, retried).await["came"]["text"], "hello");
    assert_eq!(upstream.seen().len(), seen + 1);
}

#[tokio::test]
async fn attempts_count_and_stop_where_the_requests_do() {
    let (names, upstream) = (
        Names::usual(),
        Upstream::saying("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n", Then::KeepOpen).await,
    );
    let host = host(&names);
    let grant = Grant::all(&[&upstream]).limits(|limits| limits.requests = Count::of(4));
    host.publish([grant.plugin()]).await;
    let request = |method: &str, retries: u8| json!({ "method": method, "url": upstream.url("up.example", "/"), "retries": retries });
    assert_eq!(one(&host, request("GET", 2)).await["came"]["status"], 503);
    assert_eq!(upstream.seen().len(), 3);
    let answer = one(&host, request("GET", 5)).await;
    assert!(text(&answer, "failed").contains("(`requests`) [C0301]"), "{answer}");
    assert_eq!(upstream.seen().len(), 7);
    let answer = one(&host, request("POST", 1)).await;
    assert_eq!(
        text(&answer, "failed"),
        "\"POST\" can't be retried, expected a method that does the same when done twice: GET, HEAD, OPTIONS, PUT, DELETE"
    );
    assert_eq!(upstream.seen().len(), 7);
}

#[tokio::test]
async fn an_upstream_that_asks_for_more_time_than_there_is_isn_t_asked_again() {
    let busy = "HTTP/1.1 429 Slow down\r\nretry-after: 3600\r\ncontent-length: 0\r\n\r\n";
    let (names, upstream) = (Names::usual(), Upstream::saying(busy, Then::KeepOpen).await);
    let host = host(&names);
    host.publish([Grant::all(&[&upstream]).plugin()]).await;
    let answer = one(&host, json!({ "url": upstream.url("up.example", "/"), "retries": 5 })).await;
    assert_eq!((&answer["came"]["status"], upstream.seen().len()), (&json!(429), 1));
}

#[tokio::test]
async fn what_goes_out_and_comes_back_is_bounded_for_the_whole_call() {
    let (names, upstream) =
        (Names::usual(), Upstream::saying(answer("", &[b'x'; 60_000]), Then::KeepOpen).await);
    let host = host(&names);
    let grant = Grant::all(&[&upstream]).limits(|limits| {
        limits.call_bytes = Bytes::of(150_000);
        limits.request_body = Bytes::of(40_000);
    });
    host.publish([grant.plugin()]).await;
    let url = upstream.url("up.example", "/");
    let post = |fill: usize| json!({ "method": "POST", "url": url, "body": "", "fill": fill });
    let answers = send(&host, json!([post(40_001), post(40_000), post(40_000), post(40_000)])).await;
    assert_eq!(
        text(&answers[0], "failed"),
        "the request's body is too large, expected at most 39.06 KiB (`request_body`) [C0301]"
            .replace("39.06 KiB", &Bytes::of(40_000).to_string())
    );
    assert_eq!(answers[1]["came"]["bytes"], 60_000);
    let spent = format!(
        "this call sends and receives too much, expected at most {} (`call_bytes`) [C0301]",
        Bytes::of(150_000)
    );
    for answer in &answers[2..] {
        assert_eq!(text(answer, "failed"), spent);
    }
}

/// A plugin whose calls may copy so much in one call into the host.
async fn copying(
    names: &std::sync::Arc<Names>,
    upstream: &Upstream,
    change: impl FnOnce(&mut CallLimits),
) -> TestHost {
    let host = host(names);
    let mut spec: PluginSpec = Grant::all(&[upstream]).spec("p");
    change(&mut spec.limits);
    host.publish([Setup::of(Sandbox::Http).id("p").spec(spec)]).await;
    host
}

#[tokio::test]
async fn a_response_too_large_for_one_call_into_the_host_is_an_error_of_its_request_alone() {
    let (names, upstream) =
        (Names::usual(), Upstream::saying(answer("", &[b'x'; 50_000]), Then::KeepOpen).await);
    let large = Upstream::saying(answer("", &[b'x'; 100_000]), Then::KeepOpen).await;
    let host = host(&names);
    let mut spec: PluginSpec = Grant::all(&[&upstream, &large]).spec("p");
    spec.limits.host_call_bytes = Bytes::of(64 << 10);
    host.publish([Setup::of(Sandbox::Http).id("p").spec(spec)]).await;
    let expected = "the response is larger than what one call into the host may copy, expected at most";
    let answer = get(&host, &large.url("up.example", "/")).await;
    assert_eq!(text(&answer, "failed"), format!("{expected} 64 KiB (`limits.host_call_bytes`) [C0301]"));
    let small = json!({ "url": upstream.url("up.example", "/") });
    let batch = json!({ "requests": [small, small, { "url": large.url("up.example", "/") }], "together": true, "text": 0 });
    let answers = sent(&host, "p", batch).await;
    assert_eq!(answers[0]["came"]["bytes"], 50_000);
    for answer in &answers[1..] {
        assert!(text(answer, "failed").starts_with(expected), "{answer}");
    }
}

#[tokio::test]
async fn each_request_counts_as_a_call_into_the_host() {
    let (names, upstream) = (Names::usual(), Upstream::ok().await);
    let host = copying(&names, &upstream, |limits| limits.host_calls = Count::of(5)).await;
    let request = json!({ "url": upstream.url("up.example", "/") });
    let batch =
        |count: usize, together: bool| json!({ "requests": vec![&request; count], "together": together });
    for together in [false, true] {
        assert_eq!(sent(&host, "p", batch(5, together)).await.len(), 5);
        let error = host.call("p_send", batch(6, together)).await.result.unwrap_err();
        let expected = LimitHit { kind: LimitKind::HostCalls, ceiling: "5".to_owned() };
        assert_eq!(error, CallError::Limit(expected), "{together}");
    }
}

#[tokio::test]
async fn a_call_that_ends_ends_its_requests() {
    let (names, upstream) = (Names::usual(), Upstream::saying("", Then::Hang).await);
    let host = copying(&names, &upstream, |limits| {
        limits.deadline = cofferdam_runtime::policy::units::Millis::of(100);
    })
    .await;
    let request: Value = json!({ "requests": [{ "url": upstream.url("up.example", "/"), "retries": 5 }] });
    let report = host.call("p_send", request).await;
    match report.result {
        // Which of the two comes first is a matter of microseconds: the request's time is what is left of the call's.
        Err(CallError::Limit(hit)) => assert_eq!(hit.kind, LimitKind::Deadline),
        Ok(outcome) => assert!(format!("{outcome:?}").contains("no answer in time"), "{outcome:?}"),
        Err(other) => panic!("{other:?}"),
    }
    assert_eq!(upstream.accepted(), 1);
}

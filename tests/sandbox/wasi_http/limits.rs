//! The bounds of `http`, met by the standard interface.

use cofferdam_runtime::{
    CallError,
    error::LimitHit,
    policy::{
        HttpLimits, LimitKind, LimitsConfig,
        units::{Bytes, Count, Millis, Quantity as _},
    },
};
use cofferdam_tests::{Setup, TestHost, guest::Sandbox};
use serde_json::{Value, json};

use super::{Upstream, one, open, send, spec};

#[tokio::test]
async fn each_bound_of_http_is_one_of_wasi_http() {
    let upstream = Upstream::start().await;
    let limits = HttpLimits {
        request_body: Bytes::of(100_000),
        request_headers: Bytes::of(1024),
        header_count: Count::of(10),
        response_body: Bytes::of(1 << 20),
        ..HttpLimits::default()
    };
    let host = open(&upstream, limits).await;
    let kilobyte = "x".repeat(1000);
    let many: Vec<_> = (0..11).map(|n| json!([format!("x-{n}"), "1"])).collect();
    let internal = |text: &str| format!("ErrorCode::InternalError(Some({text:?}))");
    for (request, stopped) in [
        (json!({ "body": kilobyte, "times": 101 }), "ErrorCode::HttpRequestBodySize(None)".to_owned()),
        (
            json!({ "headers": [["x-mine", "x".repeat(1100)]] }),
            "ErrorCode::HttpRequestHeaderSectionSize(None)".to_owned(),
        ),
        (
            json!({ "headers": many }),
            internal("there are too many headers, expected at most 10 (`header_count`) [C0301]"),
        ),
        (json!({ "path": "/large" }), "ErrorCode::HttpResponseBodySize(None)".to_owned()),
        (json!({ "path": "/half" }), "ErrorCode::ConnectionTerminated".to_owned()),
    ] {
        let came = one(&host, &upstream, request.clone()).await;
        let found = came["stopped"].as_str().unwrap_or_default();
        assert!(found.ends_with(&stopped), "{request}: {came}");
    }
    // As much as is allowed.
    let came = one(&host, &upstream, json!({ "method": "POST", "body": kilobyte, "times": 100 })).await;
    assert_eq!((&came["status"], upstream.seen().last().unwrap().len() > 100_000), (&json!(200), true));
}

#[tokio::test]
async fn a_call_has_so_many_requests_and_so_many_calls_into_the_host() {
    let upstream = Upstream::start().await;
    let requests =
        |count: usize| Value::from(vec![json!({ "authority": upstream.address.to_string() }); count]);
    let host = open(&upstream, HttpLimits { requests: Count::of(2), ..HttpLimits::default() }).await;
    let came = send(&host, requests(3)).await;
    let statuses: Vec<_> = came.iter().map(|came| came["status"].as_u64()).collect();
    assert_eq!(statuses, [Some(200), Some(200), None]);
    let stopped = came[2]["stopped"].as_str().unwrap();
    assert!(
        stopped.contains("this call makes too many requests, expected at most 2 (`requests`) [C0301]"),
        "{stopped}"
    );

    let setup = Setup::of(Sandbox::WasiHttp).id("p").spec(spec(&["* UP/*"], &upstream));
    let host = TestHost::start([
        setup.call_limits(&LimitsConfig { host_calls: Some(Count::of(3)), ..LimitsConfig::default() })
    ])
    .await;
    assert_eq!(send(&host, requests(3)).await.len(), 3);
    let error = host.call("p_send", json!({ "requests": requests(4) })).await.result.unwrap_err();
    assert_eq!(error, CallError::Limit(LimitHit { kind: LimitKind::HostCalls, ceiling: "3".to_owned() }));
}

#[tokio::test]
async fn a_guest_s_timeouts_shorten_the_host_s_and_never_lengthen_them() {
    let upstream = Upstream::start().await;
    let timed = |timeouts: [u64; 3], path: &str| json!({ "path": path, "timeouts": timeouts });
    let late = json!({ "stopped": "ErrorCode::HttpResponseTimeout" });
    // The host would wait for much longer than any test.
    let patient = HttpLimits { deadline: Millis::of(600_000), ..HttpLimits::default() };
    let host = open(&upstream, patient).await;
    assert_eq!(one(&host, &upstream, timed([0, 1_000_000, 0], "/never")).await, late);
    assert_eq!(one(&host, &upstream, timed([0, 0, 0], "/never")).await, late);
    // Nothing between bytes is nothing to panic over, and a response that is whole has nothing between them.
    let came = one(&host, &upstream, timed([u64::MAX, u64::MAX, 0], "/ok")).await;
    assert_eq!((&came["status"], &came["body"]), (&json!(200), &json!("ok")));

    let host = open(&upstream, HttpLimits { deadline: Millis::of(50), ..HttpLimits::default() }).await;
    assert_eq!(one(&host, &upstream, timed([u64::MAX, u64::MAX, u64::MAX], "/never")).await, late);
}

#[tokio::test]
async fn sets_of_headers_are_bounded_before_they_are_sent() {
    let upstream = Upstream::start().await;
    let host = open(&upstream, HttpLimits::default()).await;
    let hoard = |sets: u32, bytes: usize| json!({ "sets": sets, "headers": 10, "bytes": bytes });
    assert_eq!(host.result("p_hoard", hoard(900, 3000)).await.structured.unwrap()["result"], 900);
    let error = host.call("p_hoard", hoard(1, 5000)).await.result.unwrap_err();
    let expected =
        "it put more headers together than a request may have (`http_limits.request_headers`) [C0301]";
    assert_eq!(error, CallError::Trap(expected.to_owned()));
    let error = host.call("p_hoard", hoard(1001, 1)).await.result.unwrap_err();
    assert!(matches!(&error, CallError::Limit(LimitHit { kind: LimitKind::Handles, .. })), "{error:?}");
}

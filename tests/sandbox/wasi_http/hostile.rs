//! Requests that mean two things, or that only the host may shape: refused, and nothing of them is sent.

use cofferdam_runtime::policy::HttpLimits;
use serde_json::json;

use super::{Upstream, one, open};

#[tokio::test]
async fn a_request_that_could_mean_another_one_is_refused_before_it_is_sent() {
    let upstream = Upstream::start().await;
    let host = open(&upstream, HttpLimits::default()).await;
    let body = json!("hello");
    let length = |value: &str| json!([["content-length", value]]);
    for (request, stopped) in [
        // An absolute address where a path belongs.
        (json!({ "path": "http://evil.example/" }), "path"),
        (json!({ "path": "*" }), "path"),
        (json!({ "path": "evil" }), "path"),
        (json!({ "path": "/ HTTP/1.1\r\nx: y" }), "path"),
        (json!({ "path": "/x\u{0}" }), "path"),
        (json!({ "scheme": "ftp" }), "handle: ErrorCode::HttpProtocolError"),
        (json!({ "scheme": "a b" }), "scheme"),
        (json!({ "method": "G T" }), "method"),
        (json!({ "method": "GET / HTTP/1.1\r\nhost: evil" }), "method"),
        // More than one length, or none that is a number, or a wrong one.
        (
            json!({ "body": body, "headers": [["content-length", "5"], ["content-length", "5"]] }),
            "headers: HeaderError::InvalidSyntax",
        ),
        (
            json!({ "body": body, "headers": [["content-length", "5"], ["Content-Length", "6"]] }),
            "headers: HeaderError::InvalidSyntax",
        ),
        (json!({ "body": body, "headers": length("+5") }), "headers: HeaderError::InvalidSyntax"),
        (json!({ "body": body, "headers": length("5, 5") }), "headers: HeaderError::InvalidSyntax"),
        (json!({ "body": body, "headers": length("6") }), "finish: ErrorCode::HttpRequestBodySize(Some(5))"),
        (json!({ "headers": length("5") }), "handle: ErrorCode::HttpRequestBodySize(Some(0))"),
        (json!({ "body": body, "abandon": true }), "ErrorCode::HttpProtocolError"),
        // What only the host says.
        (json!({ "headers": [["host", "evil.example"]] }), "headers: HeaderError::Forbidden"),
        (json!({ "headers": [["transfer-encoding", "chunked"]] }), "headers: HeaderError::Forbidden"),
        (json!({ "headers": [["Connection", "x-mine"]] }), "headers: HeaderError::Forbidden"),
        (json!({ "headers": [["proxy-authorization", "x"]] }), "headers: HeaderError::Forbidden"),
        (json!({ "headers": [["expect", "100-continue"]] }), "headers: HeaderError::Forbidden"),
        (json!({ "headers": [["te", "trailers"]] }), "headers: HeaderError::Forbidden"),
        (json!({ "headers": [["trailer", "x-mine"]] }), "headers: HeaderError::Forbidden"),
        (json!({ "headers": [["x-mine", "a\r\nhost: evil"]] }), "headers: HeaderError::InvalidSyntax"),
        (json!({ "headers": [["x:mine", "a"]] }), "headers: HeaderError::InvalidSyntax"),
        // Trailers: forbidden ones can't be made, others can't be sent.
        (json!({ "body": body, "trailers": [["host", "evil.example"]] }), "trailers: HeaderError::Forbidden"),
        (
            json!({ "body": body, "trailers": [["x-mine", "1"]] }),
            "ErrorCode::HttpRequestTrailerSectionSize(None)",
        ),
    ] {
        let came = one(&host, &upstream, request.clone()).await;
        assert_eq!(came, json!({ "stopped": stopped }), "{request}");
    }
    assert_eq!((upstream.seen(), upstream.connections()), (vec![], 0));
}

#[tokio::test]
async fn credentials_and_methods_that_can_not_be_granted_are_denied() {
    let upstream = Upstream::start().await;
    let host = open(&upstream, HttpLimits::default()).await;
    let address = upstream.address;
    let denied = "ErrorCode::HttpRequestDenied";
    for (request, stopped) in [
        (json!({ "authority": format!("user:word@{address}") }), denied),
        (json!({ "authority": format!("evil.example@{address}") }), denied),
        (json!({ "authority": "evil.example" }), denied),
        (json!({ "authority": address.to_string(), "method": "CONNECT" }), denied),
        (json!({ "authority": address.to_string(), "method": "TRACE" }), denied),
        (json!({ "authority": address.to_string(), "method": "get" }), denied),
        (
            json!({ "authority": format!("{address}.evil.example") }),
            "ErrorCode::InternalError(Some(\"the address can't be read: invalid port number\"))",
        ),
        (json!({ "authority": format!("{address}/evil") }), "authority"),
        (json!({ "authority": "" }), "authority"),
    ] {
        let came = super::send(&host, json!([request])).await.remove(0);
        assert_eq!(came, json!({ "stopped": stopped }), "{request}");
    }
    assert_eq!(upstream.connections(), 0);
}

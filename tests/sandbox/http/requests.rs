//! What is sent: one request, to the host that was judged, and nothing that could be read as two.

use cofferdam_tests::upstream::{Names, Upstream};
use serde_json::json;

use super::{Grant, host, one, text};

#[tokio::test]
async fn no_header_says_where_a_message_ends_or_to_whom_it_goes() {
    let (names, upstream) = (Names::usual(), Upstream::ok().await);
    let host = host(&names);
    host.publish([Grant::all(&[&upstream]).plugin()]).await;
    let url = upstream.url("up.example", "/");
    for name in [
        "Host",
        "connection",
        "Keep-Alive",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "transfer-encoding",
        "Upgrade",
        "Expect",
        "Proxy-Authorization",
        "Proxy-Connection",
        "HTTP2-Settings",
    ] {
        let said = one(&host, json!({ "url": url, "headers": [[name, "x"]] })).await;
        assert_eq!(
            text(&said, "failed"),
            format!("the header {name:?} is for the host to set, leave it out")
        );
    }
    for (body, length) in [("four", "5"), ("four", "+4"), ("four", "4, 4"), ("", "1")] {
        let request =
            json!({ "method": "POST", "url": url, "body": body, "headers": [["Content-Length", length]] });
        let said = one(&host, request).await;
        assert_eq!(
            text(&said, "failed"),
            "the header \"Content-Length\" is not the body's length, leave it out",
            "{length}"
        );
    }
    assert_eq!(upstream.accepted(), 0);
}

#[tokio::test]
async fn nothing_in_a_header_a_method_or_an_address_begins_a_line() {
    let (names, upstream) = (Names::usual(), Upstream::ok().await);
    let host = host(&names);
    host.publish([Grant::all(&[&upstream]).plugin()]).await;
    let url = upstream.url("up.example", "/");
    for value in ["a\r\nHost: evil", "a\nX: y", "a\rb", "a\0b", "\u{7f}"] {
        let said = one(&host, json!({ "url": url, "headers": [["X", value]] })).await;
        assert_eq!(
            text(&said, "failed"),
            "the header \"X\" has control characters in its value, expected none",
            "{value:?}"
        );
    }
    for name in ["", "X\r\nHost", "X Y", "X:", "Ü", " X", "X\0"] {
        let said = one(&host, json!({ "url": url, "headers": [[name, "y"]] })).await;
        assert!(text(&said, "failed").contains("has no valid name"), "{name:?}: {said}");
    }
    for method in ["GET / HTTP/1.1\r\nX: y\r\n\r\nGET", "GET ", "G\0T", "G\tT", ""] {
        let said = one(&host, json!({ "method": method, "url": url })).await;
        assert!(text(&said, "denied").contains("[C0208]"), "{method:?}: {said}");
    }
    for path in ["/a\r\nX: y", "/a\tb", "/a b", "/?q=\r\nX: y"] {
        let said = one(&host, json!({ "url": upstream.url("up.example", path) })).await;
        assert_eq!(said["came"]["status"], 200, "{path:?}: {said}");
    }
    for seen in upstream.seen() {
        let (line, rest) = seen.split_once("\r\n").unwrap();
        assert_eq!(line.split(' ').count(), 3, "{seen}");
        assert!(!rest.to_lowercase().contains("\r\nx:"), "{seen}");
    }
}

#[tokio::test]
async fn what_is_sent_has_one_host_and_one_length() {
    let (names, upstream) = (Names::usual(), Upstream::ok().await);
    let host = host(&names);
    host.publish([Grant::all(&[&upstream]).plugin()]).await;
    // An address in the place of a path, a name with a port in a path: still a path.
    for path in ["//other.example/", "/http://other.example/", "/@other.example", "/?http://other.example/"] {
        let url = upstream.url("up.example", path);
        one(
            &host,
            json!({ "method": "POST", "url": url, "body": "data", "headers": [["Content-Length", "4"]] }),
        )
        .await;
        let seen = upstream.seen().pop().unwrap();
        assert!(seen.starts_with(&format!("POST {path} HTTP/1.1\r\n")), "{seen}");
        let lower = seen.to_lowercase();
        assert_eq!(lower.matches("\r\nhost: ").count(), 1, "{seen}");
        assert!(lower.contains(&format!("\r\nhost: up.example:{}\r\n", upstream.address.port())), "{seen}");
        assert_eq!(lower.matches("\r\ncontent-length: 4\r\n").count(), 1, "{seen}");
        assert!(!lower.contains("transfer-encoding") && !lower.contains("trailer"), "{seen}");
    }
    assert_eq!(names.asked(), ["up.example"]);
}

#[tokio::test]
async fn too_many_or_too_large_headers_are_refused() {
    let (names, upstream) = (Names::usual(), Upstream::ok().await);
    let host = host(&names);
    host.publish([Grant::all(&[&upstream]).plugin()]).await;
    let url = upstream.url("up.example", "/");
    let many = |count: usize| vec![json!(["x", "y"]); count];
    let said = one(&host, json!({ "url": url, "headers": many(101) })).await;
    let expected = "there are too many headers, expected at most 100 (`header_count`) [C0301]";
    assert_eq!(text(&said, "failed"), expected);
    let said = one(&host, json!({ "url": url, "headers": many(40_000) })).await;
    assert_eq!(text(&said, "failed"), expected);
    let said = one(&host, json!({ "url": url, "headers": [["x", "y".repeat(32 << 10)]] })).await;
    let expected = "the request's headers are too large, expected at most 32 KiB (`request_headers`) [C0301]";
    assert_eq!(text(&said, "failed"), expected);
    let long = upstream.url("up.example", &format!("/{}", "a".repeat(9_000)));
    let said = one(&host, json!({ "url": long })).await;
    assert!(text(&said, "failed").contains("expected at most 8192"), "{said}");
    assert_eq!(upstream.accepted(), 0);
    assert_eq!(one(&host, json!({ "url": url, "headers": many(99) })).await["came"]["status"], 200);
}

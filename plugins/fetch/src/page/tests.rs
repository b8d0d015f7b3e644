//! Pages from servers that behave, and from others.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use cofferdam_sdk::Response;
use cofferdam_sdk::mock::Host;
use serde_json::Value;

use super::*;

const URL: &str = "https://a.example/doc";

fn serve(kind: &'static str, body: impl Into<Vec<u8>>) -> Host {
    let body = body.into();
    Host::new().http_with("GET https://a.example/*", move |_| {
        Response::new(200, body.clone()).with_header("content-type", kind)
    })
}

fn call(host: &Host, more: Value) -> Result<String> {
    let mut arguments = json!({"url": URL});
    arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    host.call::<page>(arguments).map(|text| text.0)
}

#[test]
fn a_page_is_markdown_with_where_it_is_from() {
    let host = serve(
        "text/html; charset=iso-8859-1",
        b"<title>Caf\xe9</title><h1>Menu</h1><p><a href=/tea>Tea</a>".to_vec(),
    );
    assert_eq!(
        call(&host, json!({})).unwrap(),
        "title: Café\nurl: https://a.example/doc\ncharacters: 0 to 36 of 36\n\n# Menu\n\n[Tea](https://a.example/tea)"
    );
    let plain = call(&host, json!({"links": false})).unwrap();
    assert!(plain.ends_with("characters: 0 to 11 of 11, from the cache\n\n# Menu\n\nTea"), "{plain}");
}

#[test]
fn other_texts_come_as_they_are() {
    for (kind, body, expected) in [
        ("application/json", "{\"b\":[1]}", "{\n  \"b\": [\n    1\n  ]\n}"),
        ("application/json", "{no json", "{no json"),
        ("text/markdown", "# a\r\nb\u{202e}c", "# a\nbc"),
        ("application/xml", "<a>&lt;</a>", "<a>&lt;</a>"),
    ] {
        let text = call(&serve(kind, body), json!({})).unwrap();
        assert_eq!(text.split_once("\n\n").unwrap().1, expected);
    }
}

#[test]
fn what_is_no_text_is_described_and_not_shown() {
    let refused = "https://a.example/doc is image/png, 4 bytes: not a text, so it isn't shown";
    assert_eq!(call(&serve("image/png", b"\x89PNG".to_vec()), json!({})), Err(ToolError::failed(refused)));
    let refused = "https://a.example/doc is no text, 3 bytes: not a text, so it isn't shown";
    assert_eq!(call(&serve("", b"\0\x01\x02".to_vec()), json!({})), Err(ToolError::failed(refused)));
}

#[test]
fn a_long_page_is_read_in_parts_from_one_copy() {
    let paragraphs: String = (0..100).map(|n| format!("<p>Paragraph number {n} of them.")).collect();
    let served = Host::new().http_with("GET https://a.example/*", move |_| {
        Response::new(200, paragraphs.clone().into_bytes())
            .with_header("content-type", "text/html")
            .with_header("cache-control", "max-age=0")
    });
    let mut start = 0;
    let mut whole = String::new();
    loop {
        let text = call(&served, json!({"start": start, "max_chars": 500})).unwrap();
        let body = text.split_once("\n\n").unwrap().1;
        let Some((part, more)) = body.split_once("\n\n[more: call `page` again with `start` ") else {
            whole.push_str(body);
            break;
        };
        whole.push_str(part);
        whole.push_str("\n\n");
        start = more.trim_end_matches(']').parse().unwrap();
    }
    let expected: Vec<_> = (0..100).map(|n| format!("Paragraph number {n} of them.")).collect();
    assert_eq!(whole, expected.join("\n\n"));
    assert_eq!(served.requests().len(), 1);
    assert!(matches!(call(&served, json!({"start": 9999})), Err(ToolError::InvalidArguments(_))));
}

/// A server that knows whether a copy is still good.
fn tagged() -> (Host, Arc<AtomicU16>) {
    let version = Arc::new(AtomicU16::new(1));
    let now = Arc::clone(&version);
    let host = Host::new().http_with("GET https://a.example/*", move |request| {
        let tag = format!("\"{}\"", now.load(Ordering::SeqCst));
        let response = match request.header("if-none-match") == Some(tag.as_str()) {
            true => Response::new(304, Vec::new()),
            false => Response::new(200, format!("version {tag}")),
        };
        response.with_header("etag", tag).with_header("cache-control", "max-age=60")
    });
    (host, version)
}

#[test]
fn a_fresh_copy_is_used_and_an_old_one_is_asked_about() {
    let (host, version) = tagged();
    let says = |more: Value, expected: &str| {
        let text = call(&host, more).unwrap();
        let shown: Vec<_> = text.lines().skip(1).collect();
        assert_eq!(shown.join("|"), expected);
    };
    says(json!({}), "characters: 0 to 11 of 11||version \"1\"");
    version.store(2, Ordering::SeqCst);
    says(json!({}), "characters: 0 to 11 of 11, from the cache||version \"1\"");
    host.advance(minutes(2));
    says(json!({}), "characters: 0 to 11 of 11||version \"2\"");
    host.advance(minutes(2));
    says(json!({}), "characters: 0 to 11 of 11, from the cache, unchanged||version \"2\"");
    says(json!({}), "characters: 0 to 11 of 11, from the cache||version \"2\"");
    version.store(3, Ordering::SeqCst);
    says(json!({"refresh": true}), "characters: 0 to 11 of 11||version \"3\"");
    assert_eq!(host.requests().len(), 4);
}

#[test]
fn without_a_cache_it_works_all_the_same() {
    let host = serve("text/plain", "x").without_cache();
    assert!(call(&host, json!({})).unwrap().ends_with("\n\nx"));
    assert!(call(&host, json!({})).unwrap().ends_with("1 of 1\n\nx"));
}

#[test]
fn a_denial_says_how_to_allow_it() {
    let denied = call(&Host::new(), json!({}));
    let Err(ToolError::Denied(text)) = denied else { panic!("{denied:?}") };
    assert!(text.contains("cofferdam grant") && text.contains("GET https://a.example/doc"), "{text}");
}

#[test]
fn an_error_of_the_server_is_no_page_and_is_not_kept() {
    let host = Host::new().http("GET https://a.example/*", 503, "busy");
    for _ in 0..2 {
        let failed = call(&host, json!({}));
        assert!(
            matches!(&failed, Err(ToolError::Unavailable(text)) if text.ends_with("the server says: busy")),
            "{failed:?}"
        );
    }
    assert_eq!(host.requests().len(), 2);
    let host = Host::new().http("GET https://a.example/*", 304, "");
    assert_eq!(
        call(&host, json!({})),
        Err(ToolError::failed("https://a.example/doc answered 304, a redirect that leads nowhere"))
    );
}

#[test]
fn pages_that_are_huge_or_made_by_scripts_say_so() {
    let text = call(&serve("text/html", "<script>x</script>"), json!({})).unwrap();
    assert!(
        text.contains("note: the page has no text: it may be made by scripts, which don't run here"),
        "{text}"
    );
    let huge = "<p>x".repeat(bounds::MAX_HTML / 4 + 100);
    let text = call(&serve("text/html", huge), json!({"max_chars": 100})).unwrap();
    assert!(text.contains("note: only the first 3145728 of 3146128 bytes were read"), "{text}");
}

#[test]
fn the_schema_has_no_surprises() {
    let definition = Host::new().definition::<page>().unwrap();
    assert_eq!(definition.input_schema["required"], json!(["url"]));
}

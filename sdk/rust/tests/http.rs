//! HTTP as authors use it, in the mock host.

use cofferdam_sdk::mock::Host;
use cofferdam_sdk::prelude::*;
use cofferdam_sdk::{Response, Tool};

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Forecast {
    celsius: f64,
}

#[derive(Deserialize, JsonSchema)]
struct Place {
    city: String,
}

/// The weather of tomorrow.
#[tool(read_only, http("GET https://api.example.com/v1/*", "GET,POST https://*.example.org/"))]
fn forecast(place: Place, http: Http) -> Result<Forecast> {
    http.get("https://api.example.com/v1/forecast").query("city", place.city).retries(2).json()
}

const LINE: &str = "* https://api.example.com/v1/*";
const URL: &str = "https://api.example.com/v1/x";

fn answering(status: u16, body: impl Into<cofferdam_sdk::Body>) -> (Host, Http) {
    let host = Host::new().http(LINE, status, body);
    let http = host.handle();
    (host, http)
}

#[test]
fn a_tool_says_what_it_wants_in_the_words_of_the_operator_s_file() {
    let wants = ["http GET https://api.example.com/v1/*", "http GET,POST https://*.example.org/"];
    assert_eq!(forecast::INFO.wants, wants);
    assert_eq!(Host::new().definition::<forecast>().unwrap().wants, wants);
}

#[test]
fn a_tool_sends_and_reads_json() {
    let host = Host::new().http(LINE, 200, json!({ "celsius": -3.5 }));
    let found = host.call::<forecast>(json!({ "city": "Ål & Å" }));
    assert_eq!(found, Ok(Forecast { celsius: -3.5 }));
    let sent = &host.requests()[0];
    assert_eq!((sent.method.as_str(), sent.header("Accept")), ("GET", Some("application/json")));
    assert_eq!(sent.url, "https://api.example.com/v1/forecast?city=%C3%85l+%26+%C3%85");
}

#[test]
fn queries_join_what_the_address_has() {
    let (host, http) = answering(200, "");
    for (url, expected) in [
        ("https://api.example.com/v1/x", "https://api.example.com/v1/x?a=1&b=x%2By"),
        ("https://api.example.com/v1/x?", "https://api.example.com/v1/x?a=1&b=x%2By"),
        ("https://api.example.com/v1/x?q=1", "https://api.example.com/v1/x?q=1&a=1&b=x%2By"),
        ("https://api.example.com/v1/x?q=1&#part", "https://api.example.com/v1/x?q=1&a=1&b=x%2By#part"),
    ] {
        http.get(url).query("a", 1).query("b", "x+y").send().unwrap();
        assert_eq!(host.requests().last().unwrap().url, expected);
    }
}

#[test]
fn bodies_say_what_they_are_unless_the_author_does() {
    let (host, http) = answering(204, "");
    http.post(URL).json_body(&json!({ "a": 1 })).send().unwrap();
    http.put(URL).form(&[("a b", "ü"), ("c", "d&e")]).send().unwrap();
    http.patch(URL).header("Content-Type", "application/merge-patch+json").json_body("x").send().unwrap();
    http.delete(URL).body([1, 2]).send().unwrap();
    let seen: Vec<_> = host
        .requests()
        .iter()
        .map(|sent| (sent.method.clone(), sent.header("content-type").map(str::to_owned), sent.text()))
        .collect();
    let expected = [
        ("POST", Some("application/json"), "{\"a\":1}"),
        ("PUT", Some("application/x-www-form-urlencoded"), "a+b=%C3%BC&c=d%26e"),
        ("PATCH", Some("application/merge-patch+json"), "\"x\""),
        ("DELETE", None, "\u{1}\u{2}"),
    ];
    let expected =
        expected.map(|(method, kind, body)| (method.to_owned(), kind.map(str::to_owned), body.to_owned()));
    assert_eq!(seen, expected);
}

#[test]
fn a_body_that_is_no_json_is_told_where_it_is_sent() {
    let (host, http) = answering(200, "ok");
    let odd = std::collections::BTreeMap::from([((1, 2), 3)]);
    let bad = http.post(URL).json_body(&odd);
    let sent = http.send_all([http.get(URL), bad.clone(), http.get(URL)]);
    assert_eq!(sent.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    let error = bad.send().unwrap_err();
    assert_eq!(error, ToolError::failed("the request's body is no JSON: key must be a string"));
    assert_eq!(host.requests().len(), 2);
}

#[test]
fn a_bad_status_is_an_error_only_where_the_body_is_wanted() {
    let (_, http) = answering(404, "\n  no such city\nmore");
    let response = http.get(URL).query("key", "hidden").send().unwrap();
    assert_eq!((response.status, response.header("content-type")), (404, Some("text/plain; charset=utf-8")));
    let expected = ToolError::failed("https://api.example.com/v1/x answered 404: no such city");
    assert_eq!(response.ok(), Err(expected.clone()));
    assert_eq!(http.get(URL).text(), Err(expected.clone()));
    assert_eq!(http.get(URL).bytes(), Err(expected.clone()));
    assert_eq!(http.get(URL).json::<Forecast>(), Err(expected));
    let (_, http) = answering(500, "");
    assert_eq!(http.get(URL).text(), Err(ToolError::failed("https://api.example.com/v1/x answered 500")));
}

#[test]
fn json_of_another_shape_is_told() {
    let (_, http) = answering(200, json!({ "kelvin": 1 }));
    let error = http.get(URL).query("key", "hidden").json::<Forecast>().unwrap_err();
    assert_eq!(
        error.message(),
        "https://api.example.com/v1/x didn't answer with the JSON that was expected: \
         missing field `celsius` at line 1 column 12"
    );
}

#[test]
fn what_has_no_stub_is_denied_in_the_host_s_words() {
    let host = Host::new().http("GET https://api.example.com/v1/*", 200, "ok");
    let http: Http = host.handle();
    let denied = |url: &str| http.get(url).send().unwrap_err();
    assert_eq!(
        denied("https://api.example.com/v2/x?key=hidden"),
        ToolError::denied(
            "`plugin` may not GET https://api.example.com/v2/x: this host is granted for other paths [C0205]; \
             to allow it, run: cofferdam grant plugin http 'GET https://api.example.com/v2/x'"
        )
    );
    for (url, code) in [
        ("https://api.example.com.evil.example/v1/x", "[C0202]"),
        ("http://api.example.com/v1/x", "[C0203]"),
        ("https://api.example.com:8443/v1/x", "[C0204]"),
        ("https://api.example.com/v1/%2e%2e%2fx", "[C0206]"),
        ("https://u:p@api.example.com/v1/x", "[C0210]"),
    ] {
        let error = denied(url);
        assert!(matches!(&error, ToolError::Denied(text) if text.contains(code)), "{url}: {error}");
    }
    let error = http.get("no address").send().unwrap_err();
    assert_eq!(error, ToolError::failed("the address can't be read: relative URL without a base"));
}

#[test]
fn an_upstream_that_is_down_is_unavailable() {
    let host = Host::new().http(LINE, 200, "up").http_down(LINE);
    let http: Http = host.handle();
    let error = ToolError::unavailable("no connection: connection refused");
    assert_eq!(http.get(URL).send(), Err(error.clone()));
    assert_eq!(http.send_all([http.get(URL)]), [Err(error)]);
}

#[test]
fn the_last_stub_that_covers_a_request_answers() {
    let host =
        Host::new().http(LINE, 200, "all").http_with("GET https://api.example.com/v1/one", |request| {
            Response::new(299, vec![1, 2]).with_header("X-Path", request.url.clone())
        });
    let http: Http = host.handle();
    let one = http.get("https://api.example.com/v1/one#part").send().unwrap();
    assert_eq!((one.status, one.body.as_slice()), (299, &[1, 2][..]));
    assert_eq!(one.header("x-path"), Some("https://api.example.com/v1/one#part"));
    assert_eq!(one.url, "https://api.example.com/v1/one");
    assert_eq!(http.post("https://api.example.com/v1/one").text().unwrap(), "all");
}

#[test]
#[should_panic(expected = "is not a grant for HTTP")]
fn a_stub_that_is_no_grant_fails_the_test() {
    let _ = Host::new().http("https://api.example.com/*", 200, "");
}

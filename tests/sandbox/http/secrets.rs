//! Secrets that the operator bound to a grant: they go where they belong, and no guest ever has one.

use std::collections::BTreeMap;

use cofferdam_runtime::{
    PluginSpec,
    capabilities::{
        http::{Bound, BoundHeader},
        secret::{Secret, Template, Zeroizing},
    },
};
use cofferdam_tests::{
    Setup, TestHost,
    guest::Sandbox,
    upstream::{Names, Then, Upstream, answer},
};
use serde_json::json;

use super::{Grant, get, host, one, text};

const TOKEN: &str = "tok+en/1234=56~7890";

/// Each line with the value of its `Authorization`, if it has one.
fn bound(lines: &[(&str, Option<&str>)], upstreams: &[&Upstream]) -> Setup {
    bound_to(TOKEN, lines, upstreams)
}

fn bound_to(token: &str, lines: &[(&str, Option<&str>)], upstreams: &[&Upstream]) -> Setup {
    let secrets =
        BTreeMap::from([("weather".to_owned(), Secret::new("weather", Zeroizing::new(token.to_owned())))]);
    let header = |value: &str| {
        let filled = Template::parse(value).unwrap().fill(&secrets).unwrap();
        BoundHeader::new("Authorization", filled).unwrap()
    };
    let headers = lines.iter().map(|(_, value)| value.iter().map(|value| header(value)).collect());
    let http_bound = Bound::new(headers.collect());
    let lines: Vec<_> = lines.iter().map(|(line, _)| *line).collect();
    let spec = PluginSpec { http_bound, ..Grant::new(&lines, upstreams).spec("p") };
    Setup::of(Sandbox::Http).id("p").spec(spec)
}

const BEARER: Option<&str> = Some("Bearer ${secret:weather}");

async fn started(names: &std::sync::Arc<Names>, setup: Setup) -> TestHost {
    let host = host(names);
    host.publish([setup]).await;
    host
}

#[tokio::test]
async fn a_secret_goes_along_with_what_its_line_permits_and_nothing_else() {
    let (names, upstream) = (Names::usual(), Upstream::ok().await);
    let port = upstream.address.port();
    let (all, folder, other) = (
        format!("* http://up.example:{port}/*"),
        format!("GET http://up.example:{port}/v2/*"),
        format!("* http://other.example:{port}/*"),
    );
    let setup = bound(&[(&all, None), (&folder, BEARER), (&other, None)], &[&upstream]);
    let host = started(&names, setup).await;
    for (method, name, path, carries) in [
        ("GET", "up.example", "/v2/x", true),
        ("GET", "up.example", "/v1/x", false),
        ("POST", "up.example", "/v2/x", false),
        ("GET", "other.example", "/v2/x", false),
    ] {
        let answer = one(&host, json!({ "method": method, "url": upstream.url(name, path) })).await;
        assert_eq!(answer["came"]["status"], 200, "{answer}");
        let seen = upstream.seen().pop().unwrap();
        let header = format!("\r\nauthorization: Bearer {TOKEN}\r\n");
        assert_eq!(seen.contains(&header), carries, "{method} {name}{path}: {seen}");
        assert_eq!(seen.contains(TOKEN), carries, "{method} {name}{path}: {seen}");
    }
}

#[tokio::test]
async fn a_secret_doesn_t_follow_a_redirect_to_another_origin_or_line() {
    let names = Names::usual();
    let upstream = Upstream::start(|request| {
        let path = request.split(' ').nth(1).unwrap();
        match path.strip_prefix("/v2/to/") {
            None => (answer("", b"end"), Then::KeepOpen),
            Some(to) => {
                let head = format!("HTTP/1.1 307 X\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n");
                (head.into_bytes(), Then::KeepOpen)
            }
        }
    })
    .await;
    let port = upstream.address.port();
    let lines = [
        format!("GET http://up.example:{port}/v2/*"),
        format!("GET http://up.example:{port}/v3/*"),
        format!("GET http://other.example:{port}/*"),
    ];
    // All of them would carry it, if they were where the request began.
    let lines: Vec<_> = lines.iter().map(|line| (line.as_str(), BEARER)).collect();
    let host = started(&names, bound(&lines, &[&upstream])).await;
    let away = upstream.url("other.example", "/x");
    let back = upstream.url("other.example", &format!("/v2/to/{}", upstream.url("up.example", "/v2/x")));
    for (to, carries) in [("/v2/x", true), ("/v3/x", false), (&away, false), (&back, false)] {
        let answer = get(&host, &upstream.url("up.example", &format!("/v2/to/{to}"))).await;
        assert_eq!(answer["came"]["text"], "end", "{to}: {answer}");
        assert_eq!(upstream.seen().pop().unwrap().contains(TOKEN), carries, "{to}");
    }
}

#[tokio::test]
async fn a_new_value_goes_along_from_the_next_version_on() {
    let (names, upstream) = (Names::usual(), Upstream::ok().await);
    let line = format!("GET http://up.example:{}/*", upstream.address.port());
    let host = started(&names, bound(&[(&line, BEARER)], &[&upstream])).await;
    for token in [TOKEN, "another-0123456789"] {
        host.publish([bound_to(token, &[(&line, BEARER)], &[&upstream])]).await;
        get(&host, &upstream.url("up.example", "/")).await;
        let seen = upstream.seen().pop().unwrap();
        assert!(seen.contains(&format!("authorization: Bearer {token}\r\n")), "{seen}");
    }
}

#[tokio::test]
async fn a_guest_sets_no_header_that_is_bound() {
    let (names, upstream) = (Names::usual(), Upstream::ok().await);
    let line = format!("* http://up.example:{}/*", upstream.address.port());
    let host = started(&names, bound(&[(&line, BEARER)], &[&upstream])).await;
    let url = upstream.url("up.example", "/");
    for name in ["Authorization", "authorization", "AUTHORIZATION"] {
        let answer = one(&host, json!({ "url": url, "headers": [[name, "mine"]] })).await;
        assert_eq!(
            text(&answer, "failed"),
            "the header \"authorization\" is the operator's to set for this address, leave it out"
        );
    }
    // A coding of the guest's own would hide an echo from the host.
    let answer = one(&host, json!({ "url": url, "headers": [["Accept-Encoding", "gzip"]] })).await;
    assert!(text(&answer, "failed").contains("where the operator bound a secret, leave it out"), "{answer}");
    assert_eq!(upstream.accepted(), 0);
}

#[tokio::test]
async fn an_echo_of_a_secret_never_reaches_the_guest() {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    let names = Names::usual();
    // The whole request comes back: in the body, as JSON, in base64; in a header; and as an address.
    let upstream = Upstream::start(|request| {
        let path = request.split(' ').nth(1).unwrap();
        let token = request.lines().find_map(|line| line.strip_prefix("authorization: ")).unwrap_or("none");
        let percent = token.replace(' ', "%20").replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        match path {
            "/away" => {
                let head = format!("HTTP/1.1 302 X\r\nlocation: /end?{percent}\r\ncontent-length: 0\r\n\r\n");
                (head.into_bytes(), Then::KeepOpen)
            }
            "/denied" => {
                let to = format!("http://evil.example/{percent}/{token}");
                let head = format!("HTTP/1.1 302 X\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n");
                (head.into_bytes(), Then::KeepOpen)
            }
            _ => {
                let body = format!("{request}\n{}\n{percent}", BASE64_STANDARD.encode(request));
                (answer(&format!("x-echo: {token}\r\n"), body.as_bytes()), Then::KeepOpen)
            }
        }
    })
    .await;
    let line = format!("GET http://up.example:{}/*", upstream.address.port());
    let host = started(&names, bound(&[(&line, BEARER)], &[&upstream])).await;
    for path in ["/", "/away", "/denied"] {
        let answer = get(&host, &upstream.url("up.example", path)).await.to_string();
        assert!(upstream.seen().iter().any(|seen| seen.contains(TOKEN)), "it was sent");
        let inside = BASE64_STANDARD.encode(TOKEN);
        for form in [TOKEN, "tok%2Ben%2F1234%3D56~7890", &inside[4..20], "b2tlbi8", "en/1234", "1234=56"] {
            assert!(!answer.contains(form), "{path}: {form} in {answer}");
        }
        assert!(answer.contains("[secret:weather]"), "{path}: {answer}");
    }
    let came = get(&host, &upstream.url("up.example", "/")).await;
    let echoed =
        came["came"]["headers"].as_array().unwrap().iter().find(|header| header[0] == "x-echo").unwrap();
    assert_eq!(echoed[1], "Bearer [secret:weather]");
}

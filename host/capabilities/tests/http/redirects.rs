//! Redirects: each hop is a request of its own, and leaves behind what says who asks.

use cofferdam_capabilities::http::{Failure, HttpError, HttpRequest, HttpResponse};
use cofferdam_policy::Denial;

use crate::support::{Names, Setup, Then, Upstream, failure, ok, refusal, request, send};

fn to(status: u16, location: &str) -> String {
    format!("HTTP/1.1 {status} Moved\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n")
}

/// Redirects `/STATUS` to `location`, answers everything else.
async fn redirecting(location: String) -> Upstream {
    Upstream::start(move |request| {
        let status = request.split(['/', ' ']).nth(2).and_then(|path| path.parse().ok());
        (status.map_or_else(|| ok("end"), |status| to(status, &location)).into(), Then::KeepOpen)
    })
    .await
}

fn following(method: &str, url: &str) -> HttpRequest {
    HttpRequest { redirects: 5, ..request(method, url) }
}

fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    request.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[tokio::test]
async fn methods_and_bodies_change_as_the_status_says() {
    let upstream = redirecting("/end".to_owned()).await;
    let plugin = Setup::new(&Names::usual(), &[&upstream]).plugin();
    for (status, method, then) in [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "POST", "GET"),
        (303, "PUT", "GET"),
        (303, "HEAD", "HEAD"),
        (301, "PUT", "PUT"),
        (307, "POST", "POST"),
        (308, "DELETE", "DELETE"),
        (302, "GET", "GET"),
    ] {
        let body = (method != "GET" && method != "HEAD").then(|| "payload".into());
        let headers = vec![("content-type".to_owned(), b"text/plain".to_vec())];
        let url = upstream.url("up.example", &format!("/{status}"));
        let request = HttpRequest { body, headers, ..following(method, &url) };
        let response = send(&plugin, request).await.unwrap();
        assert_eq!(response.url, upstream.url("up.example", "/end"));
        let last = upstream.seen().pop().unwrap();
        assert!(last.starts_with(&format!("{then} /end HTTP/1.1\r\n")), "{status} {method}: {last}");
        let kept = then == method && method != "GET" && method != "HEAD";
        assert_eq!(last.ends_with("payload"), kept, "{status} {method}");
        assert_eq!(header(&last, "content-type").is_some(), then == method, "{status} {method}");
    }
}

#[tokio::test]
async fn without_being_asked_to_follow_the_redirect_is_the_response() {
    let upstream = redirecting("http://169.254.169.254/".to_owned()).await;
    let plugin = Setup::new(&Names::usual(), &[&upstream]).plugin();
    let response: HttpResponse =
        send(&plugin, request("GET", &upstream.url("up.example", "/302"))).await.unwrap();
    assert_eq!(response.status, 302);
    assert!(response.headers.contains(&("location".to_owned(), b"http://169.254.169.254/".to_vec())));
}

#[tokio::test]
async fn a_redirect_out_of_the_grant_is_denied_and_not_followed() {
    let target = Upstream::ok().await;
    for (location, why) in [
        (target.url("up.example", "/v2/x"), Denial::Path),
        (target.url("other.example", "/v1/x"), Denial::Host),
        (target.url("user:secret@up.example", "/v1/x"), Denial::UserInfo),
        (target.url("up.example.", "/v1/x"), Denial::TrailingDot),
        ("https://up.example/v1/x".to_owned(), Denial::Scheme),
        ("http://up.example/v1/x".to_owned(), Denial::Port),
        ("file:///etc/passwd".to_owned(), Denial::UnfitScheme),
        ("javascript:alert(1)".to_owned(), Denial::UnfitScheme),
        ("\\\\other.example\\v1\\x".to_owned(), Denial::Host),
        ("http://169.254.169.254/".to_owned(), Denial::Host),
    ] {
        let (names, upstream) = (Names::usual(), redirecting(location.clone()).await);
        let here = format!("GET {}", upstream.url("up.example", "/302"));
        let there = format!("GET {}", target.url("up.example", "/v1/*"));
        let plugin = Setup::new(&names, &[&upstream, &target]).lines(&[&here, &there]).plugin();
        match send(&plugin, following("GET", &upstream.url("up.example", "/302"))).await {
            Err(HttpError::Denied(denied)) => {
                assert_eq!(denied.why(), why, "{location}");
                assert!(!denied.to_string().contains("secret"));
            }
            other => panic!("{location}: {other:?}"),
        }
        assert_eq!(names.asked(), ["up.example"], "{location}");
    }
    assert_eq!(target.accepted(), 0);
}

#[tokio::test]
async fn a_redirect_to_an_address_inside_is_refused_and_not_dialled() {
    let inside = Upstream::ok().await;
    for host in ["127.0.0.1", "inside.example", "[::ffff:127.0.0.1]", "2130706433"] {
        let upstream = redirecting(inside.url(host, "/")).await;
        let names = Names::new(&[("up.example", &[&["127.0.0.1"]]), ("inside.example", &[&["127.0.0.1"]])]);
        let plugin = Setup::new(&names, &[&upstream, &inside]).private(&[upstream.address]).plugin();
        let result = send(&plugin, following("GET", &upstream.url("up.example", "/302"))).await;
        assert_eq!(refusal(result), "Loopback", "{host}");
    }
    assert_eq!(inside.accepted(), 0);
}

#[tokio::test]
async fn what_says_who_asks_stays_at_the_origin() {
    let personal =
        ["authorization", "cookie", "x-api-key", "proxy-thing-no", "referer", "origin", "x-custom"];
    let headers = |names: &[&str]| {
        names.iter().map(|name| ((*name).to_owned(), b"secret".to_vec())).collect::<Vec<_>>()
    };
    let names_sent: Vec<&str> = personal.iter().copied().filter(|name| !name.starts_with("proxy")).collect();
    for (host, crossing) in [("up.example", false), ("other.example", true)] {
        // Another port of the same name is another origin.
        let target = Upstream::ok().await;
        let upstream = redirecting(target.url(host, "/end")).await;
        let plugin = Setup::new(&Names::usual(), &[&upstream, &target]).plugin();
        let mut sent = headers(&names_sent);
        sent.push(("accept-language".to_owned(), b"en".to_vec()));
        let url = upstream.url("up.example", "/307");
        send(&plugin, HttpRequest { headers: sent, ..following("GET", &url) }).await.unwrap();
        let last = target.seen().pop().unwrap();
        assert!(!last.contains("secret"), "{crossing}: {last}");
        assert_eq!(header(&last, "accept-language"), Some("en"));
        assert_eq!(upstream.seen()[0].matches("secret").count(), names_sent.len());
    }
    let upstream = redirecting("/end".to_owned()).await;
    let plugin = Setup::new(&Names::usual(), &[&upstream]).plugin();
    let url = upstream.url("up.example", "/307");
    send(&plugin, HttpRequest { headers: headers(&["authorization"]), ..following("GET", &url) })
        .await
        .unwrap();
    assert_eq!(header(&upstream.seen()[1], "authorization"), Some("secret"), "the same origin keeps it");
}

#[tokio::test]
async fn credentials_do_not_come_back_with_a_bounce() {
    let home = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let back = std::sync::Arc::clone(&home);
    let bouncer = Upstream::start(move |_| (to(307, &back.lock().unwrap()).into(), Then::KeepOpen)).await;
    let upstream = redirecting(bouncer.url("other.example", "/")).await;
    *home.lock().unwrap() = upstream.url("up.example", "/end");
    let plugin = Setup::new(&Names::usual(), &[&upstream, &bouncer]).plugin();
    let headers = vec![("authorization".to_owned(), b"secret".to_vec())];
    let url = upstream.url("up.example", "/307");
    send(&plugin, HttpRequest { headers, ..following("GET", &url) }).await.unwrap();
    let seen = upstream.seen();
    assert_eq!(seen.len(), 2);
    assert!(seen[0].contains("secret") && !seen[1].contains("secret"), "{seen:?}");
}

#[tokio::test]
async fn a_circle_ends_at_the_fifth_hop_at_the_latest() {
    for (asked, hops) in [(1, 2), (5, 6), (255, 6)] {
        let upstream = redirecting("/302".to_owned()).await;
        let plugin = Setup::new(&Names::usual(), &[&upstream]).plugin();
        let url = upstream.url("up.example", "/302");
        let result = send(&plugin, HttpRequest { redirects: asked, ..request("GET", &url) }).await;
        assert_eq!(failure(result), Failure::Redirects);
        assert_eq!(upstream.seen().len(), hops, "{asked}");
    }
}

#[tokio::test]
async fn a_redirect_that_can_be_read_in_two_ways_is_not_followed() {
    let long = format!("/{}", "x".repeat(9_000));
    for location in ["/a\r\nlocation: /b", "http://[::1", "\u{fffd}\r\nlocation: x", long.as_str()] {
        let upstream = redirecting(location.to_owned()).await;
        let plugin = Setup::new(&Names::usual(), &[&upstream]).plugin();
        let result = send(&plugin, following("GET", &upstream.url("up.example", "/302"))).await;
        assert_eq!(failure(result), Failure::Protocol, "{location:.40}");
        assert_eq!(upstream.seen().len(), 1);
    }
}

//! Redirects: each hop is a request of its own, and credentials stay behind.

use cofferdam_tests::upstream::{Names, Then, Upstream, answer};
use serde_json::{Value, json};

use super::{Grant, get, host, one, text};

/// Redirects `/N/...` with status N to what follows the second slash; answers all else with what it was asked.
async fn redirecting() -> Upstream {
    Upstream::start(|request| {
        let path = request.split(' ').nth(1).unwrap();
        let mut parts = path[1..].splitn(2, '/');
        let (status, to) = (parts.next().unwrap(), parts.next());
        match (status.parse::<u16>(), to) {
            (Ok(status), Some(to)) => {
                let head = format!("HTTP/1.1 {status} Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n");
                (head.into_bytes(), Then::KeepOpen)
            }
            _ => (answer("", request.as_bytes()), Then::KeepOpen),
        }
    })
    .await
}

fn credentials() -> Value {
    json!([["Authorization", "Bearer mine"], ["Cookie", "a=b"], ["X-Api-Key", "mine"], ["Accept", "text/x"]])
}

#[tokio::test]
async fn a_redirect_leads_only_where_a_request_could_go() {
    let (names, upstream, other) = (Names::usual(), redirecting().await, Upstream::ok().await);
    let host = host(&names);
    let line = format!("GET http://up.example:{}/*", upstream.address.port());
    host.publish([Grant::new(&[&line], &[&upstream, &other]).plugin()]).await;
    for (to, code) in [
        (other.url("other.example", "/"), "C0202"),
        (upstream.url("other.example", "/"), "C0202"),
        (upstream.url("127.0.0.1", "/"), "C0202"),
        ("http://169.254.169.254/latest/meta-data/".to_owned(), "C0202"),
        (other.url("up.example", "/"), "C0204"),
        (format!("https://up.example:{}/", upstream.address.port()), "C0203"),
        (format!("http://u:p@up.example:{}/", upstream.address.port()), "C0210"),
        ("file:///etc/passwd".to_owned(), "C0209"),
        ("gopher://up.example/".to_owned(), "C0209"),
        ("//other.example/".to_owned(), "C0202"),
        ("\\\\other.example/".to_owned(), "C0202"),
    ] {
        for status in [301, 302, 303, 307, 308] {
            let said = get(&host, &upstream.url("up.example", &format!("/{status}/{to}"))).await;
            assert!(text(&said, "denied").contains(&format!("[{code}]")), "{status} {to}: {said}");
        }
    }
    assert_eq!(other.accepted(), 0);
    assert!(names.asked().iter().all(|name| name == "up.example"), "{:?}", names.asked());
    let said = get(&host, &upstream.url("up.example", "/302//end")).await;
    assert_eq!(said["came"]["url"], upstream.url("up.example", "/end"), "{said}");
}

#[tokio::test]
async fn a_granted_name_that_redirects_inside_is_refused_by_its_address() {
    let upstream = redirecting().await;
    let names = Names::new(&[("up.example", &[&["127.0.0.1"]]), ("meta.example", &[&["169.254.169.254"]])]);
    let host = host(&names);
    host.publish([Grant::all(&[&upstream]).plugin()]).await;
    let to = upstream.url("meta.example", "/");
    let said = get(&host, &upstream.url("up.example", &format!("/302/{to}"))).await;
    assert!(
        text(&said, "denied").contains("`meta.example` leads to an address that `p` may not reach"),
        "{said}"
    );
}

#[tokio::test]
async fn credentials_don_t_leave_their_origin() {
    let (names, upstream) = (Names::usual(), redirecting().await);
    let host = host(&names);
    host.publish([Grant::all(&[&upstream]).plugin()]).await;
    let seen = async |to: &str| {
        let url = upstream.url("up.example", &format!("/307/{to}"));
        let said = one(&host, json!({ "url": url, "headers": credentials() })).await;
        said["came"]["text"].as_str().unwrap_or_else(|| panic!("{said}")).to_lowercase()
    };
    let stayed = seen("/end").await;
    for header in ["authorization: bearer mine", "cookie: a=b", "x-api-key: mine", "accept: text/x"] {
        assert!(stayed.contains(header), "{stayed}");
    }
    // Away, and away and back again.
    let away = upstream.url("other.example", "/end");
    let back = upstream.url("other.example", &format!("/307/{}", upstream.url("up.example", "/end")));
    for to in [away, back] {
        let left = seen(&to).await;
        assert!(left.contains("accept: text/x"), "{left}");
        for header in ["authorization", "cookie", "x-api-key"] {
            assert!(!left.contains(header), "{to}: {left}");
        }
    }
}

#[tokio::test]
async fn a_body_is_sent_again_only_where_the_method_stays() {
    let (names, upstream) = (Names::usual(), redirecting().await);
    let host = host(&names);
    host.publish([Grant::all(&[&upstream]).plugin()]).await;
    for (status, method, body) in
        [(301, "GET", ""), (302, "GET", ""), (303, "GET", ""), (307, "POST", "data"), (308, "POST", "data")]
    {
        let url = upstream.url("up.example", &format!("/{status}//end"));
        let said = one(&host, json!({ "method": "POST", "url": url, "body": "data" })).await;
        let seen = said["came"]["text"].as_str().unwrap();
        assert!(seen.starts_with(&format!("{method} /end ")), "{status}: {seen}");
        assert_eq!(seen.split("\r\n\r\n").nth(1), Some(body), "{status}: {seen}");
    }
}

#[tokio::test]
async fn a_loop_of_redirects_ends_and_a_guest_may_follow_by_hand() {
    let names = Names::usual();
    let upstream = Upstream::saying(
        "HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\n\r\n",
        Then::KeepOpen,
    )
    .await;
    let host = host(&names);
    host.publish([Grant::all(&[&upstream]).plugin()]).await;
    let url = upstream.url("up.example", "/");
    for (redirects, followed) in [(1, 1), (5, 5), (255, 5)] {
        let before = upstream.seen().len();
        let said = one(&host, json!({ "url": url, "redirects": redirects })).await;
        assert_eq!(text(&said, "failed"), format!("too many redirects: expected at most {followed}"));
        assert_eq!(upstream.seen().len() - before, followed + 1);
    }
    let said = one(&host, json!({ "url": url, "redirects": 0 })).await;
    assert_eq!(said["came"]["status"], 302);
}

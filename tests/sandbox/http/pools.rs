//! Connections: kept for their plugin, as long as it may reach the same, and for nobody else.

use cofferdam_runtime::policy::units::{Count, Quantity as _};
use cofferdam_tests::upstream::{Names, Then, Upstream, answer};
use serde_json::json;

use super::{Grant, get, host, one, sent, text};

#[tokio::test]
async fn connections_outlive_a_version_and_not_a_change_of_what_may_be_reached() {
    let (names, upstream) = (Names::usual(), Upstream::ok().await);
    let host = host(&names);
    let url = upstream.url("up.example", "/");
    let line = format!("GET http://up.example:{}/*", upstream.address.port());
    let grant = || Grant::new(&[&line], &[&upstream]);
    let connections = async || {
        assert_eq!(get(&host, &url).await["came"]["text"], "hello");
        upstream.accepted()
    };
    host.publish([grant().plugin()]).await;
    assert_eq!((connections().await, connections().await), (1, 1));
    host.publish([grant().plugin()]).await;
    assert_eq!(connections().await, 1, "the next version goes on with it");
    let fewer = || grant().limits(|limits| limits.requests = Count::of(7));
    host.publish([fewer().plugin()]).await;
    assert_eq!(connections().await, 2, "under other limits it doesn't");
    let mut shut = fewer();
    shut.private.clear();
    host.publish([shut.plugin()]).await;
    assert!(text(&get(&host, &url).await, "denied").contains("[C0214]"));
    assert_eq!(upstream.accepted(), 2, "what is open is not for a plugin that may not reach it");
}

#[tokio::test]
async fn no_plugin_uses_the_connections_of_another() {
    let (names, upstream) = (Names::usual(), Upstream::ok().await);
    let host = host(&names);
    let mut stranger = Grant::all(&[&upstream]);
    stranger.private.clear();
    host.publish([
        Grant::all(&[&upstream]).plugin(),
        Grant::all(&[&upstream]).plugin_as("q"),
        stranger.plugin_as("stranger"),
    ])
    .await;
    let request = json!({ "requests": [{ "url": upstream.url("up.example", "/") }] });
    for plugin in ["p", "q", "p", "q"] {
        assert_eq!(sent(&host, plugin, request.clone()).await[0]["came"]["text"], "hello");
    }
    assert_eq!(upstream.accepted(), 2);
    assert!(text(&sent(&host, "stranger", request).await[0], "denied").contains("[C0214]"));
    assert_eq!(upstream.accepted(), 2);
}

#[tokio::test]
async fn nothing_that_an_upstream_says_is_kept_for_the_next_request() {
    let said = "set-cookie: a=b; Path=/\r\nalt-svc: h2=\"other.example:443\"\r\nstrict-transport-security: max-age=9999\r\n\
                cache-control: max-age=9999\r\netag: \"x\"\r\n";
    let (names, upstream) = (Names::usual(), Upstream::saying(answer(said, b"x"), Then::KeepOpen).await);
    let host = host(&names);
    host.publish([Grant::all(&[&upstream]).plugin()]).await;
    for _ in 0..2 {
        let answer = one(&host, json!({ "url": upstream.url("up.example", "/") })).await;
        assert_eq!(answer["came"]["url"], upstream.url("up.example", "/"));
    }
    let seen = upstream.seen();
    assert_eq!(seen.len(), 2, "nothing is answered from a cache");
    assert_eq!(seen[0], seen[1]);
    assert!(!seen[1].to_lowercase().contains("cookie") && !seen[1].to_lowercase().contains("if-none-match"));
    assert_eq!(names.asked(), ["up.example"]);
}

//! Subscriptions to feeds and to sites that name them.

use cofferdam_sdk::Response;
use cofferdam_sdk::mock::Host;

use super::*;
use crate::list::list;
use crate::unsubscribe::unsubscribe;

const FEED: &str = "<rss><channel><title>News</title><link>https://a.example/</link>
    <item><guid>1</guid><title>One</title><description>&lt;p&gt;a &lt;a href='/x'&gt;b&lt;/a&gt;</description></item>
    <item><guid>2</guid><title>Two</title></item></channel></rss>";

const PAGE: &str = "<html><link rel=alternate type=application/rss+xml href=/feed title=Main>
    <link rel=alternate type=application/atom+xml href=/comments title=Comments>";

fn host() -> Host {
    let html = |_: &_| Response::new(200, PAGE.as_bytes().to_vec()).with_header("content-type", "text/html");
    Host::new()
        .http("GET https://a.example/feed", 200, FEED)
        .http_with("GET https://a.example/", html)
        .http_with("GET https://a.example/loop", |_| {
            Response::new(200, "<link rel=alternate type=application/rss+xml href=/>")
        })
        .http("GET https://a.example/text", 200, "no feed")
        .http("GET https://a.example/gone", 404, "no such page")
}

fn subscribe_to(host: &Host, url: &str) -> Result<Subscribed> {
    host.call::<subscribe>(json!({"url": url}))
}

#[test]
fn a_feed_comes_with_its_items() {
    let host = host();
    let done =
        host.call::<subscribe>(json!({"url": "https://a.example/feed#x", "tags": ["#News", "a"]})).unwrap();
    assert_eq!((done.known, done.new_items, done.others.len()), (false, 2, 0));
    let feed = done.feed;
    assert_eq!((feed.id, feed.title.as_str(), feed.url.as_str()), (1, "News", "https://a.example/feed"));
    assert_eq!(
        (feed.site.as_deref(), feed.items, feed.unread, feed.error),
        (Some("https://a.example/"), 2, 2, None)
    );
    assert_eq!(feed.tags, ["a", "news"]);
    assert!(feed.checked.is_some() && feed.newest.is_some());
}

#[test]
fn a_site_leads_to_its_first_feed_and_names_the_others() {
    let done = subscribe_to(&host(), "https://a.example/").unwrap();
    assert_eq!(done.feed.url, "https://a.example/feed");
    assert_eq!(done.others, [Other { title: "Comments".into(), url: "https://a.example/comments".into() }]);
}

#[test]
fn subscribing_twice_is_subscribing_once() {
    let host = host();
    subscribe_to(&host, "https://a.example/feed").unwrap();
    let again =
        host.call::<subscribe>(json!({"url": "https://a.example/", "title": "Mine", "tags": ["b"]})).unwrap();
    assert_eq!((again.known, again.new_items, again.feed.id), (true, 0, 1));
    assert_eq!(
        (again.feed.title.as_str(), again.feed.tags, again.feed.items),
        ("Mine", vec!["b".to_owned()], 2)
    );
    assert_eq!(host.call::<list>(json!({})).unwrap().total, 1);
}

#[test]
fn what_is_no_feed_is_told_and_nothing_is_kept() {
    let host = host();
    for (url, expected) in [
        (
            "https://a.example/text",
            ToolError::failed(
                "https://a.example/text is no feed, and no page that names one: it is text/plain; charset=utf-8, 7 bytes",
            ),
        ),
        (
            "https://a.example/loop",
            ToolError::failed(
                "https://a.example/loop names https://a.example/ as its feed, and that is none",
            ),
        ),
        ("https://a.example/gone", ToolError::failed("https://a.example/gone answered 404: no such page")),
        (
            "a.example",
            ToolError::invalid(
                "`url` must be a whole address such as https://example.com/feed.xml, found \"a.example\"",
            ),
        ),
    ] {
        assert_eq!(subscribe_to(&host, url), Err(expected));
    }
    let tags = host.call::<subscribe>(json!({"url": "https://a.example/feed", "tags": ["two words"]}));
    assert!(matches!(tags, Err(ToolError::InvalidArguments(_))));
    assert_eq!(host.call::<list>(json!({})).unwrap().total, 0);
}

#[test]
fn a_denial_says_how_to_allow_it() {
    let denied = subscribe_to(&host(), "https://b.example/feed");
    let Err(ToolError::Denied(text)) = denied else { panic!("{denied:?}") };
    assert!(text.contains("cofferdam grant") && text.contains("GET https://b.example/feed"), "{text}");
}

#[test]
fn unsubscribing_removes_all_of_it() {
    let host = host();
    subscribe_to(&host, "https://a.example/feed").unwrap();
    let removed = host.reply::<unsubscribe>(json!({"id": 1})).unwrap().structured_value();
    assert_eq!(removed, Some(json!({"title": "News", "url": "https://a.example/feed", "items": 2})));
    let missing = ToolError::not_found("there is no feed 1: `list` shows which there are");
    assert_eq!(host.call::<unsubscribe>(json!({"id": 1})), Err(missing));
    assert_eq!(subscribe_to(&host, "https://a.example/feed").unwrap().feed.id, 2);
}

#[test]
fn feeds_are_listed_by_title_and_tag_page_by_page() {
    let host = host().http("GET https://b.example/*", 200, FEED);
    for (name, tag) in [("b", "x"), ("A", "y"), ("c", "x")] {
        let url = format!("https://b.example/{name}");
        host.call::<subscribe>(json!({"url": url, "title": name, "tags": [tag]})).unwrap();
    }
    let titles = |arguments| {
        let listed = host.call::<list>(arguments).unwrap();
        (
            listed.feeds.into_iter().map(|feed| feed.title).collect::<Vec<_>>().join(" "),
            listed.total,
            listed.next_start,
        )
    };
    assert_eq!(titles(json!({"limit": 2})), ("A b".to_owned(), 3, Some(2)));
    assert_eq!(titles(json!({"limit": 2, "start": 2})), ("c".to_owned(), 3, None));
    assert_eq!(titles(json!({"tag": "#X"})), ("b c".to_owned(), 2, None));
}

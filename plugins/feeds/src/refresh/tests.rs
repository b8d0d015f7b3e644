//! Feeds that change, fail, wait and grow.

use std::sync::{Arc, Mutex};

use cofferdam_sdk::mock::Host;

use super::*;
use crate::item::item;
use crate::list::list;
use crate::new::new;
use crate::subscribe::subscribe;

/// Feeds whose items the test changes: of `/N` the entry `N`.
type Served = Arc<Mutex<Vec<Response>>>;

fn rss(items: &[(&str, &str)]) -> Response {
    let item = |(id, text): &(&str, &str)| {
        format!("<item><guid>{id}</guid><title>Item {id}</title><description>{text}</description></item>")
    };
    let items: String = items.iter().map(item).collect();
    Response::new(200, format!("<rss><channel><title>T</title>{items}</channel></rss>"))
}

fn site(feeds: Vec<Response>) -> (Host, Served) {
    let count = feeds.len();
    let served = Arc::new(Mutex::new(feeds));
    let now = Arc::clone(&served);
    let host = Host::new().http_with("GET https://a.example/*", move |request| {
        let number: usize = request.url.rsplit('/').next().unwrap().parse().unwrap();
        let response = now.lock().unwrap()[number].clone();
        let same = request.header("if-none-match").is_some_and(|tag| response.header("etag") == Some(tag));
        if same { Response::new(304, Vec::new()) } else { response }
    });
    for number in 0..count {
        host.call::<subscribe>(
            json!({"url": format!("https://a.example/{number}"), "tags": [format!("t{number}")]}),
        )
        .unwrap();
    }
    (host, served)
}

fn again(host: &Host, arguments: serde_json::Value) -> Refreshed {
    host.advance(minutes(2));
    host.call::<refresh>(arguments).unwrap()
}

#[test]
fn new_and_changed_items_are_counted_and_one_feed_s_failure_is_its_own() {
    let (host, served) = site(vec![rss(&[("1", "a")]), rss(&[("1", "a")]), rss(&[("1", "a")])]);
    *served.lock().unwrap() =
        vec![rss(&[("2", "b"), ("1", "other")]), Response::new(500, "broken & <down>"), rss(&[("1", "a")])];
    let done = again(&host, json!({}));
    assert_eq!((done.checked, done.new_items, done.skipped, done.left), (3, 1, 0, 0));
    assert_eq!(done.updated, [Updated { id: 1, title: "T".into(), new: 1, changed: 1 }]);
    let error = "https://a.example/1 answered 500: broken & <down>";
    assert_eq!(done.failed, [Failed { id: 2, title: "T".into(), error: error.into() }]);
    let listed = host.call::<list>(json!({})).unwrap().feeds;
    assert_eq!(
        listed.iter().map(|feed| feed.error.as_deref()).collect::<Vec<_>>(),
        [None, Some(error), None]
    );
    let item = host.reply::<item>(json!({"id": 1})).unwrap().structured_value().unwrap();
    assert_eq!(item["content"], "other");
    served.lock().unwrap()[1] = rss(&[("1", "a")]);
    assert_eq!(again(&host, json!({})).failed, []);
    assert_eq!(host.call::<list>(json!({})).unwrap().feeds[1].error, None);
}

#[test]
fn a_feed_that_did_not_change_is_not_sent_again() {
    let (host, _) = site(vec![rss(&[("1", "a")]).with_header("etag", "\"1\"")]);
    let done = again(&host, json!({}));
    assert_eq!((done.checked, done.new_items, done.updated.len(), done.failed.len()), (1, 0, 0, 0));
    assert_eq!(host.requests().last().unwrap().header("if-none-match"), Some("\"1\""));
}

#[test]
fn a_feed_is_left_alone_for_a_minute_or_as_long_as_it_says() {
    let (host, served) = site(vec![rss(&[]), rss(&[])]);
    let counts = |done: Refreshed| (done.checked, done.skipped);
    assert_eq!(counts(host.call::<refresh>(json!({})).unwrap()), (2, 0));
    assert_eq!(counts(host.call::<refresh>(json!({})).unwrap()), (0, 2));
    served.lock().unwrap()[0] = Response::new(429, "slow down").with_header("retry-after", "600");
    assert_eq!(counts(again(&host, json!({}))), (2, 0));
    assert_eq!(counts(again(&host, json!({}))), (1, 1));
    host.advance(minutes(10));
    assert_eq!(counts(host.call::<refresh>(json!({})).unwrap()), (2, 0));
}

#[test]
fn without_a_cache_it_works_all_the_same() {
    let (host, _) = site(vec![rss(&[])]);
    assert_eq!(host.without_cache().call::<refresh>(json!({})).unwrap().checked, 1);
}

#[test]
fn some_feeds_are_chosen_by_number_or_tag() {
    let (host, _) = site(vec![rss(&[]), rss(&[])]);
    assert_eq!(again(&host, json!({"feeds": [2]})).checked, 1);
    assert_eq!(again(&host, json!({"tag": "t0"})).checked, 1);
    let missing = ToolError::not_found("there is no feed 9: `list` shows which there are");
    assert_eq!(host.call::<refresh>(json!({"feeds": [1, 9]})), Err(missing));
}

#[test]
fn many_feeds_are_asked_in_batches_as_long_as_there_is_time() {
    let (host, _) = site((0..20).map(|_| rss(&[])).collect());
    let db: Db = host.handle();
    db.execute("update feed set checked = null", ()).unwrap();
    let hurried = host.remaining(Duration::from_secs(5));
    // Those that are left come first the next time.
    for _ in 0..2 {
        let done = hurried.call::<refresh>(json!({})).unwrap();
        assert_eq!((done.checked, done.skipped, done.left), (BATCH, 0, 20 - BATCH));
    }
    assert_eq!(again(&hurried.remaining(Duration::from_secs(30)), json!({})).checked, 20);
}

#[test]
fn a_client_that_cancels_ends_it() {
    let (host, _) = site((0..20).map(|_| rss(&[])).collect());
    assert_eq!(host.cancel_after(1).call::<refresh>(json!({})), Err(ToolError::Cancelled));
}

#[test]
fn old_items_are_dropped_and_those_that_the_feed_still_has_are_not() {
    let (host, served) = site(vec![rss(&[("1", "a"), ("2", "a")])]);
    let host = host.config("max_items", 3);
    let titles = || {
        let found = host.call::<new>(json!({})).unwrap();
        found.items.into_iter().map(|item| item.title).collect::<Vec<_>>().join(" ")
    };
    served.lock().unwrap()[0] = rss(&[("3", "a"), ("4", "a"), ("1", "a")]);
    assert_eq!(again(&host, json!({})).new_items, 2);
    assert_eq!(titles().split(" Item").count(), 3);
    assert!(!titles().contains("Item 2"), "{}", titles());
    assert_eq!(again(&host, json!({})).new_items, 0);
    served.lock().unwrap()[0] = rss(&[("5", "a"), ("6", "a"), ("7", "a"), ("8", "a"), ("9", "a")]);
    assert_eq!(again(&host, json!({})).new_items, 3);
    assert_eq!(again(&host, json!({})).new_items, 0);
}

#[test]
fn a_feed_that_became_a_page_or_broke_says_so() {
    let (host, served) = site(vec![rss(&[("1", "a")]), rss(&[])]);
    *served.lock().unwrap() = vec![
        Response::new(200, "<link rel=alternate type=application/rss+xml href=/x>"),
        Response::new(200, "<rss><channel><item><guid>1</guid></item><item><ti"),
    ];
    let done = again(&host, json!({}));
    assert_eq!(done.failed[0].error, "https://a.example/0 is a page now, and no feed");
    assert!(done.failed[1].error.starts_with("it is no XML after"), "{:?}", done.failed);
    assert_eq!(done.new_items, 1);
}

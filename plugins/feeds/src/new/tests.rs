//! Items that are listed, read, marked and found.

use cofferdam_sdk::mock::Host;

use super::*;
use crate::item::item;
use crate::mark::{Marked, mark};
use crate::search::search;
use crate::subscribe::subscribe;

fn entry(id: u32, date: &str, title: &str, text: &str) -> String {
    format!(
        "<item><guid>{id}</guid><pubDate>{date}</pubDate><title>{title}</title><link>/{id}</link><description><![CDATA[{text}]]></description></item>"
    )
}

/// Two feeds: the first has items of three days and one of the future, the second one without a date.
fn host() -> Host {
    let first = [
        entry(
            1,
            "Mon, 01 Jul 2024 10:00:00 GMT",
            "Tea",
            "<p>Green <b>tea</b> from <a href='/shop'>here</a>.",
        ),
        entry(2, "2024-07-03", "Coffee", "Black, not tea."),
        entry(3, "Tue, 02 Jul 2024 10:00:00 GMT", "Cake", &"long ".repeat(300)),
        entry(4, "Tue, 02 Jul 2199 10:00:00 GMT", "Future", "x"),
    ];
    let feed = |items: String| format!("<rss><channel><title>T</title>{items}</channel></rss>");
    let host = Host::new().http("GET https://a.example/feed", 200, feed(first.concat())).http(
        "GET https://b.example/feed",
        200,
        feed("<item><description>No title, naïve text</description></item>".into()),
    );
    host.call::<subscribe>(json!({"url": "https://a.example/feed", "tags": ["drinks"]})).unwrap();
    host.call::<subscribe>(json!({"url": "https://b.example/feed"})).unwrap();
    host
}

fn titles(found: &[Summary]) -> String {
    found.iter().map(|item| item.title.as_str()).collect::<Vec<_>>().join(", ")
}

fn news(host: &Host, arguments: serde_json::Value) -> (String, u64) {
    let found = host.call::<new>(arguments).unwrap();
    (titles(&found.items), found.total)
}

#[test]
fn items_are_listed_by_date_and_none_is_of_the_future() {
    let host = host();
    let all = host.call::<new>(json!({"feed": 1})).unwrap();
    assert_eq!(titles(&all.items), "Future, Coffee, Cake, Tea");
    assert!(all.items[0].published.as_str() < "2100", "{}", all.items[0].published);
    assert_eq!(all.items[1].published, "2024-07-03T00:00:00Z");
    assert_eq!(all.items[3].excerpt, "Green **tea** from [here](https://a.example/shop).");
    assert_eq!(
        news(&host, json!({"since": "2024-07-02", "tag": "drinks"})),
        ("Future, Coffee, Cake".into(), 3)
    );
    assert_eq!(news(&host, json!({"feed": 2})), ("No title, naïve text".into(), 1));
    assert_eq!(news(&host, json!({})).1, 5);
}

#[test]
fn pages_follow_one_another_and_cursors_are_for_their_own_list() {
    let host = host();
    let mut cursor = None;
    let mut pages = Vec::new();
    loop {
        let mut arguments = json!({"feed": 1, "limit": 3});
        if let Some(cursor) = cursor.take() {
            arguments["cursor"] = json!(cursor);
        }
        let found = host.call::<new>(arguments).unwrap();
        pages.push(titles(&found.items));
        cursor = found.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(pages, ["Future, Coffee, Cake", "Tea"]);
    let cursor = host.call::<new>(json!({"feed": 1, "limit": 3})).unwrap().next_cursor;
    assert_eq!(host.call::<new>(json!({"feed": 2, "cursor": cursor})), Err(cursor::wrong()));
}

#[test]
fn what_is_marked_as_read_is_not_new() {
    let host = host();
    let done = host.call::<mark>(json!({"items": [1, 2, 2, 99]})).unwrap();
    assert_eq!(done, Marked { changed: 2, unread: 3 });
    assert_eq!(host.call::<mark>(json!({"items": [1, 2]})).unwrap().changed, 0);
    assert_eq!(news(&host, json!({"feed": 1})).1, 2);
    assert_eq!(news(&host, json!({"feed": 1, "read_too": true})).1, 4);
    assert_eq!(host.call::<mark>(json!({"feed": 1})).unwrap(), Marked { changed: 2, unread: 1 });
    assert_eq!(
        host.call::<mark>(json!({"all": true, "read": false})).unwrap(),
        Marked { changed: 4, unread: 5 }
    );
    for wrong in [json!({}), json!({"items": [1], "all": true}), json!({"feed": 1, "all": true})] {
        assert!(matches!(host.call::<mark>(wrong), Err(ToolError::InvalidArguments(_))));
    }
    assert_eq!(host.call::<mark>(json!({"feed": 9})), Err(store::no_feed(9)));
}

#[test]
fn an_item_is_read_as_markdown_in_parts() {
    let host = host();
    let id = |title: &str| {
        host.call::<new>(json!({})).unwrap().items.iter().find(|item| item.title == title).unwrap().id
    };
    let tea = host.reply::<item>(json!({"id": id("Tea")})).unwrap().structured_value().unwrap();
    assert_eq!(tea["content"], "Green **tea** from [here](https://a.example/shop).");
    assert_eq!((&tea["url"], &tea["next_start"]), (&json!("https://a.example/1"), &json!(null)));
    let part = host
        .reply::<item>(json!({"id": id("Cake"), "start": 100, "max_chars": 500}))
        .unwrap()
        .structured_value()
        .unwrap();
    assert_eq!((&part["characters"], &part["next_start"]), (&json!(1499), &json!(600)));
    assert_eq!(part["content"].as_str().unwrap(), "long ".repeat(100));
    assert_eq!(host.call::<item>(json!({"id": 99})), Err(store::no_item(99)));
}

#[test]
fn items_are_found_by_their_words() {
    let host = host();
    let find = |arguments| {
        let found = host.call::<search>(arguments).unwrap();
        (titles(&found.items), found.total, found.next_cursor)
    };
    assert_eq!(find(json!({"query": "TEA"})), ("Tea, Coffee".into(), 2, None));
    assert_eq!(find(json!({"query": "naive"})).0, "No title, naïve text");
    assert_eq!(find(json!({"query": "tea", "feed": 2})).1, 0);
    assert_eq!(find(json!({"query": "te gre", "tag": "drinks"})).0, "Tea");
    let (first, total, cursor) = find(json!({"query": "tea", "limit": 1}));
    assert_eq!((first.as_str(), total), ("Tea", 2));
    assert_eq!(find(json!({"query": "tea", "limit": 1, "cursor": cursor})).0, "Coffee");
    let found = host.call::<search>(json!({"query": "black"})).unwrap();
    assert_eq!(found.items[0].excerpt, "«Black», not tea.");
    assert!(matches!(host.call::<search>(json!({"query": "\"*"})), Err(ToolError::InvalidArguments(_))));
}

//! The plugin `feeds` at work: several upstreams, one that hangs and one that breaks, with the database and the cache.

use std::{
    sync::{Arc, Condvar, Mutex},
    time::Duration,
};

use cofferdam_tests::upstream::{Then, Upstream, answer};
use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::desk::{Client, Desk};

/// How long a good upstream waits for the other one to be asked, too: less than a request may take.
const PATIENCE: Duration = Duration::from_secs(4);

/// What all upstreams do now.
#[derive(Debug, Default)]
struct Stage {
    /// Whether the one hangs and the other is broken.
    trouble: bool,
    /// Which of the good ones were asked since then.
    asked: Vec<&'static str>,
}

type Shared = Arc<(Mutex<Stage>, Condvar)>;

fn rss(name: &str, numbers: &[u32]) -> Vec<u8> {
    let item = |number: &u32| {
        format!(
            "<item><guid>{number}</guid><title>{name} {number}</title><link>/{number}</link>\
             <pubDate>2024-07-0{number}</pubDate><description>About crab {number} of {name}.</description></item>"
        )
    };
    let items: String = numbers.iter().map(item).collect();
    format!("<rss><channel><title>{name}</title>{items}</channel></rss>").into_bytes()
}

/// Says the same until there is trouble. Then it answers only once the other good one was asked, too.
async fn good(name: &'static str, shared: &Shared) -> Upstream {
    let shared = Arc::clone(shared);
    Upstream::start(move |request| {
        let (stage, changed) = &*shared;
        let mut stage = stage.lock().unwrap();
        if !stage.trouble {
            return (answer("etag: \"1\"\r\n", &rss(name, &[1, 2])), Then::KeepOpen);
        }
        stage.asked.push(name);
        changed.notify_all();
        let alone = |stage: &mut Stage| !(stage.asked.contains(&"Sea") && stage.asked.contains(&"Shore"));
        // Others have to be served meanwhile.
        let timed_out = block_in_place(|| {
            let (stage, waited) = changed.wait_timeout_while(stage, PATIENCE, alone).unwrap();
            drop(stage);
            waited.timed_out()
        });
        if timed_out {
            return (b"HTTP/1.1 500 Alone\r\ncontent-length: 0\r\n\r\n".to_vec(), Then::Close);
        }
        // The sea has nothing new, and says so only to who knows what it said.
        let said = match (name, request.to_lowercase().contains("if-none-match: \"1\"")) {
            ("Sea", true) => b"HTTP/1.1 304 Not Modified\r\netag: \"1\"\r\n\r\n".to_vec(),
            _ => answer("etag: \"2\"\r\n", &rss(name, &[1, 2, 3])),
        };
        (said, Then::KeepOpen)
    })
    .await
}

/// Fine until there is trouble: then it says this.
async fn bad(name: &'static str, shared: &Shared, trouble: &'static [u8], then: Then) -> Upstream {
    let shared = Arc::clone(shared);
    Upstream::start(move |_| match shared.0.lock().unwrap().trouble {
        true => (trouble.to_vec(), then),
        false => (answer("", &rss(name, &[1])), Then::KeepOpen),
    })
    .await
}

fn titles(found: &Value) -> Vec<&str> {
    found["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn feeds_are_refreshed_at_the_same_time_and_trouble_with_one_is_its_own() {
    let shared = Shared::default();
    let hanging = bad("Fog", &shared, b"", Then::Hang).await;
    let broken =
        bad("Mud", &shared, b"HTTP/1.1 500 Broken\r\ncontent-length: 5\r\n\r\nsorry", Then::Close).await;
    let (sea, shore) = (good("Sea", &shared).await, good("Shore", &shared).await);
    let upstreams = [&hanging, &broken, &sea, &shore];
    let quoted =
        |texts: Vec<String>| texts.iter().map(|text| format!("{text:?}")).collect::<Vec<_>>().join(", ");
    let lines = quoted(upstreams.iter().map(|up| format!("GET http://{}/*", up.address)).collect());
    let private = quoted(upstreams.iter().map(|up| up.address.to_string()).collect());
    let config = format!(
        "[plugins.feeds]\nhttp = [{lines}]\nallow_private = [{private}]\n[plugins.feeds.http_limits]\ndeadline = \"6s\"\n"
    );
    let desk = Desk::with(&["feeds"], &config);
    let host = desk.serve().await;
    let client = Client::modern(&host).await;
    for (number, upstream) in (1..).zip(upstreams) {
        let url = format!("http://{}/feed", upstream.address);
        let done = client.value("feeds_subscribe", json!({ "url": url, "tags": ["coast"] })).await;
        assert_eq!((&done["feed"]["id"], &done["known"]), (&json!(number), &json!(false)), "{done}");
    }
    host.kill().await;

    // Another host knows the feeds, and what their servers said of them.
    shared.0.lock().unwrap().trouble = true;
    let host = desk.serve().await;
    let client = Client::legacy(&host).await;
    let done = client.value("feeds_refresh", json!({})).await;
    assert_eq!(
        (&done["checked"], &done["new_items"], &done["left"]),
        (&json!(4), &json!(1), &json!(0)),
        "{done}"
    );
    assert_eq!(done["updated"], json!([{ "id": 4, "title": "Shore", "new": 1, "changed": 0 }]));
    let failed = done["failed"].as_array().unwrap();
    let ids: Vec<_> = failed.iter().map(|feed| feed["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, [1, 2], "{done}");
    assert_eq!(failed[0]["error"], "no answer in time: the response did not begin");
    assert!(failed[1]["error"].as_str().unwrap().ends_with("/feed answered 500: sorry"), "{done}");
    for up in [&sea, &shore] {
        let seen = up.seen();
        assert_eq!(seen.len(), 2);
        assert!(!seen[0].contains("if-none-match") && seen[1].contains("if-none-match: \"1\""), "{seen:?}");
    }
    // Within a minute nobody is asked again, whatever the tool is asked for.
    let again = client.value("feeds_refresh", json!({})).await;
    assert_eq!((&again["checked"], &again["skipped"]), (&json!(0), &json!(4)));

    let new = client.value("feeds_new", json!({ "tag": "coast" })).await;
    assert_eq!(new["total"], 7);
    assert_eq!(titles(&new)[0], "Shore 3");
    let found = client.value("feeds_search", json!({ "query": "crab 3" })).await;
    assert_eq!(titles(&found), ["Shore 3"]);
    assert_eq!(found["items"][0]["url"], format!("http://{}/3", shore.address));
    let marked = client.value("feeds_mark", json!({ "feed": 4 })).await;
    assert_eq!(marked, json!({ "changed": 3, "unread": 4 }));
    let new = client.value("feeds_new", json!({ "feed": 4 })).await;
    assert_eq!(new["total"], 0);
    let listed = client.value("feeds_list", json!({})).await;
    let states: Vec<_> =
        listed["feeds"].as_array().unwrap().iter().map(|feed| feed.get("error").is_some()).collect();
    assert_eq!(states, [true, true, false, false], "{listed}");
}

#[tokio::test]
async fn what_reaches_outside_is_refused_without_a_grant_and_what_does_not_is_there() {
    let desk = Desk::with(&["notes", "sql", "fetch", "feeds"], "");
    let host = desk.serve().await;
    let tools = Client::modern(&host).await.tools().await;
    assert!(tools.iter().all(|tool| tool.starts_with("notes_") || tool.starts_with("sql_")), "{tools:?}");
    assert_eq!(tools.len(), 9 + 5);
    let said = host.log.text();
    for id in ["fetch", "feeds"] {
        let line = said.lines().find(|line| line.contains(&format!("{id}.wasm"))).unwrap();
        let remedy = format!("cofferdam grant {id} http 'GET https://");
        assert!(line.contains("[C0101]") && line.contains(&remedy), "{line}");
    }
}

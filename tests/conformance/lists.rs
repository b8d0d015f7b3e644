//! `tools/list`: order, pages, what is said of each tool, and for how long it holds.

use cofferdam_tests::messages::{LEGACY, modern, request};
use serde_json::{Value, json};

use crate::{PAGE, TOOLS, host, names};

fn cursor(cursor: &Value) -> Value {
    if cursor.is_null() { json!({}) } else { json!({ "cursor": cursor }) }
}

fn listed(result: &Value) -> Vec<String> {
    result["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn pages_together_have_every_tool_once_in_order() {
    let (_host, http, _folder) = host().await;
    let (session, _) = http.initialize("2025-11-25").await;
    for is_modern in [true, false] {
        let (mut all, mut pages, mut next) = (Vec::new(), 0, Value::Null);
        loop {
            let answer = if is_modern {
                http.modern(&modern(1, "tools/list", cursor(&next))).await.answer()
            } else {
                session.send(request(1, "tools/list", cursor(&next)).to_string()).await.answer()
            };
            let names = listed(&answer["result"]);
            assert!(names.len() <= PAGE);
            all.extend(names);
            pages += 1;
            next = answer["result"]["nextCursor"].clone();
            if next.is_null() {
                break;
            }
        }
        assert_eq!((all, pages), (names(), TOOLS.div_ceil(PAGE)));
    }
}

#[tokio::test]
async fn a_cursor_that_the_host_never_gave_is_an_error() {
    let (_host, http, _folder) = host().await;
    let (session, _) = http.initialize("2025-11-25").await;
    for wrong in [json!(""), json!("1"), json!("a_tool-03"), json!("A".repeat(10_000))] {
        let message = modern(1, "tools/list", json!({ "cursor": wrong }));
        let answer = http.modern(&message).await.answer();
        assert_eq!(answer["error"]["code"], -32602, "{wrong}: {answer}");
        let message = request(1, "tools/list", json!({ "cursor": wrong }));
        let answer = session.send(message.to_string()).await.answer();
        assert_eq!(answer["error"]["code"], -32602, "{wrong}: {answer}");
    }
}

#[tokio::test]
async fn a_list_says_how_long_it_holds_and_for_whom_where_the_era_knows_that() {
    let (_host, http, _folder) = host().await;
    let result = http.modern(&modern(1, "tools/list", json!({}))).await.answer()["result"].clone();
    assert_eq!(result["ttlMs"], 300_000);
    assert_eq!(result["cacheScope"], "private");
    assert_eq!(result["resultType"], "complete");
    for version in LEGACY {
        let (session, _) = http.initialize(version).await;
        let message = request(1, "tools/list", Value::Null);
        let result = session.send(message.to_string()).await.answer()["result"].clone();
        for key in ["ttlMs", "cacheScope", "resultType"] {
            assert_eq!(result.get(key), None, "{version}: {key}");
        }
    }
}

#[tokio::test]
async fn a_tool_is_shown_as_its_plugin_described_it() {
    let (_host, http, _folder) = host().await;
    let tools = http.modern(&modern(1, "tools/list", json!({}))).await.answer()["result"]["tools"].clone();
    let plain = |n: usize| {
        json!({
            "name": format!("a_tool-{n:02}"),
            "title": format!("Tool {n}"),
            "description": "A test tool.",
            "inputSchema": { "type": "object" },
        })
    };
    assert_eq!(tools[0], plain(0));
    let mut with_output = plain(1);
    with_output["outputSchema"] = json!({ "type": "array" });
    assert_eq!(tools[1], with_output);
    let mut with_icon = plain(2);
    with_icon["icons"] = json!([{ "src": "https://example.com/icon.png" }]);
    assert_eq!(tools[2], with_icon);
    let mut with_meta = plain(3);
    with_meta["_meta"] = json!({ "example.com/key": 1 });
    assert_eq!(tools[3], with_meta);
}

#[tokio::test]
async fn an_output_schema_that_an_older_era_can_t_take_is_left_out() {
    let (_host, http, _folder) = host().await;
    let (session, _) = http.initialize("2025-11-25").await;
    let answer = session.send(request(1, "tools/list", Value::Null).to_string()).await.answer();
    assert_eq!(answer["result"]["tools"][1].get("outputSchema"), None);
}

/// The protocol says that it should be refused; the library reads parameters of the wrong type as none.
#[tokio::test]
async fn a_cursor_that_is_no_text_starts_over() {
    let (_host, http, _folder) = host().await;
    for wrong in [json!(7), json!({}), json!([])] {
        let message = modern(1, "tools/list", json!({ "cursor": wrong }));
        let answer = http.modern(&message).await.answer();
        assert_eq!(listed(&answer["result"]), names()[..PAGE], "{wrong}");
    }
}

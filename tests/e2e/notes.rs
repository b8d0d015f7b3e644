//! The plugin `notes` at work: what it keeps outlives hosts, however they end, and several hosts share it.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use cofferdam_tests::process;
use futures::future::join;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::{
    desk::{Client, Desk, sqlite},
    python,
};

fn ids(page: &Value) -> Vec<u64> {
    page["notes"].as_array().unwrap().iter().map(|note| note["id"].as_u64().unwrap()).collect()
}

/// All notes, page by page.
async fn all(client: &Client) -> Vec<u64> {
    let (mut found, mut arguments) = (Vec::new(), json!({ "newest": "created", "limit": 7 }));
    loop {
        let page = client.value("notes_list", arguments.clone()).await;
        found.extend(ids(&page));
        match page.get("next_cursor") {
            Some(cursor) => arguments["cursor"] = cursor.clone(),
            None => return found,
        }
    }
}

/// What SQLite itself says of a file and of its full text.
fn is_sound(desk: &Desk) {
    let file = desk.path("cofferdam-data/notes.sqlite3");
    assert_eq!(sqlite(&file, &["PRAGMA integrity_check"]), ["ok"]);
    // An error, if the index doesn't fit the notes.
    sqlite(&file, &["INSERT INTO note_text (note_text, rank) VALUES ('integrity-check', 1)"]);
}

#[tokio::test]
async fn notes_are_added_tagged_found_and_listed_across_hosts() {
    let desk = Desk::with(&["notes"], "");
    let host = desk.serve().await;
    let client = Client::modern(&host).await;
    for (title, body) in [
        ("Tea", "Buy green tea."),
        ("Crabs", "They walk sideways."),
        ("Pot", "A pot for tea."),
        ("Snow", "It melts."),
        ("Rain", "It falls."),
    ] {
        client.value("notes_add", json!({ "title": title, "body": body })).await;
    }
    let tagged = client.value("notes_tag", json!({ "ids": [1, 3], "tags": ["#Kitchen"] })).await;
    assert_eq!(tagged, json!({ "changed": 2 }));
    let first = client.value("notes_list", json!({ "newest": "created", "limit": 2 })).await;
    assert_eq!((ids(&first), &first["total"]), (vec![5, 4], &json!(5)));
    host.kill().await;

    // A page goes on where the last one ended, on another host and in the other era.
    let host = desk.serve().await;
    let client = Client::legacy(&host).await;
    let cursor = &first["next_cursor"];
    let second =
        client.value("notes_list", json!({ "newest": "created", "limit": 2, "cursor": cursor })).await;
    assert_eq!(ids(&second), [3, 2]);
    let found = client.value("notes_search", json!({ "query": "TEA" })).await;
    assert_eq!((ids(&found), &found["total"]), (vec![1, 3], &json!(2)));
    assert_eq!(found["notes"][1]["snippet"], "A pot for **tea**.");
    assert_eq!(found["notes"][1]["tags"], json!(["kitchen"]));
    let tagged = client.value("notes_list", json!({ "tag": "kitchen", "newest": "created" })).await;
    assert_eq!(ids(&tagged), [3, 1]);
    let error = client.error("notes_get", json!({ "id": 9 })).await;
    assert_eq!(error, "not found: there is no note 9: `list` and `search` show which there are");
}

#[tokio::test]
async fn two_hosts_write_to_one_file_and_each_sees_all_of_it() {
    let desk = Desk::with(&["notes"], "");
    let (one, other) = join(desk.serve(), desk.serve()).await;
    let (one, other) = join(Client::modern(&one), Client::legacy(&other)).await;
    let add = async |client: &Client, title: &str| {
        let mut added = BTreeSet::new();
        for _ in 0..10 {
            let note = json!({ "title": title, "tags": [title] });
            let text = loop {
                match client.either("notes_add", note.clone()).await {
                    Ok(text) => break text,
                    // On a slow machine the other one may have held the file for longer than a statement waits.
                    Err(text) => assert_eq!(text, "unavailable: someone else is writing to the database"),
                }
            };
            let note: Value = serde_json::from_str(&text).unwrap();
            added.insert(note["id"].as_u64().unwrap());
        }
        added
    };
    let (mut added, others) = join(add(&one, "one"), add(&other, "other")).await;
    added.extend(others);
    assert_eq!(added.len(), 20);
    for client in [&one, &other] {
        assert_eq!(all(client).await, added.iter().rev().copied().collect::<Vec<_>>());
        let tags = client.value("notes_tags", json!({})).await;
        let expected = json!([{ "name": "one", "notes": 10 }, { "name": "other", "notes": 10 }]);
        assert_eq!(tags["tags"], expected);
    }
    is_sound(&desk);
}

#[tokio::test]
async fn a_host_that_is_killed_while_it_adds_loses_nothing_that_it_answered() {
    let desk = Desk::with(&["notes"], "");
    let host = desk.serve().await;
    let client = Arc::new(Client::modern(&host).await);
    let (answered, more) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Notify::new()));
    let adders: Vec<_> = (0..4)
        .map(|adder| {
            let (client, answered, more) = (Arc::clone(&client), Arc::clone(&answered), Arc::clone(&more));
            tokio::spawn(async move {
                let note = json!({ "title": format!("of {adder}"), "body": "word ".repeat(1_000) });
                while let Some(note) = client.try_value("notes_add", note.clone()).await {
                    answered.lock().unwrap().push(note["id"].as_u64().unwrap());
                    more.notify_one();
                }
            })
        })
        .collect();
    while answered.lock().unwrap().len() < 20 {
        more.notified().await;
    }
    host.kill().await;
    for adder in &adders {
        // It may still wait for an answer that nobody gives.
        adder.abort();
    }
    for adder in adders {
        assert!(!adder.await.is_err_and(|error| error.is_panic()), "an add failed while the host was there");
    }
    let answered = answered.lock().unwrap().clone();

    let host = desk.serve().await;
    let client = Client::modern(&host).await;
    let there = all(&client).await;
    let lost: Vec<_> = answered.iter().filter(|id| !there.contains(id)).collect();
    assert_eq!(lost, Vec::<&u64>::new(), "of {} answered", answered.len());
    let found = client.value("notes_search", json!({ "query": "word" })).await;
    assert_eq!(found["total"], there.len());
    is_sound(&desk);
}

#[tokio::test]
async fn the_python_client_keeps_and_finds_notes_in_both_eras() {
    let python = python::environment();
    let desk = Desk::with(&["notes"], "");
    let host = desk.serve().await;
    let file = desk.config();
    let command = [process::binary().to_str().unwrap(), "stdio", "--config", file.to_str().unwrap()];
    let samples = json!([
        { "tool": "notes_add", "arguments": { "title": "Tea", "body": "green", "tags": ["kitchen"] } },
        { "tool": "notes_search", "arguments": { "query": "gre", "limit": 1 } },
        { "tool": "notes_list", "arguments": { "tag": "kitchen", "limit": 1 } },
    ]);
    let given = json!({ "url": host.url(), "command": command, "samples": samples }).to_string();

    let came = python::run(&python, "client.py", &given).await;

    let mut notes = 0;
    for transport in ["http", "stdio"] {
        for mode in ["auto", "legacy", "2026-07-28"] {
            let visit = &came[transport][mode];
            notes += 1;
            let says = |tool: &str, words: &str| {
                let text = visit["calls"][tool]["text"].as_str().unwrap();
                assert!(text.contains(words), "{mode} over {transport}: {tool} says {text}");
            };
            says("notes_add", &format!("{{\"id\":{notes},\"title\":\"Tea\""));
            says("notes_search", "\"snippet\":\"**green**\"");
            says("notes_list", &format!("{{\"total\":{notes},"));
            assert_eq!(visit["wrong_arguments"]["error"], true);
        }
    }
}

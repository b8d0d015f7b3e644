//! JSON Feed 1.0 and 1.1.

use serde_json::Value;

use super::{Raw, RawItem};
use crate::bounds;

pub(super) fn read(text: &str) -> Option<Raw> {
    let feed: Value = serde_json::from_str(text).ok()?;
    let is_feed = string(&feed, "version").is_some_and(|version| version.contains("jsonfeed.org"));
    let items = feed.get("items").and_then(Value::as_array).filter(|_| is_feed)?;
    Some(Raw {
        title: escaped(&string(&feed, "title").unwrap_or_default()),
        link: string(&feed, "home_page_url"),
        items: items.iter().take(bounds::MAX_READ).map(item).collect(),
        ..Raw::default()
    })
}

fn item(item: &Value) -> RawItem {
    let text = |name: &str| string(item, name).map(|text| paragraphs(&text));
    RawItem {
        id: string(item, "id"),
        title: escaped(&string(item, "title").unwrap_or_default()),
        link: string(item, "url").or_else(|| string(item, "external_url")),
        author: author(item).map(|author| escaped(&author)),
        published: string(item, "date_published"),
        updated: string(item, "date_modified"),
        summary: text("summary").unwrap_or_default(),
        content: string(item, "content_html").or_else(|| text("content_text")).unwrap_or_default(),
        id_is_link: true,
    }
}

fn author(item: &Value) -> Option<String> {
    let first = item.get("authors").and_then(|authors| authors.get(0));
    string(first.or_else(|| item.get("author"))?, "name")
}

/// Ids may be numbers, against the letter of the standard.
fn string(value: &Value, name: &str) -> Option<String> {
    match value.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Text as HTML.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn paragraphs(text: &str) -> String {
    escaped(text).replace("\n\n", "<p>").replace('\n', "<br>")
}

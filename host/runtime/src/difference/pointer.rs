//! What differs between two JSON values, as a list of places.
//!
//! Objects are compared key by key, whatever the order. Arrays that hold objects are compared item by item; an
//! array of plain values (`required`, `enum`) is one value.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

/// What stands before the first difference in a long text, in characters, so that it can be recognised.
const LEAD: usize = 40;

/// One place where two values differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// JSON pointer to it: `/inputSchema/properties/text/description`.
    pub at: String,
    /// What was there; none: nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Value>,
    /// What is there now; none: nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Value>,
}

/// How much of a difference is kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Characters of one value.
    pub(super) value: usize,
    /// Changes.
    pub(super) changes: usize,
}

/// The changes from `before` to `after`, as many as there is room for, and how many more there are.
/// Null, as a whole, is nothing.
pub(super) fn changes(before: &Value, after: &Value, room: Room) -> (Vec<Change>, usize) {
    let nothing = Value::Object(serde_json::Map::new());
    let before = if before.is_null() { &nothing } else { before };
    let mut walk = Walk { room, found: Vec::new(), more: 0 };
    walk.compare(&mut String::new(), before, after);
    (walk.found, walk.more)
}

struct Walk {
    room: Room,
    found: Vec<Change>,
    more: usize,
}

impl Walk {
    /// Recursion is bounded: what is compared was parsed within a limit on its depth.
    fn compare(&mut self, at: &mut String, from: &Value, to: &Value) {
        match (from, to) {
            (Value::Object(from), Value::Object(to)) => {
                let keys: BTreeSet<&String> = from.keys().chain(to.keys()).collect();
                for key in keys {
                    self.step(at, key, from.get(key), to.get(key));
                }
            }
            (Value::Array(from), Value::Array(to)) if from.iter().chain(to).any(is_nested) => {
                for index in 0..from.len().max(to.len()) {
                    self.step(at, &index.to_string(), from.get(index), to.get(index));
                }
            }
            (from, to) if from == to => {}
            (from, to) => self.note(at, Some(from), Some(to)),
        }
    }

    fn step(&mut self, at: &mut String, key: &str, from: Option<&Value>, to: Option<&Value>) {
        let length = at.len();
        at.push('/');
        at.push_str(&key.replace('~', "~0").replace('/', "~1"));
        match (from, to) {
            (Some(from), Some(to)) => self.compare(at, from, to),
            (from, to) => self.note(at, from, to),
        }
        at.truncate(length);
    }

    fn note(&mut self, at: &str, from: Option<&Value>, to: Option<&Value>) {
        if self.found.len() >= self.room.changes {
            self.more += 1;
            return;
        }
        let (from, to) = shortened(from, to, self.room.value);
        // A place is as long as the keys on the way, which are the plugin's.
        let at = cut(at, 0, self.room.value.saturating_mul(2));
        self.found.push(Change { at, from, to });
    }
}

fn is_nested(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

/// Both values with what differs in view. A value that is too long becomes the part of its text that is kept.
fn shortened(from: Option<&Value>, to: Option<&Value>, room: usize) -> (Option<Value>, Option<Value>) {
    if room == usize::MAX {
        return (from.cloned(), to.cloned());
    }
    let texts = (from.map(text), to.map(text));
    let common = match &texts {
        (Some(from), Some(to)) => from.chars().zip(to.chars()).take_while(|(a, b)| a == b).count(),
        _ => 0,
    };
    let start = common.saturating_sub(LEAD);
    let kept = |value: Option<&Value>, text: Option<String>| match (value, text) {
        (Some(value), Some(text)) if text.chars().nth(room).is_none() => Some(value.clone()),
        (_, text) => text.map(|text| Value::String(cut(&text, start, room))),
    };
    (kept(from, texts.0), kept(to, texts.1))
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// `room` characters from `start` on, with a mark wherever something is left out.
fn cut(text: &str, start: usize, room: usize) -> String {
    let mut rest = text.chars().skip(start);
    let mut kept: String = if start > 0 { "…".to_owned() } else { String::new() };
    kept.extend(rest.by_ref().take(room));
    if rest.next().is_some() {
        kept.push('…');
    }
    kept
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ALL: Room = Room { value: usize::MAX, changes: usize::MAX };

    fn change(at: &str, from: Option<Value>, to: Option<Value>) -> Change {
        Change { at: at.to_owned(), from, to }
    }

    #[test]
    fn a_change_is_named_by_its_place() {
        let before = json!({
            "type": "object",
            "properties": { "a/b": { "type": "string" }, "c": { "enum": [1, 2] }, "gone": true },
            "anyOf": [{ "required": ["c"] }, { "not": {} }],
        });
        let after = json!({
            "properties": { "c": { "enum": [2, 1] }, "new~": null, "a/b": { "type": "integer" } },
            "anyOf": [{ "required": ["d", "c"] }],
            "type": "object",
        });
        let expected = [
            change("/anyOf/0/required", Some(json!(["c"])), Some(json!(["d", "c"]))),
            change("/anyOf/1", Some(json!({ "not": {} })), None),
            change("/properties/a~1b/type", Some(json!("string")), Some(json!("integer"))),
            change("/properties/c/enum", Some(json!([1, 2])), Some(json!([2, 1]))),
            change("/properties/gone", Some(json!(true)), None),
            change("/properties/new~0", None, Some(Value::Null)),
        ];
        assert_eq!(changes(&before, &after, ALL), (expected.to_vec(), 0));
        assert_eq!(changes(&before, &before, ALL), (Vec::new(), 0));
    }

    #[test]
    fn a_value_of_another_type_is_a_change_even_if_it_reads_the_same() {
        for (from, to) in [
            (json!(1), json!("1")),
            (json!(null), json!("null")),
            (json!([]), json!({})),
            (json!(1), json!(1.0)),
            (json!([1]), json!([[1]])),
        ] {
            let (found, _) = changes(&json!({ "x": from }), &json!({ "x": to }), ALL);
            assert!(!found.is_empty(), "{from} {to}");
        }
    }

    #[test]
    fn a_long_text_is_cut_around_what_differs() {
        let (lead, tail) = ("x".repeat(1_000), "y".repeat(1_000));
        let before = json!({ "d": format!("{lead}old{tail}"), "short": "a" });
        let after = json!({ "d": format!("{lead}new{tail}"), "short": "b" });
        let (found, _) = changes(&before, &after, Room { value: 50, changes: 9 });
        let shown = |word: &str| json!(format!("…{}{word}{}…", "x".repeat(40), "y".repeat(7)));
        assert_eq!(
            found,
            [
                change("/d", Some(shown("old")), Some(shown("new"))),
                change("/short", Some(json!("a")), Some(json!("b"))),
            ]
        );
    }

    #[test]
    fn a_large_value_is_kept_as_the_beginning_of_its_text() {
        let large = json!({ "k": vec!["é"; 100] });
        let (found, _) = changes(&json!({}), &json!({ "x": large }), Room { value: 10, changes: 9 });
        assert_eq!(found, [change("/x", None, Some(json!("{\"k\":[\"é\",…")))]);
    }

    #[test]
    fn many_changes_are_counted() {
        let many = |value: u32| Value::Object((0..100).map(|n| (format!("{n:02}"), value.into())).collect());
        let (found, more) = changes(&many(1), &many(2), Room { value: 10, changes: 3 });
        assert_eq!((found.len(), more), (3, 97));
        assert_eq!(found[2].at, "/02");
    }
}

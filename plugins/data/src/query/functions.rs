//! The two functions of RFC 9535 with regular expressions, `match` and `search`.
//!
//! The library has them too, but compiles the pattern anew for every value, and brings an engine several times
//! as large as the one that the other tools share.

use std::cell::RefCell;

use regex::Regex;
use serde_json_path::functions::{LogicalType, ValueType};

thread_local! {
    /// The pattern that was used last: in most queries it is the only one.
    static LAST: RefCell<Option<(String, Option<Regex>)>> = const { RefCell::new(None) };
}

/// Whether the whole text matches.
#[serde_json_path::function(name = "match")]
fn whole(text: ValueType<'_>, pattern: ValueType<'_>) -> LogicalType {
    evaluate(&text, &pattern, |pattern| format!("(?R)^(?:{pattern})$"))
}

/// Whether a part of the text matches.
#[serde_json_path::function(name = "search")]
fn part(text: ValueType<'_>, pattern: ValueType<'_>) -> LogicalType {
    evaluate(&text, &pattern, |pattern| format!("(?R)(?:{pattern})"))
}

/// As the RFC has it, what is no text, and a pattern that is none, match nothing.
fn evaluate(text: &ValueType<'_>, pattern: &ValueType<'_>, whole: impl Fn(&str) -> String) -> LogicalType {
    let texts = (
        text.as_value().and_then(|value| value.as_str()),
        pattern.as_value().and_then(|value| value.as_str()),
    );
    let (Some(text), Some(pattern)) = texts else { return LogicalType::False };
    LogicalType::from(is_match(&whole(pattern), text))
}

fn is_match(pattern: &str, text: &str) -> bool {
    LAST.with_borrow_mut(|last| {
        if last.as_ref().is_none_or(|(known, _)| known != pattern) {
            *last = Some((pattern.to_owned(), Regex::new(pattern).ok()));
        }
        last.as_ref().and_then(|(_, regex)| regex.as_ref()).is_some_and(|regex| regex.is_match(text))
    })
}

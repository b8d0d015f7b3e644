//! Lists of a file that people wrote: a value more or less, and each comment where it belongs.
//!
//! A comment behind a value stands, in the library's terms, before the value that follows, or before the bracket.

use toml_edit::{Array, RawString, Value};

/// Adds a line at the end: on a line of its own where the others are.
pub(super) fn push(array: &mut Array, line: &str) {
    let mut value = Value::from(line);
    let (prefix, behind) = match array.iter_mut().last() {
        None => (String::new(), String::new()),
        Some(last) => {
            let indent = indent(&text(last.decor().prefix()));
            // Without a comma at the end, what stands behind the last value is its own.
            let suffix = text(last.decor().suffix());
            last.decor_mut().set_suffix("");
            (indent.unwrap_or_default(), suffix)
        }
    };
    let trailing = text(Some(array.trailing()));
    if prefix.is_empty() {
        let space = if array.is_empty() { "" } else { " " };
        value.decor_mut().set_prefix(space);
    } else {
        // A comment behind the last value goes before the new one: that is where it was.
        let comments = format!("{behind}{trailing}");
        value.decor_mut().set_prefix(format!("{}{prefix}", comments.trim_end()));
        array.set_trailing("\n");
        array.set_trailing_comma(true);
    }
    array.push_formatted(value);
}

/// Takes one out, with the comments above and behind it.
pub(super) fn remove(array: &mut Array, index: usize) {
    let removed = array.remove(index);
    let kept = text(removed.decor().prefix());
    // What stands on the line of the value before belongs to that one.
    let before = kept.split_inclusive('\n').next().filter(|first| first.ends_with('\n')).unwrap_or_default();
    let own_suffix = text(removed.decor().suffix());
    match array.get_mut(index) {
        Some(next) => {
            let after = text(next.decor().prefix());
            let rest = after.split_once('\n').map_or(after.as_str(), |(_, rest)| rest);
            let prefix = match (before, index) {
                ("", 0) => kept.clone(),
                ("", _) => after.clone(),
                (before, _) => format!("{before}{rest}"),
            };
            next.decor_mut().set_prefix(prefix);
        }
        None => {
            let after = text(Some(array.trailing()));
            let rest = after.split_once('\n').map(|(_, rest)| rest);
            match (before, rest) {
                ("", _) if own_suffix.is_empty() => {}
                ("", _) => array.set_trailing(own_suffix),
                (before, Some(rest)) => array.set_trailing(format!("{before}{rest}")),
                (before, None) => array.set_trailing(before.to_owned()),
            }
        }
    }
}

/// The line feed and the spaces before a value that has a line of its own.
fn indent(prefix: &str) -> Option<String> {
    let (_, spaces) = prefix.rsplit_once('\n')?;
    Some(format!("\n{spaces}"))
}

fn text(raw: Option<&RawString>) -> String {
    raw.and_then(RawString::as_str).unwrap_or_default().to_owned()
}

//! Pages of a list. A cursor names the last entry of its page, so it stays valid when the list changes.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cofferdam_runtime::Entry;
use rmcp::ErrorData;

/// One page.
pub(super) struct Page<'a> {
    pub(super) entries: &'a [Entry],
    pub(super) next: Option<String>,
}

/// The page of `entries`, which are sorted by public name, that `cursor` asks for.
pub(super) fn of<'a>(entries: &'a [Entry], cursor: Option<&str>, size: usize) -> Result<Page<'a>, ErrorData> {
    let start = match cursor {
        None => 0,
        Some(cursor) => {
            let after = decode(cursor).ok_or_else(invalid)?;
            entries.partition_point(|entry| entry.tool.public_name.as_str() <= after.as_str())
        }
    };
    let rest = entries.get(start..).unwrap_or_default();
    let page = rest.get(..size).unwrap_or(rest);
    let more = page.len() < rest.len();
    let next = page.last().filter(|_| more).map(|entry| encode(entry.tool.public_name.as_str()));
    Ok(Page { entries: page, next })
}

const VERSION: &str = "1:";

fn encode(last: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{VERSION}{last}"))
}

fn decode(cursor: &str) -> Option<String> {
    if cursor.len() > 256 {
        return None;
    }
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    text.strip_prefix(VERSION).map(str::to_owned)
}

fn invalid() -> ErrorData {
    ErrorData::invalid_params(
        "invalid cursor: use the nextCursor of an earlier page, or none to start over",
        None,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_nothing_else_is_one() {
        assert_eq!(decode(&encode("text_diff")).as_deref(), Some("text_diff"));
        for bad in ["", "x", "text_diff", "!!!", &"A".repeat(1000), &URL_SAFE_NO_PAD.encode("2:x")] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}

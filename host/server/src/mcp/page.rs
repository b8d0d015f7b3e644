//! Pages of a list. A cursor names the last entry of its page, so it stays valid when the list changes.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cofferdam_runtime::{Entry, Tool};
use rmcp::{ErrorData, model as mcp};

/// One tool of a list.
#[derive(Clone, Copy)]
pub(super) enum Listed<'a> {
    /// A plugin's.
    Plugin(&'a Tool),
    /// The host's own.
    Own(&'a mcp::Tool),
}

impl Listed<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Plugin(tool) => tool.public_name.as_str(),
            Self::Own(tool) => &tool.name,
        }
    }
}

/// One page.
pub(super) struct Page<'a> {
    pub(super) tools: Vec<Listed<'a>>,
    pub(super) next: Option<String>,
}

/// The page that `cursor` asks for, of the plugins' tools and the host's `own` together. Both are sorted by name,
/// and so is the page.
pub(super) fn of<'a>(
    entries: &'a [Entry],
    own: &'a [mcp::Tool],
    cursor: Option<&str>,
    size: usize,
) -> Result<Page<'a>, ErrorData> {
    let after = cursor.map(|cursor| decode(cursor).ok_or_else(invalid)).transpose()?;
    let is_before = |name: &str| after.as_deref().is_some_and(|after| name <= after);
    let start = entries.partition_point(|entry| is_before(entry.tool.public_name.as_str()));
    // One more than fits says that there is another page.
    let plugins = entries.iter().skip(start).take(size + 1).map(|entry| Listed::Plugin(&entry.tool));
    let own = own.iter().filter(|tool| !is_before(&tool.name)).map(Listed::Own);
    let mut tools: Vec<_> = plugins.chain(own).collect();
    tools.sort_by(|a, b| a.name().cmp(b.name()));
    let more = tools.len() > size;
    tools.truncate(size);
    let next = tools.last().filter(|_| more).map(|last| encode(last.name()));
    Ok(Page { tools, next })
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

    #[test]
    fn pages_of_any_size_have_every_tool_of_the_host_once_in_order() {
        let tool = |name: String| mcp::Tool::new(name, "", std::sync::Arc::default());
        let own: Vec<_> = (0..7).map(|n| tool(format!("tool-{n}"))).collect();
        for size in 1..9 {
            let (mut names, mut pages, mut cursor) = (Vec::new(), 0, None);
            loop {
                let page = of(&[], &own, cursor.as_deref(), size).unwrap();
                assert!(page.tools.len() <= size);
                names.extend(page.tools.iter().map(|tool| tool.name().to_owned()));
                pages += 1;
                cursor = page.next;
                if cursor.is_none() {
                    break;
                }
            }
            let expected: Vec<_> = own.iter().map(|tool| tool.name.to_string()).collect();
            assert_eq!((names, pages), (expected, own.len().div_ceil(size)), "{size}");
        }
    }
}

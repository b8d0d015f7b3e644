//! Where the next page begins: a text that a client passes back as it is.

use std::hash::{DefaultHasher, Hash, Hasher};

use cofferdam_sdk::prelude::*;

/// A text that says where to go on, and what for: with other arguments it is refused, and not a page of something else.
pub(crate) fn write(purpose: &impl Hash, place: &str) -> String {
    format!("{:x}~{place}", fingerprint(purpose))
}

/// The place in such a text.
pub(crate) fn read<'a>(purpose: &impl Hash, cursor: &'a str) -> Result<&'a str> {
    cursor
        .split_once('~')
        .filter(|(mark, _)| *mark == format!("{:x}", fingerprint(purpose)))
        .map_or_else(|| Err(ToolError::invalid(WRONG)), |(_, place)| Ok(place))
}

/// What is said of a cursor that is none.
pub(crate) const WRONG: &str = "`cursor` is not one that this search or list returned: pass `next_cursor` as it is, with the other arguments unchanged, or leave it out";

fn fingerprint(purpose: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    purpose.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_good_for_what_it_was_made_for() {
        let cursor = write(&("query", 1), "2026~7");
        assert_eq!(read(&("query", 1), &cursor), Ok("2026~7"));
        for (purpose, cursor) in [(("other", 1), cursor.as_str()), (("query", 1), ""), (("query", 1), "~7")] {
            assert_eq!(read(&purpose, cursor), Err(ToolError::invalid(WRONG)));
        }
    }
}

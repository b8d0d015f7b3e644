//! Where the next page begins: a text that a client passes back as it is.

use std::hash::{DefaultHasher, Hash, Hasher};

use cofferdam_sdk::prelude::*;

/// A text that says where to go on, and what for: with other arguments it is refused, and not a page of something else.
pub(crate) fn write(purpose: &impl Hash, place: &str) -> String {
    format!("{:x}~{place}", fingerprint(purpose))
}

/// The place in such a text.
pub(crate) fn read<'a>(purpose: &impl Hash, cursor: &'a str) -> Result<&'a str> {
    let place = cursor.split_once('~').filter(|(mark, _)| *mark == format!("{:x}", fingerprint(purpose)));
    place.map_or_else(|| Err(wrong()), |(_, place)| Ok(place))
}

/// What is said of a cursor that is none.
pub(crate) fn wrong() -> ToolError {
    ToolError::invalid(
        "`cursor` is not one that this tool returned: pass `next_cursor` as it is, with the other arguments unchanged, or leave it out",
    )
}

fn fingerprint(purpose: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    purpose.hash(&mut hasher);
    hasher.finish()
}

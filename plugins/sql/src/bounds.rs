//! How much a tool of this plugin reads and returns at most, in one place.

/// Longest statement, in characters.
pub(crate) const MAX_SQL: usize = 50_000;

/// Most values of a statement.
pub(crate) const MAX_PARAMS: usize = 100;

/// How much one page of rows may hold, in bytes of JSON; the page ends early rather than exceed it.
pub(crate) const PAGE_BYTES: usize = 200_000;

/// Longest text of a cell, in characters.
pub(crate) const MAX_CELL: usize = 20_000;

/// Longest text of a cell where people and models read it, in characters.
pub(crate) const MAX_SHOWN: usize = 300;

/// Most columns that an overview of the tables shows, of all tables together.
pub(crate) const MAX_COLUMNS: u32 = 3_000;

/// Longest text of a plan, in bytes.
pub(crate) const MAX_PLAN: usize = 50_000;

/// `text` cut to `max` characters, with a note of how many are missing.
pub(crate) fn clip(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some((end, _)) => {
            let (head, tail) = text.split_at(end);
            format!("{head}… (+{} characters)", tail.chars().count())
        }
    }
}

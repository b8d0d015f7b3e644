//! How much a note and a page of notes hold at most, in one place.

/// Longest title, in characters.
pub(crate) const MAX_TITLE: usize = 200;

/// Longest body, in characters.
pub(crate) const MAX_BODY: usize = 100_000;

/// Most tags of a note.
pub(crate) const MAX_TAGS: usize = 20;

/// Longest tag, in characters.
pub(crate) const MAX_TAG: usize = 50;

/// Longest search, in characters.
pub(crate) const MAX_QUERY: usize = 500;

/// Most notes that are tagged at once.
pub(crate) const MAX_IDS: usize = 100;

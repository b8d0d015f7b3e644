//! How much is read and kept at most, in one place.

/// Longest address, in characters.
pub(crate) const MAX_URL: usize = 2_000;

/// Longest title, in characters.
pub(crate) const MAX_TITLE: usize = 300;

/// Longest content of an item that is kept, in characters.
pub(crate) const MAX_CONTENT: usize = 100_000;

/// Most bytes of a feed that are read.
pub(crate) const MAX_FEED: usize = 4 * 1024 * 1024;

/// Most items of a feed that are read.
pub(crate) const MAX_READ: usize = 1_000;

/// Items that are kept of a feed, unless the operator's setting `max_items` says otherwise.
pub(crate) const KEPT: usize = 500;

/// Most feeds.
pub(crate) const MAX_FEEDS: u64 = 1_000;

/// Most tags of a feed.
pub(crate) const MAX_TAGS: usize = 20;

/// Longest tag, in characters.
pub(crate) const MAX_TAG: usize = 50;

/// Longest search, in characters.
pub(crate) const MAX_QUERY: usize = 500;

/// Most ids in one call.
pub(crate) const MAX_IDS: usize = 100;

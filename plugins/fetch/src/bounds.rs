//! How much is read and returned at most, in one place.

/// Longest address, in characters.
pub(crate) const MAX_URL: usize = 2_000;

/// Most characters of a part of a page.
pub(crate) const MAX_CHARS: usize = 100_000;

/// Bytes of a page that are read; its tree takes several times as much memory.
pub(crate) const MAX_HTML: usize = 3 * 1024 * 1024;

/// Bytes of JSON that are read.
pub(crate) const MAX_JSON: usize = 4 * 1024 * 1024;

/// Bytes of a body that are kept in the cache.
pub(crate) const MAX_KEPT: usize = 2 * 1024 * 1024;

/// Addresses that are asked about at once.
pub(crate) const MAX_HEADS: usize = 20;

//! Why the cache didn't do what was asked.

/// Why the cache didn't do what was asked. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CacheError {
    /// A bound, which the text names.
    #[error("{0}")]
    Limit(String),
    /// A counter that is no number, or would become too large for one.
    #[error("{0}")]
    Invalid(String),
    /// The cache doesn't answer now.
    #[error("{0}")]
    Unavailable(String),
}

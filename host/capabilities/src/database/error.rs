//! Why a statement wasn't done. Everything here may be read by the guest: no paths, no addresses, no credentials, and of
//! the database's own words only those about the plugin's own statement.

/// Why a statement wasn't done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseError {
    /// The operator doesn't allow it; with what would.
    #[error("{0}")]
    Denied(String),
    /// A bound of the operator's was hit; with its key.
    #[error("{0}")]
    Limit(String),
    /// The statement is wrong, or its values are.
    #[error("{0}")]
    Invalid(String),
    /// A constraint of the database refused it.
    #[error("{0}")]
    Constraint(String),
    /// Someone else is writing.
    #[error("{0}")]
    Busy(String),
    /// The database doesn't answer now.
    #[error("{0}")]
    Unavailable(String),
    /// It was tried, and went wrong.
    #[error("{0}")]
    Failed(String),
}

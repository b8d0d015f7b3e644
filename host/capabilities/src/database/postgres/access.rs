//! What a plugin may do in a database, as its grant says.

/// What a plugin may do in a database: each level includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// Queries.
    Read,
    /// Changes of rows.
    Write,
    /// Changes of tables.
    Schema,
}

impl std::fmt::Display for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Schema => "schema",
        })
    }
}

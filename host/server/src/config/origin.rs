//! Where an effective value comes from.

use std::{fmt, path::PathBuf};

/// Who gave a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Nobody: it is the default.
    Default,
    /// The operator's file.
    File {
        /// Its path, as it was found.
        path: PathBuf,
        /// The line of the value.
        line: usize,
    },
    /// This environment variable.
    Environment(String),
    /// This flag of the command.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment(variable) => f.write_str(variable),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}

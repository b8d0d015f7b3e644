//! What differs between two versions of a plugin, as an operator reads it.

use std::fmt;

/// What differs between two versions.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Difference {}

#[derive(Default)]
pub struct Surface {}
impl Surface {
    pub fn of(_: &crate::Plugin) -> Self {
        Self {}
    }
}

impl Difference {
    pub fn between(_: &Surface, _: &Surface) -> Self {
        Self {}
    }
    /// In one line.
    #[must_use]
    pub fn summary(&self) -> String {
        String::new()
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

//! A secret of the operator's: a name that may be said, and a value that may not.
//!
//! Where values come from is for others. Nothing here prints one, and a value is overwritten when it goes.

mod template;

use std::{fmt, sync::Arc};

/// Overwrites what it holds when it goes.
pub use zeroize::Zeroizing;

pub use self::template::{Filled, Template, TemplateError};

/// One secret. Clones share the value.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<Inner>);

#[derive(PartialEq, Eq)]
struct Inner {
    name: String,
    value: Zeroizing<String>,
}

impl Secret {
    /// A secret under the name that the operator gave it.
    #[must_use]
    pub fn new(name: impl Into<String>, value: Zeroizing<String>) -> Self {
        Self(Arc::new(Inner { name: name.into(), value }))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Its value: for what leaves the host under the operator's own rule, and for nothing that is shown.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0.value
    }

    /// What stands where the value stood.
    #[must_use]
    pub fn mark(&self) -> String {
        format!("[secret:{}]", self.0.name)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.mark())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_its_name_only() {
        let secret = Secret::new("weather", Zeroizing::new("hunter2hunter2".to_owned()));
        assert_eq!(format!("{secret:?}"), "[secret:weather]");
        assert_eq!(secret.expose(), "hunter2hunter2");
    }
}

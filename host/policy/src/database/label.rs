//! The name of a database in the operator's file.

use std::{borrow::Borrow, fmt};

use crate::name::NameError;

/// The label of each plugin's own database. No other one can have it.
pub const PRIVATE: &str = "private";

const LABEL_MAX: usize = 32;

/// The name of a database of the operator's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(String);

impl Label {
    /// Parses `[a-z0-9][a-z0-9_-]{0,31}`, but for [`PRIVATE`].
    ///
    /// # Errors
    /// [`NameError`] with the form that is expected.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text == PRIVATE {
            let expected = "each plugin's own database has this label; choose another one";
            return Err(NameError::new("label of a database", text, expected));
        }
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let valid = text.len() <= LABEL_MAX
            && text.starts_with(plain)
            && text.chars().all(|c| plain(c) || c == '-' || c == '_');
        if valid {
            return Ok(Self(text.to_owned()));
        }
        let expected = "expected 1 to 32 characters of a-z, 0-9, - and _, starting with a letter or digit";
        Err(NameError::new("label of a database", text, expected))
    }

    /// The label as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// Lets maps keyed by labels be looked up by the text that a guest sent.
impl Borrow<str> for Label {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_short_lower_case_words() {
        for good in ["a", "shop", "shop_2", "9-lives", &"a".repeat(32)] {
            assert_eq!(Label::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "-a", "_a", "Shop", "a b", "a.b", "a'b", "ä", "a\0", "..", &"a".repeat(33)] {
            assert!(Label::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn private_is_no_label_of_the_operators() {
        assert!(Label::parse("private").unwrap_err().to_string().contains("each plugin's own"));
    }
}

//! Names: parsed once, valid ever after.
//!
//! A [`PluginId`] is the stem of the plugin's file. Its tools appear to clients as [`PublicName`]s,
//! `<namespace>_<tool>`, so that two plugins never collide whatever else is loaded.

use std::fmt;

/// Longest plugin id, in characters.
pub const PLUGIN_ID_MAX: usize = 32;
/// Longest public tool name, in characters: what the APIs behind MCP clients take.
pub const PUBLIC_NAME_MAX: usize = 64;

/// A name that doesn't parse: what it is for, what came, what it must look like.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {found:?} is not valid: {expected}")]
pub struct NameError {
    what: &'static str,
    found: String,
    expected: &'static str,
}

impl NameError {
    pub(crate) fn new(what: &'static str, found: &str, expected: &'static str) -> Self {
        // A hostile name may be huge; an error that repeats it must not be.
        Self { what, found: found.chars().take(80).collect(), expected }
    }
}

/// The id of a plugin: the stem of its file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PluginId(String);

impl PluginId {
    /// Parses `[a-z0-9][a-z0-9-]{0,31}`. No underscore: it separates the namespace from the tool.
    ///
    /// # Errors
    /// [`NameError`] with the form that is expected.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let valid = text.len() <= PLUGIN_ID_MAX
            && text.starts_with(plain)
            && text.chars().all(|c| plain(c) || c == '-');
        if valid {
            return Ok(Self(text.to_owned()));
        }
        Err(NameError::new(
            "plugin id",
            text,
            "expected 1 to 32 characters of a-z, 0-9 and -, not starting with -; rename the file",
        ))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PluginId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name that a plugin gives one of its tools.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ToolName(String);

impl ToolName {
    /// Parses 1 to 64 characters of `A-Z a-z 0-9 _ -`.
    ///
    /// # Errors
    /// [`NameError`] with the form that is expected.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if is_name(text, PUBLIC_NAME_MAX) && !text.is_empty() {
            return Ok(Self(text.to_owned()));
        }
        Err(NameError::new("tool name", text, "expected 1 to 64 characters of A-Z, a-z, 0-9, _ and -"))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ToolName {
    /// The name as the owned text that generated bindings take.
    #[must_use]
    pub fn text(&self) -> &String {
        &self.0
    }
}

impl fmt::Display for ToolName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What stands before a plugin's tool names; may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Namespace(String);

impl Namespace {
    /// Parses up to 32 characters of `A-Z a-z 0-9 _ -`; the empty text means none.
    ///
    /// # Errors
    /// [`NameError`] with the form that is expected.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if is_name(text, PLUGIN_ID_MAX) {
            return Ok(Self(text.to_owned()));
        }
        Err(NameError::new(
            "namespace",
            text,
            "expected up to 32 characters of A-Z, a-z, 0-9, _ and -, or \"\" for none",
        ))
    }

    /// The name by which clients see `tool`.
    ///
    /// # Errors
    /// [`NameError`] if it would be longer than [`PUBLIC_NAME_MAX`].
    pub fn public_name(&self, tool: &ToolName) -> Result<PublicName, NameError> {
        let name = match self.0.as_str() {
            "" => tool.0.clone(),
            namespace => format!("{namespace}_{tool}"),
        };
        if name.len() <= PUBLIC_NAME_MAX {
            return Ok(PublicName(name));
        }
        Err(NameError::new(
            "public tool name",
            &name,
            "longer than 64 characters; shorten the tool's name or set a shorter `namespace`",
        ))
    }
}

impl From<&PluginId> for Namespace {
    fn from(id: &PluginId) -> Self {
        Self(id.0.clone())
    }
}

/// The name by which clients see a tool.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicName(String);

impl PublicName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PublicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// Lets maps keyed by `PublicName` be looked up by the text that a client sent.
impl std::borrow::Borrow<str> for PublicName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

fn is_name(text: &str, max: usize) -> bool {
    text.len() <= max && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plugin_ids_are_short_lower_case_stems() {
        for good in ["a", "text", "my-tool-2", "0", &"a".repeat(32)] {
            assert_eq!(PluginId::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "-a", "A", "my_tool", "a b", "a.b", "ä", "..", "a/b", "a\0", &"a".repeat(33)] {
            assert!(PluginId::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn tool_names_are_what_client_apis_take() {
        for good in ["a", "A_b-9", "-", &"x".repeat(64)] {
            assert!(ToolName::parse(good).is_ok(), "{good:?}");
        }
        for bad in ["", "a.b", "a b", "é", "a\u{200b}", "\u{202e}x", &"x".repeat(65)] {
            assert!(ToolName::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn public_names_carry_the_namespace_and_stay_within_64() {
        let tool = ToolName::parse("diff").unwrap();
        let of = |ns: &str| Namespace::parse(ns).unwrap().public_name(&tool).map(|n| n.to_string());
        assert_eq!(of("text").unwrap(), "text_diff");
        assert_eq!(of("").unwrap(), "diff");
        let long = ToolName::parse(&"x".repeat(64)).unwrap();
        assert!(Namespace::parse("t").unwrap().public_name(&long).is_err());
    }

    #[test]
    fn an_error_does_not_repeat_a_huge_name() {
        let error = PluginId::parse(&"Ä".repeat(10_000)).unwrap_err().to_string();
        assert!(error.len() < 400, "{}", error.len());
    }
}

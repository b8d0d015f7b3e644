//! Why a tool gave no result. The host turns it into a result that a model can read and act on.

use std::error::Error;
use std::fmt;

/// The result of a tool, and of everything in this crate that can fail.
pub type Result<T, E = ToolError> = std::result::Result<T, E>;

/// Why a tool gave no result; the text is for a model to read, so it says what to do differently.
///
/// `?` makes [`ToolError::Failed`] of any `std::error::Error`, of strings and of `anyhow::Error`, with all its sources.
/// That is why `ToolError` itself isn't a `std::error::Error`: the conversion would cover it twice.
///
/// ```
/// use cofferdam_sdk::{Result, ToolError};
///
/// fn half(text: &str) -> Result<i64> {
///     let number: i64 = text.parse()?;
///     if number % 2 != 0 {
///         return Err(ToolError::invalid(format!("`number` must be even, found {number}")));
///     }
///     Ok(number / 2)
/// }
///
/// assert_eq!(half("8"), Ok(4));
/// assert_eq!(half("x"), Err(ToolError::failed("invalid digit found in string")));
/// assert_eq!(half("7"), Err(ToolError::invalid("`number` must be even, found 7")));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ToolError {
    /// The arguments are wrong in a way that their schema can't say.
    InvalidArguments(String),
    /// What was asked for doesn't exist.
    NotFound(String),
    /// Refused by a policy, the plugin's own or the host's.
    Denied(String),
    /// Something needed doesn't answer now; trying again later may work.
    Unavailable(String),
    /// Tried, and went wrong.
    Failed(String),
    /// The client no longer wants the result. Nobody reads what comes of the call.
    Cancelled,
}

impl ToolError {
    /// The arguments are wrong in a way that their schema can't say.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::InvalidArguments(message.into())
    }

    /// What was asked for doesn't exist.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::NotFound(message.into())
    }

    /// Refused by a policy.
    pub fn denied(message: impl Into<String>) -> Self {
        Self::Denied(message.into())
    }

    /// Something needed doesn't answer now.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::Unavailable(message.into())
    }

    /// Tried, and went wrong.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::Failed(message.into())
    }

    /// The text without the kind.
    #[must_use]
    pub fn message(&self) -> &str {
        match self {
            Self::InvalidArguments(message)
            | Self::NotFound(message)
            | Self::Denied(message)
            | Self::Unavailable(message)
            | Self::Failed(message) => message,
            Self::Cancelled => "the client cancelled the call",
        }
    }
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl<E: Into<Box<dyn Error>>> From<E> for ToolError {
    fn from(error: E) -> Self {
        Self::Failed(chain(&*error.into()))
    }
}

/// An error with its sources; a source that its parent's text ends with already is not said again.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let cause = error.to_string();
        if !text.ends_with(&cause) {
            text = format!("{text}: {cause}");
        }
        source = error.source();
    }
    text
}

/// A `Result` with the error of this crate; `#[tool]` puts it around a function that returns a `Result`.
#[doc(hidden)]
pub fn convert<T, E: IntoToolError>(result: std::result::Result<T, E>) -> Result<T> {
    result.map_err(E::into_tool_error)
}

/// A `Result` that a tool returns: `#[tool]` names what is in it by this.
#[doc(hidden)]
pub trait Fallible {
    /// What comes when nothing went wrong.
    type Value;
}

impl<T, E> Fallible for std::result::Result<T, E> {
    type Value = T;
}

/// An error that a tool returns. Two implementations and not one over `Into`, so that the compiler tells this message.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the error of a tool",
    label = "expected `Result<T>`, which is `Result<T, ToolError>`",
    note = "any `std::error::Error`, a `String` or `&str` will do as well, and `?` converts them into `ToolError`"
)]
pub trait IntoToolError {
    /// The error that it becomes.
    fn into_tool_error(self) -> ToolError;
}

impl IntoToolError for ToolError {
    fn into_tool_error(self) -> ToolError {
        self
    }
}

impl<E: Into<Box<dyn Error>>> IntoToolError for E {
    fn into_tool_error(self) -> ToolError {
        ToolError::from(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Outer(&'static str, std::num::ParseIntError);

    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.1)
        }
    }

    fn outer(text: &'static str) -> Result<()> {
        Err(Outer(text, "x".parse::<i64>().unwrap_err()))?
    }

    #[test]
    fn sources_are_said_once() {
        let full = Err(ToolError::failed("no number: invalid digit found in string"));
        assert_eq!(outer("no number"), full);
        assert_eq!(outer("no number: invalid digit found in string"), full);
    }

    #[test]
    fn common_errors_convert() {
        fn check(error: impl Into<ToolError>, expected: &str) {
            assert_eq!(error.into(), ToolError::failed(expected));
        }
        check("plain", "plain");
        check(String::from("owned"), "owned");
        check(std::io::Error::other("disk"), "disk");
        check(fmt::Error, &fmt::Error.to_string());
        check(Box::<dyn Error>::from("boxed"), "boxed");
        check(serde_json::from_str::<u8>("x").unwrap_err(), "expected value at line 1 column 1");
        check(
            String::from_utf8(vec![b'a', 0xff]).unwrap_err(),
            "invalid utf-8 sequence of 1 bytes from index 1",
        );
    }

    #[test]
    fn a_question_mark_passes_a_tool_error_on_as_it_is() {
        let passed_on: Result<()> = (|| Err(ToolError::denied("no"))?)();
        assert_eq!(passed_on, Err(ToolError::denied("no")));
    }
}

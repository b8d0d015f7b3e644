//! The arguments of a tool: a type read from JSON.
//!
//! The host has validated them against the schema already; what is left are conditions that only serde knows.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::{JsonObject, Result, ToolError, schema};

/// A type that can be the first parameter of a tool.
///
/// Every type that is `Deserialize` and `JsonSchema` is one; its schema must be that of an object.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the arguments of a tool",
    label = "derive `Deserialize` and `JsonSchema` for it; if it is a handle, put `_: NoArgs` before it",
    note = "a tool's first parameter is its arguments, all of them in one struct; the other parameters are handles"
)]
pub trait Arguments: Sized {
    /// JSON Schema of the arguments.
    #[doc(hidden)]
    fn schema() -> JsonObject;

    /// Read them; the error names the argument by its path.
    #[doc(hidden)]
    fn read(json: &str) -> Result<Self>;
}

impl<T: DeserializeOwned + JsonSchema> Arguments for T {
    fn schema() -> JsonObject {
        schema::input::<T>()
    }

    fn read(json: &str) -> Result<Self> {
        from_json(json).map_err(ToolError::InvalidArguments)
    }
}

/// No arguments, for a tool that takes a handle only.
///
/// ```
/// use cofferdam_sdk::prelude::*;
///
/// /// Greet the program that calls.
/// #[tool]
/// fn greet(_: NoArgs, call: Call) -> String {
///     match call.client() {
///         Some(client) => format!("hello, {}", client.name),
///         None => "hello, whoever you are".to_owned(),
///     }
/// }
/// # fn main() {}
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NoArgs;

// By hand and not by serde: with a second implementation of the trait, the compiler tells authors the message above.
impl Arguments for NoArgs {
    fn schema() -> JsonObject {
        schema::empty()
    }

    fn read(json: &str) -> Result<Self> {
        let given: JsonObject = from_json(json).map_err(ToolError::InvalidArguments)?;
        match given.keys().next() {
            None => Ok(Self),
            Some(name) => {
                Err(ToolError::invalid(format!("`{name}`: unknown argument, this tool takes none")))
            }
        }
    }
}

/// Read JSON; the error is the path and the problem.
pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        describe(&path, error.inner())
    })?;
    deserializer.end().map_err(|error| describe(".", &error))?;
    Ok(value)
}

/// Lines and columns are those of a text that nobody has seen, so only the path is said.
fn describe(path: &str, error: &serde_json::Error) -> String {
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    let problem = text.strip_suffix(&position).unwrap_or(&text);
    if path == "." { problem.to_owned() } else { format!("`{path}`: {problem}") }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    struct Order {
        #[serde(default)]
        lines: Vec<Line>,
    }

    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    struct Line {
        count: std::num::NonZeroU8,
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(Order::read(text), Err(ToolError::invalid(expected)), "{text}");
    }

    #[test]
    fn a_wrong_argument_is_named_by_its_path() {
        check(
            r#"{"lines":[{"count":1},{"count":0}]}"#,
            "`lines[1].count`: invalid value: integer `0`, expected a nonzero u8",
        );
        check(r#"{"lines":[{}]}"#, "`lines[0]`: missing field `count`");
        check(r#"{"lines":7}"#, "`lines`: invalid type: integer `7`, expected a sequence");
    }

    #[test]
    fn what_is_wrong_with_the_whole_has_no_path() {
        check("[", "EOF while parsing a list");
        check("{} x", "trailing characters");
        check("7", "invalid type: integer `7`, expected struct Order");
    }

    #[test]
    fn no_arguments_means_none() {
        assert_eq!(NoArgs::read("{}"), Ok(NoArgs));
        assert_eq!(
            NoArgs::read(r#"{"x":1}"#),
            Err(ToolError::invalid("`x`: unknown argument, this tool takes none"))
        );
    }
}

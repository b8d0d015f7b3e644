//! Validation errors in words that a model can act on.

use std::fmt;

use cofferdam_capabilities::sanitize;
use jsonschema::{
    ValidationError, Validator,
    error::{TypeKind, ValidationErrorKind},
};
use serde_json::Value;

/// How many mismatches are told at once.
const TOLD: usize = 5;
/// How much of one text is repeated.
const SHOWN: usize = 200;

/// The first few mismatches between a value and its schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArgumentErrors(Vec<String>);

impl fmt::Display for ArgumentErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid arguments: {}", self.0.join("; "))
    }
}

impl ArgumentErrors {
    /// Each mismatch: path, what was expected, what was found.
    #[must_use]
    pub fn each(&self) -> &[String] {
        &self.0
    }
}

/// The first few mismatches of `value`; `known` are the properties at the root of the schema.
pub(super) fn errors(validator: &Validator, value: &Value, known: &[&str]) -> ArgumentErrors {
    ArgumentErrors(validator.iter_errors(value).take(TOLD).map(|error| one(&error, known)).collect())
}

pub(super) fn shorten(text: &str) -> String {
    sanitize::line(text, SHOWN)
}

fn one(error: &ValidationError<'_>, known: &[&str]) -> String {
    let path = path(error.instance_path().as_str());
    let found = || found(error.instance());
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            format!("`{}` is required, but missing", join(&path, &shorten(name)))
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => unknown(&path, unexpected, known),
        ValidationErrorKind::Type { kind } => {
            at(&path, &format!("expected {}, found {}", types(kind), found()))
        }
        ValidationErrorKind::Enum { options } => {
            at(&path, &format!("expected one of {}, found {}", list(options), found()))
        }
        ValidationErrorKind::Constant { expected_value } => {
            at(&path, &format!("expected {}, found {}", shorten(&expected_value.to_string()), found()))
        }
        ValidationErrorKind::Pattern { pattern } => at(
            &path,
            &format!("expected a text that matches the pattern {}, found {}", shorten(pattern), found()),
        ),
        ValidationErrorKind::AnyOf { .. }
        | ValidationErrorKind::OneOfNotValid { .. }
        | ValidationErrorKind::OneOfMultipleValid { .. } => {
            at(&path, &format!("{} fits none or several of the alternatives in the schema", found()))
        }
        _ => at(&path, &shorten(&error.to_string())),
    }
}

fn unknown(path: &str, unexpected: &[String], known: &[&str]) -> String {
    let quoted = |name: String| format!("`{name}`");
    let names: Vec<_> = unexpected.iter().take(TOLD).map(|name| quoted(join(path, &shorten(name)))).collect();
    let verb = if names.len() == 1 { "is not an argument" } else { "are not arguments" };
    let mut text = format!("{} {verb} of this tool", names.join(", "));
    if path.is_empty() && !known.is_empty() {
        let known: Vec<_> = known.iter().take(20).map(|name| quoted(shorten(name))).collect();
        text.push_str(&format!("; known: {}", known.join(", ")));
    }
    text
}

fn at(path: &str, problem: &str) -> String {
    if path.is_empty() { problem.to_owned() } else { format!("`{path}`: {problem}") }
}

/// A JSON pointer as people write paths: `/list/1/a` is `list[1].a`.
fn path(pointer: &str) -> String {
    let mut path = String::new();
    for part in pointer.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        match part.parse::<usize>() {
            Ok(index) => path.push_str(&format!("[{index}]")),
            Err(_) => path = join(&path, &part),
        }
    }
    shorten(&path)
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn found(value: &Value) -> String {
    let kind = match value {
        Value::Null => return "null".to_owned(),
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(items) => return format!("array of {}", items.len()),
        Value::Object(_) => return "object".to_owned(),
    };
    format!("{kind} {}", shorten(&value.to_string()))
}

fn types(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(kind) => kind.to_string(),
        TypeKind::Multiple(kinds) => {
            kinds.iter().map(|kind| kind.to_string()).collect::<Vec<_>>().join(" or ")
        }
    }
}

fn list(options: &Value) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    let shown: Vec<_> = options.iter().take(20).map(|option| shorten(&option.to_string())).collect();
    let more = if options.len() > shown.len() { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

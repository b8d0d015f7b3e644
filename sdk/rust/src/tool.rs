//! What a tool is. `#[tool]` implements it; nobody else has to.

use crate::arguments::Arguments;
use crate::handle::Scope;
use crate::reply::IntoReply;
use crate::{JsonObject, Result};

/// One tool, as a type: `#[tool] fn add` makes a type `add` that implements it.
pub trait Tool {
    /// The type of the first parameter.
    type Arguments: Arguments;
    /// What comes when nothing went wrong.
    type Output: IntoReply;
    /// What is known of it without its schemas.
    const INFO: ToolInfo;

    /// Run it.
    #[doc(hidden)]
    fn run(arguments: Self::Arguments, scope: &Scope) -> Result<Self::Output>;
}

/// What is known of a tool without its schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ToolInfo {
    /// Unique in the plugin: 1 to 64 characters of `A-Z a-z 0-9 _ -`.
    pub name: &'static str,
    /// A name for people.
    pub title: Option<&'static str>,
    /// What it does and when to use it, for a model to read.
    pub description: &'static str,
    /// What it says of its own behaviour.
    pub hints: Hints,
    /// For how many milliseconds a result may be reused for the same arguments; none: not at all.
    pub cache_ms: Option<u64>,
    /// Grants that it would like, in the words of the operator's file, such as `http GET https://api.example.com/*`.
    pub wants: &'static [&'static str],
}

impl ToolInfo {
    /// A tool of that name and description, and nothing more.
    #[must_use]
    pub const fn new(name: &'static str, description: &'static str) -> Self {
        Self { name, title: None, description, hints: Hints::NONE, cache_ms: None, wants: &[] }
    }

    /// The same with a name for people.
    #[must_use]
    pub const fn with_title(mut self, title: &'static str) -> Self {
        self.title = Some(title);
        self
    }

    /// The same with hints.
    #[must_use]
    pub const fn with_hints(mut self, hints: Hints) -> Self {
        self.hints = hints;
        self
    }

    /// The same with results that may be reused for so many milliseconds.
    #[must_use]
    pub const fn with_cache_ms(mut self, milliseconds: u64) -> Self {
        self.cache_ms = Some(milliseconds);
        self
    }

    /// The same with grants that it would like.
    #[must_use]
    pub const fn with_wants(mut self, wants: &'static [&'static str]) -> Self {
        self.wants = wants;
        self
    }
}

/// What a tool says of its own behaviour. Clients show it; the host enforces nothing by it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hints {
    /// Changes nothing.
    pub read_only: Option<bool>,
    /// May destroy something.
    pub destructive: Option<bool>,
    /// Calling it twice with the same arguments does no more than calling it once.
    pub idempotent: Option<bool>,
    /// Reaches out to things beyond the host.
    pub open_world: Option<bool>,
}

impl Hints {
    /// Nothing said.
    pub const NONE: Self = Self { read_only: None, destructive: None, idempotent: None, open_world: None };
}

/// A tool as clients see it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Definition {
    /// Unique in the plugin.
    pub name: String,
    /// A name for people.
    pub title: Option<String>,
    /// What it does and when to use it, one line per paragraph.
    pub description: String,
    /// What it says of its own behaviour.
    pub hints: Hints,
    /// For how many milliseconds a result may be reused for the same arguments; none: not at all.
    pub cache_ms: Option<u64>,
    /// Grants that it would like, in the words of the operator's file.
    pub wants: Vec<String>,
    /// JSON Schema of the arguments.
    pub input_schema: JsonObject,
    /// JSON Schema of the structured result; none for text, images and other content.
    pub output_schema: Option<JsonObject>,
}

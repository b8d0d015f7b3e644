//! What a tool returns: a value, a piece of content, or a [`Reply`] put together by hand.

use crate::JsonObject;

mod content;
mod into;

#[cfg(target_arch = "wasm32")]
pub(crate) use content::Body;
pub use content::{
    Annotations, Audio, Content, Icon, Image, Media, Resource, ResourceBody, ResourceLink, Role, Text,
};
pub use into::IntoReply;

/// A result put together by hand: any pieces of content, a structured value, `_meta`.
///
/// ```
/// use cofferdam_sdk::prelude::*;
/// use cofferdam_sdk::{Content, ResourceLink, Role};
///
/// /// The report of the day.
/// #[tool(read_only)]
/// fn report() -> Reply {
///     Reply::new()
///         .text("2 files, 1 warning")
///         .with(Content::text("see the log for details").audience([Role::User]).priority(0.3))
///         .with(ResourceLink::new("file:///var/log/report.txt", "report.txt").mime_type("text/plain"))
///         .structured(json!({"files": 2, "warnings": 1}))
/// }
/// # fn main() {
/// let reply = cofferdam_sdk::mock::Host::new().reply::<report>(json!({})).unwrap();
/// assert_eq!(reply.content().len(), 3);
/// assert_eq!(reply.structured_value(), Some(json!({"files": 2, "warnings": 1})));
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[must_use]
pub struct Reply {
    pub(crate) content: Vec<Content>,
    /// JSON text whose root is an object.
    pub(crate) structured: Option<String>,
    pub(crate) is_error: bool,
    pub(crate) meta: JsonObject,
}

impl Reply {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Add a piece of content.
    pub fn with(mut self, content: impl Into<Content>) -> Self {
        self.content.push(content.into());
        self
    }

    /// Add text.
    pub fn text(self, text: impl Into<String>) -> Self {
        self.with(Content::text(text))
    }

    /// Add an image.
    pub fn image(self, data: impl Into<Vec<u8>>, mime_type: impl Into<String>) -> Self {
        self.with(Image::new(data, mime_type))
    }

    /// Add a sound.
    pub fn audio(self, data: impl Into<Vec<u8>>, mime_type: impl Into<String>) -> Self {
        self.with(Audio::new(data, mime_type))
    }

    /// Set the value for programs to read. One that isn't an object becomes `{"result": value}`.
    pub fn structured(mut self, value: impl Into<serde_json::Value>) -> Self {
        self.structured = Some(into::as_object(value.into().to_string()));
        self
    }

    /// Set a key of the result's `_meta`.
    pub fn meta(mut self, key: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
        self.meta.insert(key.into(), value.into());
        self
    }

    /// Say that the tool ran, and what it has to say is that it failed.
    ///
    /// A `ToolError` says why in one sentence; this is for failures that come with content, such as a compiler's output.
    pub fn error(mut self) -> Self {
        self.is_error = true;
        self
    }

    /// The pieces of content.
    #[must_use]
    pub fn content(&self) -> &[Content] {
        &self.content
    }

    /// All pieces of text, one per line.
    #[must_use]
    pub fn all_text(&self) -> String {
        let texts = self.content.iter().filter_map(Content::as_text);
        texts.collect::<Vec<_>>().join("\n")
    }

    /// The value for programs to read.
    #[must_use]
    pub fn structured_value(&self) -> Option<serde_json::Value> {
        self.structured.as_deref().and_then(|text| serde_json::from_str(text).ok())
    }

    /// Whether the tool says that it failed.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.is_error
    }

    /// `_meta` of the result.
    #[must_use]
    pub fn meta_values(&self) -> &JsonObject {
        &self.meta
    }
}

//! From what a tool returns to a reply.
//!
//! Older MCP revisions demand that a structured value is an object. So one that isn't becomes `{"result": value}`, by the
//! value alone: nothing is generated or looked up per call. The output schema says the same (`schema::output`).

use std::any::TypeId;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Audio, Content, Image, Reply, Resource, ResourceLink, Text};
use crate::schema;
use crate::{JsonObject, Result, ToolError};

/// Something that a tool can return.
///
/// - Any `Serialize` and `JsonSchema` value: a structured value with an output schema, and the same as JSON text; for a
///   string the text itself. `()` is an empty result.
/// - [`Text`], [`Image`], [`Audio`], [`ResourceLink`], [`Resource`], [`Content`], [`Reply`]: content as it is, no schema.
#[diagnostic::on_unimplemented(
    message = "a tool can't return `{Self}`",
    label = "derive `Serialize` and `JsonSchema` for it",
    note = "a tool returns a value that is `Serialize` and `JsonSchema`, or `Text`, `Image`, `Audio` or a `Reply`; and a `Result` of those"
)]
pub trait IntoReply: Sized {
    /// JSON Schema of the structured value, if there always is one.
    #[must_use]
    fn output_schema() -> Option<JsonObject> {
        None
    }

    /// The reply.
    fn into_reply(self) -> Result<Reply>;
}

impl<T: Serialize + JsonSchema + 'static> IntoReply for T {
    fn output_schema() -> Option<JsonObject> {
        (!is_unit::<T>()).then(schema::output::<T>)
    }

    fn into_reply(self) -> Result<Reply> {
        if is_unit::<T>() {
            return Ok(Reply::new());
        }
        let json = serde_json::to_string(&self)
            .map_err(|error| ToolError::failed(format!("the result can't be written as JSON: {error}")))?;
        Ok(from_json(json))
    }
}

fn is_unit<T: 'static>() -> bool {
    TypeId::of::<T>() == TypeId::of::<()>()
}

/// The text of a string is the string; that of any other value its JSON.
fn from_json(json: String) -> Reply {
    let text = if json.starts_with('"') {
        serde_json::from_str(&json).unwrap_or_else(|_| json.clone())
    } else {
        json.clone()
    };
    let mut reply = Reply::new().text(text);
    reply.structured = Some(as_object(json));
    reply
}

/// JSON text whose root is an object.
pub(super) fn as_object(json: String) -> String {
    if json.starts_with('{') { json } else { format!(r#"{{"result":{json}}}"#) }
}

impl IntoReply for Reply {
    fn into_reply(self) -> Result<Reply> {
        Ok(self)
    }
}

macro_rules! content {
    ($($content:ty)*) => {$(
        impl IntoReply for $content {
            fn into_reply(self) -> Result<Reply> {
                Ok(Reply::new().with(self))
            }
        }
    )*};
}

content!(Text Image Audio ResourceLink Resource Content);

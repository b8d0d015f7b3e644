//! From this crate's types to those of the ABI. Only here, so that another version of the ABI is another file.

use super::bindings::cofferdam::plugin::types;
use super::bindings::exports::cofferdam::plugin::tools as wit;
use crate::reply::Body;
use crate::{
    Annotations, Content, Icon, JsonObject, Level, Media, Reply, Resource, ResourceBody, ResourceLink, Role,
    ToolError,
};

/// JSON text of an object.
pub(super) fn json(object: &JsonObject) -> String {
    // A map of JSON values always has a text.
    serde_json::to_string(object).unwrap_or_default()
}

fn meta(object: &JsonObject) -> Option<String> {
    (!object.is_empty()).then(|| json(object))
}

pub(super) fn error(error: ToolError) -> types::CallError {
    match error {
        ToolError::InvalidArguments(message) => types::CallError::InvalidArguments(message),
        ToolError::NotFound(message) => types::CallError::NotFound(message),
        ToolError::Denied(message) => types::CallError::Denied(message),
        ToolError::Unavailable(message) => types::CallError::Unavailable(message),
        ToolError::Failed(message) => types::CallError::Failed(message),
        ToolError::Cancelled => types::CallError::Failed(ToolError::Cancelled.message().to_owned()),
    }
}

pub(super) fn reply(reply: Reply) -> wit::ToolResult {
    wit::ToolResult {
        content: reply.content.into_iter().map(content).collect(),
        structured: reply.structured,
        is_error: reply.is_error,
        meta: meta(&reply.meta),
    }
}

fn content(content: Content) -> types::ContentBlock {
    let (notes, meta) = (content.annotations.map(annotations), meta(&content.meta));
    match content.body {
        Body::Text(text) => types::ContentBlock::Text(types::TextBlock { text, annotations: notes, meta }),
        Body::Image(image) => types::ContentBlock::Image(media(image, notes, meta)),
        Body::Audio(audio) => types::ContentBlock::Audio(media(audio, notes, meta)),
        Body::Link(resource) => types::ContentBlock::ResourceLink(link(resource, notes, meta)),
        Body::Embedded(resource) => types::ContentBlock::Embedded(types::EmbeddedBlock {
            contents: contents(resource),
            annotations: notes,
            meta,
        }),
        Body::Raw(block) => types::ContentBlock::Raw(json(&block)),
    }
}

fn media(media: Media, annotations: Option<types::Annotations>, meta: Option<String>) -> types::MediaBlock {
    types::MediaBlock { data: media.data, mime_type: media.mime_type, annotations, meta }
}

fn link(
    link: ResourceLink,
    annotations: Option<types::Annotations>,
    meta: Option<String>,
) -> types::ResourceInfo {
    types::ResourceInfo {
        uri: link.uri,
        name: link.name,
        title: link.title,
        description: link.description,
        mime_type: link.mime_type,
        size: link.size,
        icons: link.icons.into_iter().map(icon).collect(),
        annotations,
        meta,
    }
}

fn contents(resource: Resource) -> types::ResourceContents {
    types::ResourceContents {
        uri: resource.uri,
        mime_type: resource.mime_type,
        body: match resource.body {
            ResourceBody::Text(text) => types::ResourceBody::Text(text),
            ResourceBody::Blob(bytes) => types::ResourceBody::Blob(bytes),
        },
        meta: meta(&resource.meta),
    }
}

fn icon(icon: Icon) -> types::Icon {
    types::Icon { src: icon.src, mime_type: icon.mime_type, sizes: icon.sizes, theme: icon.theme }
}

fn annotations(annotations: Annotations) -> types::Annotations {
    types::Annotations {
        audience: annotations.audience.into_iter().map(role).collect(),
        priority: annotations.priority,
        last_modified: annotations.last_modified,
    }
}

fn role(role: Role) -> types::Role {
    match role {
        Role::User => types::Role::User,
        Role::Assistant => types::Role::Assistant,
    }
}

pub(super) fn level(level: Level) -> types::LogLevel {
    match level {
        Level::Debug => types::LogLevel::Debug,
        Level::Info => types::LogLevel::Info,
        Level::Notice => types::LogLevel::Notice,
        Level::Warning => types::LogLevel::Warning,
        Level::Error => types::LogLevel::Error,
        Level::Critical => types::LogLevel::Critical,
        Level::Alert => types::LogLevel::Alert,
        Level::Emergency => types::LogLevel::Emergency,
    }
}

//! Our types to the library's, and what an era can't take left out.

#![expect(deprecated, reason = "logging is deprecated by the protocol, and still spoken by every client")]

use base64::{Engine as _, engine::general_purpose::STANDARD};
use cofferdam_runtime::{
    Tool, Usage,
    capabilities::LogLevel,
    content::{
        Annotations, BlockKind, ContentBlock, Icon, JsonObject, Media, Outcome, ResourceBody,
        ResourceContents, ResourceInfo, Role, ToolResult,
    },
};
use rmcp::model as mcp;
use serde_json::{Value, json};

/// Where a result says what its call used.
const USAGE_KEY: &str = "cofferdam/usage";

/// A tool as clients are shown it.
pub(super) fn tool(tool: &Tool, modern: bool) -> mcp::Tool {
    let name = tool.public_name.as_str().to_owned();
    let mut shown = mcp::Tool::new(name, tool.description.clone(), tool.input.source().clone());
    shown.title.clone_from(&tool.title);
    // Before 2026-07-28 structured content was always an object.
    let output = tool.output.as_ref().map(|schema| schema.source());
    shown.output_schema = output.filter(|schema| modern || is_object(schema)).cloned();
    let hints = &tool.hints;
    let annotations = mcp::ToolAnnotations::from_raw(
        None,
        hints.read_only,
        hints.destructive,
        hints.idempotent,
        hints.open_world,
    );
    shown.annotations = (annotations != mcp::ToolAnnotations::default()).then_some(annotations);
    shown.icons = icons(&tool.icons);
    shown.meta = tool.meta.clone().map(meta);
    shown
}

fn is_object(schema: &JsonObject) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("object")
}

/// What the tool said, as a result.
pub(super) fn outcome(outcome: Outcome, modern: bool) -> mcp::CallToolResult {
    match outcome {
        Outcome::Complete(result) => tool_result(result, modern),
        Outcome::InputRequired(_) => mcp::CallToolResult::error(vec![mcp::ContentBlock::text(
            "this tool asks the client for input, which this version of the server can't pass on yet",
        )]),
    }
}

fn tool_result(result: ToolResult, modern: bool) -> mcp::CallToolResult {
    let mut shown = mcp::CallToolResult::success(result.content.into_iter().map(block).collect());
    shown.is_error = Some(result.is_error);
    // Before 2026-07-28 structured content was always an object.
    shown.structured_content = result.structured.filter(|value| modern || value.is_object());
    shown.meta = result.meta.map(meta);
    shown
}

/// Adds what the call used.
pub(super) fn add_usage(result: &mut mcp::CallToolResult, usage: &Usage) {
    let value = json!({
        "fuel": usage.fuel,
        "memoryBytes": usage.memory,
        "milliseconds": (usage.elapsed.as_secs_f64() * 1e6).round() / 1e3,
    });
    result.meta.get_or_insert_default().insert(USAGE_KEY.to_owned(), value);
}

/// A guest's `_meta`, without the keys that aren't a guest's to set.
fn meta(mut object: JsonObject) -> mcp::MetaObject {
    object.retain(|key, _| !is_reserved(key));
    mcp::MetaObject(object)
}

/// Prefixes whose second label is the protocol's name are the protocol's (MCP 2026-07-28, `_meta`); one is ours.
fn is_reserved(key: &str) -> bool {
    let Some((prefix, _)) = key.split_once('/') else { return false };
    prefix == "cofferdam" || matches!(prefix.split('.').nth(1), Some("modelcontextprotocol" | "mcp"))
}

fn block(block: ContentBlock) -> mcp::ContentBlock {
    let annotations = block.annotations.map(annotations);
    let meta = block.meta.map(meta);
    match block.kind {
        BlockKind::Text(text) => {
            let mut content = mcp::TextContent::new(text);
            (content.annotations, content.meta) = (annotations, meta);
            mcp::ContentBlock::Text(content)
        }
        BlockKind::Image(media) => {
            let (data, mime_type) = encoded(media);
            let mut content = mcp::ImageContent::new(data, mime_type);
            (content.annotations, content.meta) = (annotations, meta);
            mcp::ContentBlock::Image(content)
        }
        BlockKind::Audio(media) => {
            let (data, mime_type) = encoded(media);
            let mut content = mcp::AudioContent::new(data, mime_type);
            (content.annotations, content.meta) = (annotations, meta);
            mcp::ContentBlock::Audio(content)
        }
        BlockKind::ResourceLink(info) => {
            let mut link = resource(info);
            (link.annotations, link.meta) = (annotations, meta);
            mcp::ContentBlock::ResourceLink(link)
        }
        BlockKind::Embedded(contents) => {
            let mut content = mcp::EmbeddedResource::new(resource_contents(contents));
            (content.annotations, content.meta) = (annotations, meta);
            mcp::ContentBlock::Resource(content)
        }
        BlockKind::Raw(raw) => unknown_block(raw),
    }
}

/// A block of a type that the library may know; if it doesn't, its JSON as text, so that nothing is lost.
fn unknown_block(raw: JsonObject) -> mcp::ContentBlock {
    let value = Value::Object(raw);
    let text = value.to_string();
    serde_json::from_value(value).unwrap_or_else(|_| mcp::ContentBlock::text(text))
}

fn encoded(media: Media) -> (String, String) {
    (STANDARD.encode(media.data), media.mime_type)
}

fn resource(info: ResourceInfo) -> mcp::Resource {
    let mut resource = mcp::Resource::new(info.uri, info.name);
    resource.title = info.title;
    resource.description = info.description;
    resource.mime_type = info.mime_type;
    resource.size = info.size;
    resource.icons = icons(&info.icons);
    resource
}

fn resource_contents(contents: ResourceContents) -> mcp::ResourceContents {
    let ResourceContents { uri, mime_type, body, meta: own } = contents;
    let meta = own.map(meta);
    match body {
        ResourceBody::Text(text) => {
            mcp::ResourceContents::TextResourceContents { uri, mime_type, text, meta }
        }
        ResourceBody::Blob(bytes) => {
            let blob = STANDARD.encode(bytes);
            mcp::ResourceContents::BlobResourceContents { uri, mime_type, blob, meta }
        }
    }
}

fn annotations(annotations: Annotations) -> mcp::Annotations {
    let role = |role| match role {
        Role::User => mcp::Role::User,
        Role::Assistant => mcp::Role::Assistant,
    };
    let mut shown = mcp::Annotations::default();
    let audience: Vec<_> = annotations.audience.into_iter().map(role).collect();
    shown.audience = (!audience.is_empty()).then_some(audience);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "between 0 and 1; the library keeps a float of 32 bits"
    )]
    let priority = annotations.priority.map(|priority| priority as f32);
    shown.priority = priority;
    shown.last_modified = annotations.last_modified;
    shown
}

fn icons(icons: &[Icon]) -> Option<Vec<mcp::Icon>> {
    let shown = |icon: &Icon| {
        let mut shown = mcp::Icon::new(icon.src.clone());
        shown.mime_type.clone_from(&icon.mime_type);
        shown.sizes = (!icon.sizes.is_empty()).then(|| icon.sizes.clone());
        shown.theme = match icon.theme.as_deref() {
            Some("light") => Some(mcp::IconTheme::Light),
            Some("dark") => Some(mcp::IconTheme::Dark),
            _ => None,
        };
        shown
    };
    (!icons.is_empty()).then(|| icons.iter().map(shown).collect())
}

/// The library's level as ours.
pub(super) fn level_from(level: mcp::LoggingLevel) -> LogLevel {
    match level {
        mcp::LoggingLevel::Debug => LogLevel::Debug,
        mcp::LoggingLevel::Info => LogLevel::Info,
        mcp::LoggingLevel::Notice => LogLevel::Notice,
        mcp::LoggingLevel::Warning => LogLevel::Warning,
        mcp::LoggingLevel::Error => LogLevel::Error,
        mcp::LoggingLevel::Critical => LogLevel::Critical,
        mcp::LoggingLevel::Alert => LogLevel::Alert,
        mcp::LoggingLevel::Emergency => LogLevel::Emergency,
    }
}

/// Our level as the library's.
pub(super) fn level_to(level: LogLevel) -> mcp::LoggingLevel {
    match level {
        LogLevel::Debug => mcp::LoggingLevel::Debug,
        LogLevel::Info => mcp::LoggingLevel::Info,
        LogLevel::Notice => mcp::LoggingLevel::Notice,
        LogLevel::Warning => mcp::LoggingLevel::Warning,
        LogLevel::Error => mcp::LoggingLevel::Error,
        LogLevel::Critical => mcp::LoggingLevel::Critical,
        LogLevel::Alert => mcp::LoggingLevel::Alert,
        LogLevel::Emergency => mcp::LoggingLevel::Emergency,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guest_can_t_set_keys_that_are_not_its_own() {
        for reserved in
            ["io.modelcontextprotocol/x", "dev.mcp/x", "org.modelcontextprotocol.api/x", "cofferdam/usage"]
        {
            assert!(is_reserved(reserved), "{reserved}");
        }
        for own in ["ui", "com.example/x", "mcp", "example.com.mcp/x", "progress"] {
            assert!(!is_reserved(own), "{own}");
        }
    }
}

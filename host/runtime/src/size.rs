//! How large an outcome is: bytes on the wire, escapes left aside. What the limit `result` bounds.
//!
//! Every text that a guest chooses counts, whatever field it is in.

use serde_json::Value;

use crate::{
    content::{
        Annotations, BlockKind, ContentBlock, Icon, InputRequest, InputRequired, JsonObject, Outcome,
        ResourceBody, ResourceContents, ResourceInfo, ToolResult,
    },
    error::{GuestError, GuestErrorKind},
};

/// What a part costs besides its texts: a million empty blocks are no small result.
const ENVELOPE: usize = 32;

/// Of an outcome.
pub(crate) fn outcome(outcome: &Outcome) -> u64 {
    (match outcome {
        Outcome::Complete(result) => tool_result(result),
        Outcome::InputRequired(input) => input_required(input),
    }) as u64
}

/// Of an error that the tool reports.
pub(crate) fn error(error: &GuestError) -> u64 {
    let data = match &error.kind {
        GuestErrorKind::Protocol { data, .. } => data.as_ref().map_or(0, json),
        _ => 0,
    };
    (error.message.len() + data) as u64
}

fn tool_result(result: &ToolResult) -> usize {
    let content: usize = result.content.iter().map(block).sum();
    content + result.structured.as_ref().map_or(0, json) + optional_object(&result.meta)
}

fn block(block: &ContentBlock) -> usize {
    let body = match &block.kind {
        BlockKind::Text(text) => text.len(),
        BlockKind::Image(media) | BlockKind::Audio(media) => base64(&media.data) + media.mime_type.len(),
        BlockKind::ResourceLink(info) => resource_info(info),
        BlockKind::Embedded(contents) => resource_contents(contents),
        BlockKind::Raw(raw) => object(raw),
    };
    ENVELOPE + body + block.annotations.as_ref().map_or(0, annotations) + optional_object(&block.meta)
}

fn annotations(annotations: &Annotations) -> usize {
    ENVELOPE + annotations.audience.len() * "assistant".len() + text(&annotations.last_modified)
}

fn resource_info(info: &ResourceInfo) -> usize {
    let icons: usize = info.icons.iter().map(icon).sum();
    info.uri.len()
        + info.name.len()
        + text(&info.title)
        + text(&info.description)
        + text(&info.mime_type)
        + icons
}

fn icon(icon: &Icon) -> usize {
    let sizes: usize = icon.sizes.iter().map(|size| size.len() + 3).sum();
    ENVELOPE + icon.src.len() + text(&icon.mime_type) + sizes + text(&icon.theme)
}

fn resource_contents(contents: &ResourceContents) -> usize {
    let body = match &contents.body {
        ResourceBody::Text(text) => text.len(),
        ResourceBody::Blob(bytes) => base64(bytes),
    };
    body + contents.uri.len() + text(&contents.mime_type) + optional_object(&contents.meta)
}

fn input_required(input: &InputRequired) -> usize {
    let requests: usize =
        input.requests.iter().map(|(key, request)| ENVELOPE + key.len() + input_request(request)).sum();
    requests + input.state.as_deref().map_or(0, base64)
}

fn input_request(request: &InputRequest) -> usize {
    match request {
        InputRequest::ElicitForm { message, requested_schema } => message.len() + object(requested_schema),
        InputRequest::ElicitUrl { message, url } => message.len() + url.len(),
        InputRequest::Sampling(parameters) => object(parameters),
        InputRequest::ListRoots => 0,
    }
}

fn text(text: &Option<String>) -> usize {
    text.as_ref().map_or(0, String::len)
}

fn optional_object(value: &Option<JsonObject>) -> usize {
    value.as_ref().map_or(0, object)
}

fn object(value: &JsonObject) -> usize {
    let members = value.iter().map(|(key, value)| key.len() + json(value) + "\"\":,".len());
    "{}".len() + members.sum::<usize>()
}

fn json(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => "null".len(),
        Value::Number(number) => number.to_string().len(),
        Value::String(text) => text.len() + "\"\"".len(),
        Value::Array(items) => "[]".len() + items.iter().map(|item| json(item) + 1).sum::<usize>(),
        Value::Object(members) => object(members),
    }
}

fn base64(bytes: &[u8]) -> usize {
    bytes.len().div_ceil(3) * 4
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::content::Media;

    const LARGE: usize = 10_000;

    fn large() -> String {
        "x".repeat(LARGE)
    }

    fn of_block(kind: BlockKind) -> u64 {
        let block = ContentBlock { kind, annotations: None, meta: None };
        outcome(&Outcome::Complete(ToolResult {
            content: vec![block],
            structured: None,
            is_error: false,
            meta: None,
        }))
    }

    fn info() -> ResourceInfo {
        ResourceInfo {
            uri: String::new(),
            name: String::new(),
            title: None,
            description: None,
            mime_type: None,
            size: None,
            icons: Vec::new(),
        }
    }

    #[test]
    fn a_text_counts_in_whatever_field_it_stands() {
        let icon = Icon { src: large(), mime_type: None, sizes: Vec::new(), theme: None };
        for kind in [
            BlockKind::Text(large()),
            BlockKind::Image(Media { data: vec![0; LARGE], mime_type: String::new() }),
            BlockKind::Audio(Media { data: Vec::new(), mime_type: large() }),
            BlockKind::ResourceLink(ResourceInfo { uri: large(), ..info() }),
            BlockKind::ResourceLink(ResourceInfo { name: large(), ..info() }),
            BlockKind::ResourceLink(ResourceInfo { title: Some(large()), ..info() }),
            BlockKind::ResourceLink(ResourceInfo { description: Some(large()), ..info() }),
            BlockKind::ResourceLink(ResourceInfo { icons: vec![icon], ..info() }),
            BlockKind::Embedded(ResourceContents {
                uri: large(),
                mime_type: None,
                body: ResourceBody::Blob(Vec::new()),
                meta: None,
            }),
            BlockKind::Raw(JsonObject::from_iter([(large(), json!(1))])),
        ] {
            let name = format!("{kind:?}").chars().take(30).collect::<String>();
            assert!(of_block(kind) >= LARGE as u64, "{name}");
        }
    }

    #[test]
    fn json_is_as_large_as_its_text() {
        for value in [json!(null), json!([1, 2.5, "abc"]), json!({ "a": { "b": [true, []] } })] {
            let (found, text) = (json(&value), value.to_string());
            assert!(found >= text.len() && found <= text.len() + 8, "{found} for {text}");
        }
    }

    #[test]
    fn questions_and_errors_have_a_size_too() {
        let request = InputRequest::ElicitUrl { message: large(), url: String::new() };
        let input = InputRequired { requests: vec![("key".to_owned(), request)], state: None };
        assert!(outcome(&Outcome::InputRequired(input)) >= LARGE as u64);
        let kind = GuestErrorKind::Protocol { code: 1, data: Some(json!(large())) };
        assert!(error(&GuestError { kind, message: large() }) >= 2 * LARGE as u64);
    }
}

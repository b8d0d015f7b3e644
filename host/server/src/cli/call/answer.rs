//! What a tool answered: as text for people, and as the JSON that a client gets.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use cofferdam_runtime::{
    CallError,
    capabilities::sanitize,
    content::{
        BlockKind, ContentBlock, InputRequest, InputRequired, Media, Outcome, ResourceBody, ResourceContents,
        Role, ToolResult,
    },
};
use serde_json::{Map, Value, json};

/// Content and structured result. Where the text is the structured result, it is shown once.
pub(super) fn text(result: &ToolResult) -> String {
    let mut parts: Vec<String> = Vec::new();
    let structured = result.structured.as_ref();
    for block in &result.content {
        let says_the_same = match (&block.kind, structured) {
            (BlockKind::Text(text), Some(value)) => {
                serde_json::from_str::<Value>(text).is_ok_and(|t| t == *value)
            }
            _ => false,
        };
        if !says_the_same {
            parts.push(block_text(&block.kind));
        }
    }
    parts.extend(structured.map(|value| clean(&format!("{value:#}"))));
    parts.join("\n")
}

fn clean(text: &str) -> String {
    sanitize::lines(text, usize::MAX)
}

fn short(text: &str) -> String {
    sanitize::line(text, 500)
}

fn block_text(kind: &BlockKind) -> String {
    let media = |media: &Media| format!("[{}, {} bytes]", short(&media.mime_type), media.data.len());
    match kind {
        BlockKind::Text(text) => clean(text),
        BlockKind::Image(image) => media(image),
        BlockKind::Audio(audio) => media(audio),
        BlockKind::ResourceLink(info) => format!("[{}: {}]", short(&info.name), short(&info.uri)),
        BlockKind::Embedded(contents) => match &contents.body {
            ResourceBody::Text(text) => format!("[{}]\n{}", short(&contents.uri), clean(text)),
            ResourceBody::Blob(bytes) => format!("[{}, {} bytes]", short(&contents.uri), bytes.len()),
        },
        BlockKind::Raw(raw) => clean(&Value::Object(raw.clone()).to_string()),
    }
}

/// Why there is no answer.
pub(super) fn error(error: &CallError) -> String {
    clean(&error.to_string())
}

/// What the tool wants to know before it goes on, which nobody can tell it here.
pub(super) fn asked(asked: &InputRequired) -> String {
    let each = asked.requests.iter().map(|(_, request)| match request {
        InputRequest::ElicitForm { message, .. } | InputRequest::ElicitUrl { message, .. } => short(message),
        InputRequest::Sampling(_) => "it wants the client's model".to_owned(),
        InputRequest::ListRoots => "it wants the client's roots".to_owned(),
    });
    let each: Vec<_> = each.collect();
    format!("the tool asks for input, which only a client can give: {}", each.join("; "))
}

/// The result in the shape of MCP's `CallToolResult`.
pub(super) fn json(result: &Result<Outcome, CallError>) -> Value {
    match result {
        Ok(Outcome::Complete(result)) => result_json(result),
        Ok(Outcome::InputRequired(required)) => failed(&asked(required)),
        Err(error) => failed(&error.to_string()),
    }
}

fn failed(message: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": message }], "isError": true })
}

fn result_json(result: &ToolResult) -> Value {
    let mut object = Map::new();
    object.insert("content".to_owned(), result.content.iter().map(block_json).collect());
    if let Some(value) = &result.structured {
        object.insert("structuredContent".to_owned(), value.clone());
    }
    object.insert("isError".to_owned(), result.is_error.into());
    if let Some(meta) = &result.meta {
        object.insert("_meta".to_owned(), Value::Object(meta.clone()));
    }
    Value::Object(object)
}

fn block_json(block: &ContentBlock) -> Value {
    let media = |kind: &str, media: &Media| json!({ "type": kind, "data": STANDARD.encode(&media.data), "mimeType": media.mime_type });
    let mut value = match &block.kind {
        BlockKind::Text(text) => json!({ "type": "text", "text": text }),
        BlockKind::Image(image) => media("image", image),
        BlockKind::Audio(audio) => media("audio", audio),
        BlockKind::ResourceLink(info) => present(json!({
            "type": "resource_link", "uri": info.uri, "name": info.name, "title": info.title,
            "description": info.description, "mimeType": info.mime_type, "size": info.size,
        })),
        BlockKind::Embedded(contents) => json!({ "type": "resource", "resource": resource_json(contents) }),
        BlockKind::Raw(raw) => Value::Object(raw.clone()),
    };
    let annotations = block.annotations.as_ref().map(|annotations| {
        let role = |role: &Role| match role {
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        let audience: Vec<_> = annotations.audience.iter().map(role).collect();
        present(json!({
            "audience": if audience.is_empty() { Value::Null } else { json!(audience) },
            "priority": annotations.priority,
            "lastModified": annotations.last_modified,
        }))
    });
    let meta = block.meta.clone().map(Value::Object);
    if let Value::Object(object) = &mut value {
        object.extend(annotations.map(|annotations| ("annotations".to_owned(), annotations)));
        object.extend(meta.map(|meta| ("_meta".to_owned(), meta)));
    }
    value
}

fn resource_json(contents: &ResourceContents) -> Value {
    let (text, blob) = match &contents.body {
        ResourceBody::Text(text) => (Some(text), None),
        ResourceBody::Blob(bytes) => (None, Some(STANDARD.encode(bytes))),
    };
    present(json!({
        "uri": contents.uri, "mimeType": contents.mime_type, "text": text, "blob": blob, "_meta": contents.meta,
    }))
}

/// Without what isn't there.
fn present(mut value: Value) -> Value {
    if let Value::Object(object) = &mut value {
        object.retain(|_, value| !value.is_null());
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(kinds: Vec<BlockKind>, structured: Option<Value>) -> ToolResult {
        let content =
            kinds.into_iter().map(|kind| ContentBlock { kind, annotations: None, meta: None }).collect();
        ToolResult { content, structured, is_error: false, meta: None }
    }

    fn image() -> BlockKind {
        BlockKind::Image(Media { data: vec![1, 2, 3], mime_type: "image/png".to_owned() })
    }

    #[test]
    fn text_is_shown_as_it_is_and_media_by_their_size() {
        let shown = text(&result(vec![BlockKind::Text("a\nb".into()), image()], None));
        assert_eq!(shown, "a\nb\n[image/png, 3 bytes]");
    }

    #[test]
    fn what_a_terminal_would_obey_is_left_out() {
        let shown = text(&result(vec![BlockKind::Text("a\u{1b}[2Jb\u{202e}c".into())], None));
        assert_eq!(shown, "a[2Jbc");
    }

    #[test]
    fn a_text_that_repeats_the_structured_result_is_shown_once() {
        let value = json!({ "n": 1 });
        let shown = |text_: &str| text(&result(vec![BlockKind::Text(text_.into())], Some(value.clone())));
        assert_eq!(shown("{\"n\":1}"), "{\n  \"n\": 1\n}");
        assert_eq!(shown("one"), "one\n{\n  \"n\": 1\n}");
    }

    #[test]
    fn json_is_what_a_client_gets() {
        let answer = Ok(Outcome::Complete(result(vec![image()], Some(json!(1)))));
        assert_eq!(
            json(&answer),
            json!({
                "content": [{ "type": "image", "data": "AQID", "mimeType": "image/png" }],
                "structuredContent": 1,
                "isError": false,
            })
        );
        let failed = json(&Err(CallError::Exit(1)));
        assert_eq!(failed["isError"], true);
        assert_eq!(
            failed["content"][0]["text"],
            "the tool ended itself with exit code 1 in place of answering"
        );
    }
}

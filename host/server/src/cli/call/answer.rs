//! What a tool answered, as text for people.

use cofferdam_runtime::{
    CallError,
    capabilities::sanitize,
    content::{BlockKind, InputRequest, InputRequired, Media, ResourceBody, ToolResult},
};
use serde_json::Value;

/// Content and structured result. What both say is shown once.
pub(super) fn text(result: &ToolResult) -> String {
    let mut structured = result.structured.as_ref();
    let mut parts: Vec<String> = Vec::new();
    for block in &result.content {
        match (&block.kind, structured) {
            // The same value, which is easier to read laid out.
            (BlockKind::Text(text), Some(value)) if parsed(text).as_ref() == Some(value) => continue,
            // The same value, which is an object only because clients want one.
            (BlockKind::Text(text), Some(value)) if says(text, value.get("result")) => structured = None,
            _ => {}
        }
        parts.push(block_text(&block.kind));
    }
    parts.extend(structured.map(|value| clean(&format!("{value:#}"))));
    parts.join("\n")
}

fn parsed(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

fn says(text: &str, value: Option<&Value>) -> bool {
    value.is_some_and(|value| value.as_str() == Some(text) || parsed(text).as_ref() == Some(value))
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

#[cfg(test)]
mod tests {
    use cofferdam_runtime::content::ContentBlock;
    use serde_json::json;

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
        let wrapped = |text_: &str, value: Value| {
            text(&result(vec![BlockKind::Text(text_.into())], Some(json!({ "result": value }))))
        };
        assert_eq!(wrapped("5", json!(5)), "5");
        assert_eq!(wrapped("a", json!("a")), "a");
        assert_eq!(wrapped("6", json!(5)), "6\n{\n  \"result\": 5\n}");
    }
}

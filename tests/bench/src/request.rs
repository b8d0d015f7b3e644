//! The one request that is sent over and over, and what a right answer to it is.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// The text that is counted, unless a longer one is asked for.
pub const TEXT: &str = "The quick brown fox jumps over the lazy dog.";

/// What a call of a tool looks like in both transports.
#[derive(Debug, Clone)]
pub(crate) struct ToolCall {
    /// The public name.
    pub(crate) tool: String,
    /// The one argument, `text`.
    pub(crate) text: String,
}

impl ToolCall {
    /// A call with a text of that many bytes.
    pub(crate) fn new(tool: &str, length: usize) -> Self {
        let text = TEXT.chars().chain([' ']).cycle().take(length).collect();
        Self { tool: tool.to_owned(), text }
    }

    /// The JSON-RPC message, in the stateless era's shape.
    pub(crate) fn message(&self, id: usize) -> String {
        json!({
            "jsonrpc": "2.0",
            "id": id,
            "method": "tools/call",
            "params": {
                "name": self.tool,
                "arguments": { "text": self.text },
                "_meta": {
                    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                    "io.modelcontextprotocol/clientInfo": { "name": "load", "version": "0" },
                    "io.modelcontextprotocol/clientCapabilities": {},
                },
            },
        })
        .to_string()
    }

    /// The whole HTTP request.
    pub(crate) fn http(&self, host: &str) -> Vec<u8> {
        let body = self.message(1);
        let mut request = String::new();
        for line in [
            "POST /mcp HTTP/1.1",
            &format!("host: {host}"),
            "content-type: application/json",
            "accept: application/json, text/event-stream",
            "mcp-protocol-version: 2026-07-28",
            "mcp-method: tools/call",
            &format!("mcp-name: {}", self.tool),
            &format!("content-length: {}", body.len()),
        ] {
            // Writing to a string can't fail.
            let _ = write!(request, "{line}\r\n");
        }
        (request + "\r\n" + &body).into_bytes()
    }
}

/// Whether an answer is a result without an error: all that is looked at while it counts.
pub(crate) fn looks_right(answer: &[u8]) -> bool {
    std::str::from_utf8(answer).is_ok_and(|text| text.contains(r#""isError":false"#))
}

/// What a call answered, in full: the text of its first block.
///
/// # Errors
/// With the answer itself, if it is anything but a result with text.
pub(crate) fn text_of(answer: &[u8]) -> Result<String, String> {
    let whole = || String::from_utf8_lossy(answer).into_owned();
    let value: Value = serde_json::from_slice(answer).map_err(|_| whole())?;
    let text = value.pointer("/result/content/0/text").and_then(Value::as_str);
    text.filter(|_| looks_right(answer)).map(str::to_owned).ok_or_else(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_http_request_says_how_long_its_body_is() {
        let request = String::from_utf8(ToolCall::new("text_count", 5).http("127.0.0.1:1")).unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("\r\ncontent-length: {}", body.len())));
        assert!(head.starts_with("POST /mcp HTTP/1.1\r\nhost: 127.0.0.1:1\r\n"));
        let body: Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["params"]["arguments"]["text"], "The q");
    }

    #[test]
    fn only_a_result_with_text_and_no_error_is_right() {
        let answer = br#"{"id":1,"result":{"content":[{"type":"text","text":"4"}],"isError":false}}"#;
        assert_eq!(text_of(answer), Ok("4".to_owned()));
        for wrong in [
            br#"{"id":1,"result":{"content":[{"type":"text","text":"4"}],"isError":true}}"#.as_slice(),
            br#"{"id":1,"error":{"code":-32603,"message":"no"}}"#,
            b"<html>",
        ] {
            assert_eq!(text_of(wrong), Err(String::from_utf8_lossy(wrong).into_owned()));
        }
    }
}

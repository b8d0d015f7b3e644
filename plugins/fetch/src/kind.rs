//! What a body is: a page, JSON, another text, or nothing that can be read.

use cofferdam_readable::decode;

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Html,
    Json,
    Text,
    Binary,
}

/// Judges by the content type, and by the first bytes where that says little.
pub(crate) fn of(content_type: Option<&str>, body: &[u8]) -> Kind {
    let essence = essence(content_type);
    let start = body.get(..1024).unwrap_or(body);
    let said = match essence.as_str() {
        "text/html" | "application/xhtml+xml" => Kind::Html,
        "application/json" => Kind::Json,
        "" | "application/octet-stream" | "binary/octet-stream" => return by_look(start),
        kind if kind.ends_with("+json") => Kind::Json,
        kind if is_text(kind) => Kind::Text,
        _ => Kind::Binary,
    };
    // A text with zero bytes is none, unless they are half of UTF-16.
    let is_wide = start.starts_with(b"\xff\xfe")
        || start.starts_with(b"\xfe\xff")
        || content_type.is_some_and(|kind| kind.to_ascii_lowercase().contains("utf-16"));
    if start.contains(&0) && !is_wide { Kind::Binary } else { said }
}

/// The content type without its parameters, in small letters.
pub(crate) fn essence(content_type: Option<&str>) -> String {
    let first = content_type.unwrap_or_default().split([';', ',']).next();
    first.unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_text(kind: &str) -> bool {
    let known = [
        "xml",
        "javascript",
        "ecmascript",
        "x-javascript",
        "yaml",
        "x-yaml",
        "toml",
        "x-sh",
        "sql",
        "graphql",
        "x-ndjson",
        "jsonl",
        "rtf",
        "x-tex",
        "x-www-form-urlencoded",
    ];
    let rest = kind.strip_prefix("application/");
    kind.starts_with("text/") || kind.ends_with("+xml") || rest.is_some_and(|rest| known.contains(&rest))
}

fn by_look(start: &[u8]) -> Kind {
    let controls = |byte: &u8| *byte < 32 && !b"\t\n\r\x0c\x1b".contains(byte);
    let is_wide = start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff");
    if start.iter().any(controls) && !is_wide {
        return Kind::Binary;
    }
    let text = decode(start, None).trim_start().to_ascii_lowercase();
    match text.as_str() {
        text if text.starts_with("<!doctype html") || text.starts_with("<html") => Kind::Html,
        text if text.starts_with(['{', '[']) => Kind::Json,
        _ => Kind::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_what_its_type_says_or_what_it_looks_like() {
        for (kind, body, expected) in [
            (Some("Text/HTML; charset=x"), &b"x"[..], Kind::Html),
            (Some("application/problem+json"), b"{", Kind::Json),
            (Some("image/svg+xml"), b"<svg", Kind::Text),
            (Some("text/markdown"), b"# x", Kind::Text),
            (Some("text/plain"), b"a\0b", Kind::Binary),
            (Some("text/plain"), b"\xff\xfea\0", Kind::Text),
            (Some("image/png"), b"x", Kind::Binary),
            (Some("application/pdf"), b"%PDF", Kind::Binary),
            (None, b"  <!DOCTYPE html>", Kind::Html),
            (None, b"[1]", Kind::Json),
            (Some("application/octet-stream"), b"\x7fELF\x02", Kind::Binary),
            (None, b"plain", Kind::Text),
            (None, b"", Kind::Text),
        ] {
            assert_eq!(of(kind, body), expected, "{kind:?} {body:?}");
        }
    }
}

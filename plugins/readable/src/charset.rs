//! The text of bytes: by their mark, by what the server says, by what the document says, and else by how they look.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// A document says its charset within so many bytes, if it does.
const HEAD: usize = 1024;

/// The text of a body. What can't be read becomes U+FFFD; nothing fails.
#[must_use]
pub fn decode(bytes: &[u8], content_type: Option<&str>) -> String {
    let (text, ..) = encoding(bytes, content_type).decode(bytes);
    text.into_owned()
}

fn encoding(bytes: &[u8], content_type: Option<&str>) -> &'static Encoding {
    // `decode` looks at the mark itself, but then the rest has no say.
    if let Some((marked, _)) = Encoding::for_bom(bytes) {
        return marked;
    }
    let said = content_type.and_then(after_charset).or_else(|| within(bytes));
    let known = said.and_then(|label| Encoding::for_label(label.as_bytes()));
    known.unwrap_or_else(|| if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 })
}

/// What stands in `<meta charset>`, `<meta content="…; charset=…">` or `<?xml encoding=…?>`. Whoever can read that has no
/// UTF-16 before them, so a document that claims it is lying.
fn within(bytes: &[u8]) -> Option<&str> {
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let end = head.iter().position(|byte| !byte.is_ascii()).unwrap_or(head.len());
    let head = std::str::from_utf8(head.get(..end)?).ok()?;
    let label = after_charset(head).or_else(|| {
        let declared = head.trim_start().strip_prefix("<?xml")?.split("?>").next()?;
        declared.split_once("encoding").and_then(|(_, rest)| value(rest))
    })?;
    (!label.to_ascii_lowercase().starts_with("utf-16")).then_some(label)
}

fn after_charset(text: &str) -> Option<&str> {
    let lower = text.to_ascii_lowercase();
    let at = lower.find("charset")?;
    value(text.get(at + "charset".len()..)?)
}

/// What comes after `=`, with or without quotes.
fn value(text: &str) -> Option<&str> {
    let rest = text.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"-_:.".contains(c)).unwrap_or(rest.len());
    rest.get(..end).filter(|label| !label.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_comes_first_then_the_header_then_the_document_then_the_look() {
        let check = |bytes: &[u8], header: Option<&str>, expected: &str| {
            assert_eq!(decode(bytes, header), expected);
        };
        check(b"\xef\xbb\xbf\xc3\xbc", Some("text/html; charset=latin1"), "ü");
        check(b"\xff\xfe\xfc\x00", None, "ü");
        check(b"\xfc", Some("text/html; Charset=\"ISO-8859-1\""), "ü");
        check(b"\xcf\xf0\xe8", Some("text/plain;charset=windows-1251"), "При");
        check(b"<meta charset=koi8-r>\xd4", None, "<meta charset=koi8-r>т");
        check(
            b"<?xml version='1.0' encoding='iso-8859-2'?>\xb9",
            None,
            "<?xml version='1.0' encoding='iso-8859-2'?>š",
        );
        check("ü".as_bytes(), None, "ü");
        check(b"caf\xe9 \x80", None, "café €");
        check("日本".as_bytes(), Some("text/html; charset=no-such"), "日本");
        check(b"\x93\xfa\x96\x7b", Some("text/html; charset=Shift_JIS"), "日本");
    }

    #[test]
    fn a_document_can_not_claim_utf_16_in_ascii() {
        assert_eq!(decode("<meta charset=utf-16>ü".as_bytes(), None), "<meta charset=utf-16>ü");
    }

    #[test]
    fn what_is_broken_is_replaced() {
        assert_eq!(decode(b"a\xffb", Some("text/plain; charset=utf-8")), "a\u{fffd}b");
    }
}

//! Small texts: without what isn't seen, on one line, with their entities read.

use html5gum::{Token, Tokenizer};

/// Whether a character may be shown. Controls change what a terminal shows, and what is invisible hides words from the
/// person who oversees a model.
#[must_use]
pub(crate) fn is_printable(c: char) -> bool {
    let hidden = matches!(c,
        '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
    !hidden && (c == '\n' || c == '\t' || !c.is_control())
}

/// The text without what isn't seen; line ends are `\n`.
#[must_use]
pub fn printable(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").chars().filter(|c| is_printable(*c)).collect()
}

/// One line of what may be HTML: without tags, entities read, white space made single, at most `max` characters.
#[must_use]
pub fn line(html: &str, max: usize) -> String {
    let mut text = String::new();
    for token in Tokenizer::new(html) {
        match token {
            Ok(Token::String(string)) => text.push_str(&String::from_utf8_lossy(&string.value)),
            Ok(Token::StartTag(tag)) if separates(&tag.name) => text.push(' '),
            _ => {}
        }
    }
    let text: String = text.chars().filter(|c| is_printable(*c)).collect();
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(max) {
        None => words,
        Some(_) => words.chars().take(max.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// The same for text that is no HTML: `<` and `&` mean themselves.
#[must_use]
pub fn plain_line(text: &str, max: usize) -> String {
    line(&text.replace('&', "&amp;").replace('<', "&lt;"), max)
}

/// Tags that stand between words; others, such as `<b>`, are within them.
fn separates(name: &[u8]) -> bool {
    matches!(name, b"br" | b"p" | b"div" | b"li" | b"td" | b"tr")
}

/// The text of a named entity of HTML: `nbsp` is a space that doesn't break. None if there is none of that name.
#[must_use]
pub fn entity(name: &str) -> Option<String> {
    let is_name =
        !name.is_empty() && name.len() <= 40 && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let written = format!("&{name};");
    let mut read = String::new();
    for token in Tokenizer::new(&written).filter(|_| is_name) {
        if let Ok(Token::String(string)) = token {
            read.push_str(&String::from_utf8_lossy(&string.value));
        }
    }
    // `&ltx;` begins with an entity that needs no semicolon, and that is not its name.
    let ended = read == ";" || !read.ends_with(';');
    (is_name && ended && read != written).then_some(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_no_tags_no_line_ends_and_nothing_hidden() {
        for (html, expected) in [
            ("plain", "plain"),
            ("  <b>New</b>s &amp;\n <i>m</i>ore<br>here ", "News & more here"),
            ("a\u{202e}b\u{200b}c\u{7}d\u{e0041}", "abcd"),
            ("1 < 2 &lt;b&gt;", "1 < 2 <b>"),
            ("<script>alert(1)", "alert(1)"),
        ] {
            assert_eq!(line(html, 100), expected);
        }
        assert_eq!(plain_line("1 <b>\n &amp; 2", 100), "1 <b> &amp; 2");
        assert_eq!(line("äöüß", 4), "äöüß");
        assert_eq!(line("äöüßx", 4), "äöü…");
    }

    #[test]
    fn entities_are_those_of_html() {
        assert_eq!(entity("nbsp").as_deref(), Some("\u{a0}"));
        assert_eq!(entity("hellip").as_deref(), Some("…"));
        for none in ["nosuch", "", "a b", "x;&amp", "ltx"] {
            assert_eq!(entity(none), None);
        }
    }
}

//! Guest text made safe to show: in a terminal, in a log line, to a model.

/// At most `max` bytes of `text`, on one line, with everything removed that a terminal would obey or a reader
/// would not see: control characters, bidirectional overrides, zero-width and tag characters.
#[must_use]
pub fn line(text: &str, max: usize) -> String {
    clean(text, max, |c| if matches!(c, '\n' | '\r' | '\t') { Some(' ') } else { visible(c) })
}

/// Like [`line`], but line feeds and tabs stay.
#[must_use]
pub fn lines(text: &str, max: usize) -> String {
    clean(text, max, |c| if matches!(c, '\n' | '\t') { Some(c) } else { visible(c) })
}

/// Whether `text` has a character that [`line`] and [`lines`] both remove.
#[must_use]
pub fn has_hidden(text: &str) -> bool {
    text.chars().any(|c| !matches!(c, '\n' | '\r' | '\t') && visible(c).is_none())
}

fn clean(text: &str, max: usize, keep: impl Fn(char) -> Option<char>) -> String {
    let mut out = String::with_capacity(text.len().min(max));
    for c in text.chars().filter_map(keep) {
        if out.len() + c.len_utf8() > max {
            out.push('…');
            break;
        }
        out.push(c);
    }
    out
}

fn visible(c: char) -> Option<char> {
    let hidden = c.is_control()
        || matches!(c,
            '\u{200b}'..='\u{200f}'   // zero width, direction marks
            | '\u{2028}'..='\u{202e}' // line separators, bidirectional embeddings
            | '\u{2060}'..='\u{206f}' // word joiner, isolates
            | '\u{feff}'              // byte order mark
            | '\u{fff9}'..='\u{fffb}' // interlinear annotation
            | '\u{e0000}'..='\u{e007f}'); // tags
    (!hidden).then_some(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_or_a_reader_misses_remains() {
        let hostile = "a\u{1b}[31mb\u{7}\u{9b}2J\u{202e}c\u{200b}d\u{e0041}\0\u{feff}é";
        assert_eq!(line(hostile, 100), "a[31mb2Jcdé");
        assert!(has_hidden(hostile));
        assert!(!has_hidden("plain\n\ttext é 漢"));
    }

    #[test]
    fn lines_are_joined_or_kept() {
        assert_eq!(line("a\r\nb\tc", 100), "a  b c");
        assert_eq!(lines("a\r\nb\tc", 100), "a\nb\tc");
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!(line("ééé", 5), "éé…");
        assert_eq!(line("abc", 3), "abc");
    }
}

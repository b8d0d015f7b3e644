//! Descriptions as one line per paragraph: where a doc comment was wrapped means nothing to a model or a client.
//!
//! What Markdown keeps in lines of their own (lists, tables, quotes, indented and fenced code) stays so.

/// Join the lines of each paragraph.
#[must_use]
pub(crate) fn reflow(text: &str) -> String {
    let mut reflowed = String::with_capacity(text.len());
    let (mut fenced, mut joinable) = (false, false);
    for line in text.lines() {
        let fence = line.trim_start().starts_with("```");
        let own_line = fenced || fence || line.trim().is_empty() || starts_block(line);
        if !reflowed.is_empty() {
            reflowed.push(if joinable && !own_line { ' ' } else { '\n' });
        }
        fenced ^= fence;
        // A list item goes on in the next line; a table or code doesn't.
        joinable = !fenced && !fence && !line.trim().is_empty() && !starts_verbatim(line);
        reflowed.push_str(if own_line { line } else { line.trim_start() });
    }
    reflowed
}

fn starts_block(line: &str) -> bool {
    starts_verbatim(line) || starts_item(line.trim_start())
}

fn starts_verbatim(line: &str) -> bool {
    line.starts_with("    ") || line.trim_start().starts_with(['|', '>', '#'])
}

fn starts_item(line: &str) -> bool {
    let after = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = after.len() < line.len() && (after.starts_with(". ") || after.starts_with(") "));
    numbered || ["- ", "* ", "+ "].iter().any(|bullet| line.starts_with(bullet))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(reflow(text), expected, "{text}");
    }

    #[test]
    fn the_lines_of_a_paragraph_are_joined() {
        check("one", "one");
        check("one\ntwo\n\nthree\nfour", "one two\n\nthree four");
        check("2026 is\n7 more than 2019", "2026 is 7 more than 2019");
    }

    #[test]
    fn lists_tables_quotes_and_code_keep_their_lines() {
        check("one:\n- two\n  three\n- four", "one:\n- two three\n- four");
        check("1. one\n2. two", "1. one\n2. two");
        check("one\n| a | b |\n|---|---|\nend", "one\n| a | b |\n|---|---|\nend");
        check("> one\n> two", "> one\n> two");
        check("one\n```\na\n b\n```\ntwo\nthree", "one\n```\na\n b\n```\ntwo three");
        check("one\n\n    a\n    b", "one\n\n    a\n    b");
    }
}

//! A part of a long text, cut where it hurts least.

use cofferdam_sdk::prelude::*;

/// A part of a text, in characters.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part<'a> {
    pub(crate) text: &'a str,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) total: usize,
}

impl Part<'_> {
    /// Where the next part begins, if there is one.
    pub(crate) fn next(&self) -> Option<usize> {
        (self.end < self.total).then_some(self.end)
    }
}

/// At most `max` characters from `start` on. A cut is after a paragraph, a line or a word if one ends in the last fifth.
pub(crate) fn of(text: &str, start: usize, max: usize) -> Result<Part<'_>> {
    let total = text.chars().count();
    if start > 0 && start >= total {
        return Err(ToolError::invalid(format!(
            "`start` is {start}, and the text has {total} characters: there is nothing more"
        )));
    }
    let rest = tail(text, start);
    let most = head(rest, max);
    if most.len() == rest.len() {
        return Ok(Part { text: rest, start, end: total, total });
    }
    let least = head(rest, max - max / 5).len();
    let end = ["\n\n", "\n", " "]
        .iter()
        .find_map(|cut| most.rfind(cut).map(|at| at + cut.len()).filter(|at| *at >= least));
    let text = most.get(..end.unwrap_or(most.len())).unwrap_or(most);
    Ok(Part { text, start, end: start + text.chars().count(), total })
}

fn tail(text: &str, chars: usize) -> &str {
    let at = text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at);
    text.get(at..).unwrap_or_default()
}

fn head(text: &str, chars: usize) -> &str {
    let at = text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at);
    text.get(..at).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_make_the_whole_again() {
        for text in [
            "",
            "short",
            &"äöü wörd. ".repeat(50),
            &"line of text\n".repeat(30),
            &"x".repeat(333),
            &"a b\n\n".repeat(99),
        ] {
            let mut whole = String::new();
            let mut start = Some(0);
            while let Some(at) = start {
                let part = of(text, at, 100).unwrap();
                assert!(part.text.chars().count() <= 100);
                whole.push_str(part.text);
                start = part.next();
            }
            assert_eq!(whole, text);
        }
    }

    #[test]
    fn a_cut_is_where_a_line_ends() {
        assert_eq!(
            of("aaaa bbb\ncc dddd", 0, 11).unwrap(),
            Part { text: "aaaa bbb\n", start: 0, end: 9, total: 16 }
        );
    }

    #[test]
    fn a_start_behind_the_end_is_refused() {
        let refused =
            ToolError::invalid("`start` is 3, and the text has 3 characters: there is nothing more");
        assert_eq!(of("abc", 3, 10), Err(refused));
    }
}

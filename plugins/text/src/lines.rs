//! Where a byte offset lies in a text, in the terms that people and editors use: line and column from 1.
//!
//! A line ends at `\n`; a `\r` before it belongs to the ending. Columns count characters (Unicode scalar
//! values), not bytes and not graphemes.

/// A text with the starts of its lines.
pub(crate) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    /// Line, from 1.
    pub(crate) line: usize,
    /// Column in characters, from 1.
    pub(crate) column: usize,
}

impl<'a> Lines<'a> {
    /// Finds the lines of `text`.
    pub(crate) fn of(text: &'a str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    /// How many lines there are; a text that ends in a line break has an empty line after it.
    pub(crate) fn count(&self) -> usize {
        self.starts.len()
    }

    /// The line (from 1) that holds the byte `offset`.
    pub(crate) fn line_at(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).max(1)
    }

    /// Line and column of the byte `offset`.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let line = self.line_at(offset);
        let before = self.text.get(self.start(line)..offset).unwrap_or_default();
        Position { line, column: before.chars().count() + 1 }
    }

    /// The text of `line` (from 1) without its line break; empty when there is no such line.
    pub(crate) fn text(&self, line: usize) -> &'a str {
        let end = self.starts.get(line).map_or(self.text.len(), |next| next.saturating_sub(1));
        let text = self.text.get(self.start(line)..end).unwrap_or_default();
        text.strip_suffix('\r').unwrap_or(text)
    }

    fn start(&self, line: usize) -> usize {
        self.starts.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_become_lines_and_columns() {
        let lines = Lines::of("one\r\nzwölf\n\nend");
        assert_eq!(lines.count(), 4);
        for (offset, line, column) in
            [(0, 1, 1), (3, 1, 4), (5, 2, 1), (9, 2, 4), (12, 3, 1), (13, 4, 1), (16, 4, 4)]
        {
            assert_eq!(lines.position(offset), Position { line, column }, "offset {offset}");
        }
    }

    #[test]
    fn lines_come_without_their_breaks() {
        let lines = Lines::of("one\r\nzwölf\n\nend");
        assert_eq!([1, 2, 3, 4, 5].map(|line| lines.text(line)), ["one", "zwölf", "", "end", ""]);
    }

    #[test]
    fn an_empty_text_has_one_empty_line() {
        let lines = Lines::of("");
        assert_eq!((lines.count(), lines.text(1)), (1, ""));
        assert_eq!(lines.position(0), Position { line: 1, column: 1 });
    }
}

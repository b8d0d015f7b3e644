//! Markdown while it is written: blocks with their indentation, and the marks of what is within a line.

use crate::clean::is_printable;

/// Quotes and lists within each other that are shown; deeper ones look like the last.
const NESTED: usize = 12;

/// What separates two blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Gap {
    None,
    Line,
    Blank,
}

/// What stands before each line of a block: the first one, and the others.
#[derive(Debug)]
struct Prefix {
    first: Option<String>,
    rest: String,
}

/// Text with a mark around it.
#[derive(Debug)]
struct Mark {
    text: &'static str,
    written: bool,
}

/// A Markdown document, or what is within one line of it.
#[derive(Debug)]
pub(crate) struct Writer {
    out: String,
    prefixes: Vec<Prefix>,
    marks: Vec<Mark>,
    gap: Gap,
    space: bool,
    /// Within one line there are no blocks.
    inline: bool,
    in_table: bool,
}

impl Writer {
    pub(crate) fn new() -> Self {
        Self {
            out: String::new(),
            prefixes: Vec::new(),
            marks: Vec::new(),
            gap: Gap::None,
            space: false,
            inline: false,
            in_table: false,
        }
    }

    /// A writer for what is within one line, in a table or not.
    pub(crate) fn inline(in_table: bool) -> Self {
        Self { inline: true, in_table, ..Self::new() }
    }

    pub(crate) fn is_inline(&self) -> bool {
        self.inline
    }

    pub(crate) fn is_in_table(&self) -> bool {
        self.in_table
    }

    pub(crate) fn finish(self) -> String {
        self.out
    }

    /// The next text begins a block.
    pub(crate) fn gap(&mut self, gap: Gap) {
        if self.inline {
            self.space = true;
            return;
        }
        // A mark doesn't reach across blocks: it ends here, and begins again.
        for mark in self.marks.iter_mut().rev().filter(|mark| mark.written) {
            self.out.push_str(mark.text);
            mark.written = false;
        }
        self.space = false;
        self.gap = self.gap.max(gap);
    }

    /// Lines from here to [`Writer::leave`] have this before them.
    pub(crate) fn enter(&mut self, first: &str, rest: &str) {
        let shown = self.prefixes.iter().filter(|prefix| !prefix.rest.is_empty()).count() < NESTED;
        let (first, rest) =
            if shown { (Some(first.to_owned()), rest.to_owned()) } else { (None, String::new()) };
        self.prefixes.push(Prefix { first, rest });
    }

    pub(crate) fn leave(&mut self) {
        self.prefixes.pop();
    }

    /// Text as a browser shows it: white space is one space.
    pub(crate) fn text(&mut self, text: &str) {
        let mut chars = text.chars().filter(|c| is_printable(*c)).peekable();
        let mut before = ' ';
        while let Some(c) = chars.next() {
            if c.is_whitespace() && c != '\u{a0}' {
                self.space = true;
                before = ' ';
                continue;
            }
            let starts = self.flush();
            let c = if c == '\u{a0}' { ' ' } else { c };
            if self.needs_escape(c, before, chars.peek().copied(), starts) {
                self.out.push('\\');
            }
            self.out.push(c);
            before = c;
        }
    }

    /// Text with a meaning of its own, as it is.
    pub(crate) fn raw(&mut self, text: &str) {
        if !text.is_empty() {
            self.flush();
            self.out.push_str(text);
        }
    }

    /// Lines as they are, each behind what stands before a block's lines.
    pub(crate) fn lines(&mut self, text: &str) {
        for line in text.split('\n') {
            self.gap = self.gap.max(Gap::Line);
            self.space = false;
            self.flush();
            self.out.push_str(line);
        }
    }

    /// Puts a mark around what comes up to [`Writer::unmark`]: not around white space, and not around nothing.
    pub(crate) fn mark(&mut self, text: &'static str) {
        self.marks.push(Mark { text, written: false });
    }

    pub(crate) fn unmark(&mut self) {
        if let Some(mark) = self.marks.pop()
            && mark.written
        {
            self.out.push_str(mark.text);
        }
    }

    /// Writes what is due before the next character. Whether that one is the first of its line.
    fn flush(&mut self) -> bool {
        let starts = self.out.is_empty() || self.gap != Gap::None;
        if self.out.is_empty() {
            self.prefix();
        } else {
            match self.gap {
                Gap::None if self.space => self.out.push(' '),
                Gap::None => {}
                Gap::Line => {
                    self.out.push('\n');
                    self.prefix();
                }
                Gap::Blank => {
                    self.out.push('\n');
                    self.blank();
                    self.out.push('\n');
                    self.prefix();
                }
            }
        }
        self.gap = Gap::None;
        self.space = false;
        for mark in self.marks.iter_mut().filter(|mark| !mark.written) {
            self.out.push_str(mark.text);
            mark.written = true;
        }
        starts
    }

    fn prefix(&mut self) {
        for prefix in &mut self.prefixes {
            self.out.push_str(&prefix.first.take().unwrap_or_else(|| prefix.rest.clone()));
        }
    }

    /// An empty line within the blocks that have begun.
    fn blank(&mut self) {
        let begun = self.prefixes.iter().take_while(|prefix| prefix.first.is_none());
        let line: String = begun.map(|prefix| prefix.rest.as_str()).collect();
        self.out.push_str(line.trim_end());
    }

    /// Whether a character would be read as Markdown.
    fn needs_escape(&self, c: char, before: char, after: Option<char>, starts: bool) -> bool {
        let then = |test: fn(char) -> bool| after.is_none_or(test);
        match c {
            '`' => true,
            '*' | '_' => {
                before.is_whitespace() != then(char::is_whitespace)
                    && !(before.is_alphanumeric() && then(char::is_alphanumeric))
            }
            '|' => self.in_table,
            '<' => after.is_some_and(|c| c.is_ascii_alphabetic() || c == '/' || c == '!'),
            '#' | '>' => starts && !self.inline,
            '-' | '+' => starts && !self.inline && then(char::is_whitespace),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_is_single_and_stays_outside_marks() {
        let mut writer = Writer::new();
        writer.text(" a ");
        writer.mark("**");
        writer.text(" b\n c ");
        writer.unmark();
        writer.mark("**");
        writer.text("  ");
        writer.unmark();
        writer.text("d");
        assert_eq!(writer.finish(), "a **b c** d");
    }

    #[test]
    fn a_mark_ends_with_its_block_and_begins_again() {
        let mut writer = Writer::new();
        writer.mark("_");
        writer.text("a");
        writer.gap(Gap::Blank);
        writer.text("b");
        writer.unmark();
        assert_eq!(writer.finish(), "_a_\n\n_b_");
    }

    #[test]
    fn lines_of_blocks_within_blocks_are_indented() {
        let mut writer = Writer::new();
        writer.enter("> ", "> ");
        writer.enter("- ", "  ");
        writer.text("a");
        writer.gap(Gap::Blank);
        writer.text("b");
        writer.leave();
        writer.gap(Gap::Line);
        writer.enter("- ", "  ");
        writer.text("c");
        assert_eq!(writer.finish(), "> - a\n>\n>   b\n> - c");
    }

    #[test]
    fn what_would_be_markdown_is_escaped_and_nothing_else() {
        for (text, expected) in [
            ("snake_case 2*3 a * b", "snake_case 2*3 a * b"),
            ("*x* _y_ `z`", "\\*x\\* \\_y\\_ \\`z\\`"),
            ("# a # b", "\\# a # b"),
            ("- a - b -1", "\\- a - b -1"),
            ("<b> 1 < 2", "\\<b> 1 < 2"),
        ] {
            let mut writer = Writer::new();
            writer.text(text);
            assert_eq!(writer.finish(), expected);
        }
    }
}

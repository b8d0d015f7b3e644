//! How a mistake in the operator's file is shown: the very line, what was expected, what to do.
//!
//! Only shows. What is a mistake is decided in [`crate::config`]; where the text goes, in [`crate::cli`].

use std::{fmt, ops::Range, sync::Arc};

use annotate_snippets::{AnnotationKind, Element, Level, Renderer, Snippet};

/// A text that values are read from: the file, one environment variable, one flag.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// What it is called: a path, `environment`, `command line`.
    pub(crate) name: String,
    /// All of it.
    pub(crate) text: String,
}

impl Source {
    /// The number of the line at this offset, from 1.
    #[must_use]
    pub(crate) fn line(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().iter().take(offset);
        1 + before.filter(|byte| **byte == b'\n').count()
    }
}

/// A part of a [`Source`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The text.
    pub(crate) source: Arc<Source>,
    /// Offsets in bytes.
    pub(crate) span: Range<usize>,
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Diagnostic {
    /// What is wrong, in one line.
    pub(crate) title: String,
    /// Where; none if it is about something that isn't there.
    pub(crate) place: Option<Place>,
    /// At the place: what was expected and what was found.
    pub(crate) label: String,
    /// What else is good to know.
    pub(crate) notes: Vec<String>,
    /// What to do.
    pub(crate) help: String,
}

impl Diagnostic {
    /// As the compiler would show it; in colour for a terminal.
    #[must_use]
    pub(crate) fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let mut elements: Vec<Element<'_>> = Vec::new();
        match &self.place {
            Some(place) => elements.push(snippet(place, &self.label).into()),
            None if self.label.is_empty() => {}
            None => elements.push(Level::NOTE.message(self.label.as_str()).into()),
        }
        elements.extend(self.notes.iter().map(|note| Level::NOTE.message(note.as_str()).into()));
        elements.push(Level::HELP.message(self.help.as_str()).into());
        let title = Level::ERROR.primary_title(self.title.as_str());
        renderer.render(&[title.elements(elements)])
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

fn snippet<'a>(place: &'a Place, label: &'a str) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let text = place.source.text.as_str();
    let annotation = AnnotationKind::Primary.span(within(text, &place.span));
    let annotation = if label.is_empty() { annotation } else { annotation.label(label) };
    Snippet::source(text).path(place.source.name.as_str()).annotation(annotation)
}

/// The span cut to what exists, and to its first line: a table that is wrong as a whole is shown by its head.
fn within(text: &str, span: &Range<usize>) -> Range<usize> {
    let start = span.start.min(text.len());
    let end = span.end.clamp(start, text.len());
    match text.get(start..end).and_then(|part| part.find('\n')) {
        Some(length) => start..start + length,
        None => start..end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diagnostic(span: Range<usize>) -> Diagnostic {
        let text = "a = 1\n[table]\nkey = [\n  1,\n]\n".to_owned();
        Diagnostic {
            title: "wrong value".to_owned(),
            place: Some(Place { source: Arc::new(Source { name: "f.toml".to_owned(), text }), span }),
            label: "expected a, found b".to_owned(),
            notes: vec!["it matters".to_owned()],
            help: "write c".to_owned(),
        }
    }

    #[test]
    fn a_mistake_is_shown_on_its_line_with_what_to_do() {
        let shown = diagnostic(7..12).render(false);
        assert_eq!(
            shown,
            "error: wrong value\n --> f.toml:2:2\n  |\n2 | [table]\n  |  ^^^^^ expected a, found b\n  |\n  = note: it matters\n  = help: write c"
        );
    }

    #[test]
    fn a_value_over_several_lines_is_shown_by_its_first() {
        let shown = diagnostic(20..29).render(false);
        assert!(shown.contains("3 | key = [\n  |       ^ expected a, found b\n"), "{shown}");
    }

    #[test]
    fn a_span_beyond_the_text_does_no_harm() {
        assert!(diagnostic(1000..2000).render(false).contains("expected a, found b"));
    }

    #[test]
    fn colour_is_there_only_when_asked_for() {
        assert!(!diagnostic(0..1).render(false).contains('\u{1b}'));
        assert!(diagnostic(0..1).render(true).contains('\u{1b}'));
    }

    #[test]
    fn lines_are_counted_from_one() {
        let source = Source { name: String::new(), text: "a\nb\nc".to_owned() };
        assert_eq!((source.line(0), source.line(2), source.line(4), source.line(99)), (1, 2, 3, 3));
    }
}

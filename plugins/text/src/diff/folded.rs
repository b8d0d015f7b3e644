//! A text that remembers which of its lines hold changes, and can leave the other ones out.

/// Lines, each with whether it holds a change.
#[derive(Default)]
pub(super) struct Folded {
    lines: Vec<(String, bool)>,
}

impl Folded {
    /// Appends `text`; every line that it touches counts as changed when `changed` is set.
    pub(super) fn push(&mut self, text: &str, changed: bool) {
        for piece in text.split_inclusive('\n') {
            match self.lines.last_mut() {
                Some((line, has_change)) if !line.ends_with('\n') => {
                    line.push_str(piece);
                    *has_change |= changed;
                }
                _ => self.lines.push((piece.to_owned(), changed)),
            }
        }
    }

    /// The changed lines with `context` lines around each, and a note in place of the others.
    /// Empty when nothing changed.
    pub(super) fn around_changes(&self, context: usize) -> String {
        if !self.lines.iter().any(|(_, changed)| *changed) {
            return String::new();
        }
        let shown = self.shown(context);
        let mut out = String::new();
        let mut hidden = 0;
        for ((line, _), shown) in self.lines.iter().zip(shown) {
            if shown {
                note_hidden(&mut out, std::mem::take(&mut hidden));
                out.push_str(line);
            } else {
                hidden += 1;
            }
        }
        note_hidden(&mut out, hidden);
        out
    }

    /// Which lines are at most `context` lines away from a change.
    fn shown(&self, context: usize) -> Vec<bool> {
        let near = |changed: &mut dyn Iterator<Item = bool>| -> Vec<bool> {
            let mut distance = usize::MAX;
            changed
                .map(|changed| {
                    distance = if changed { 0 } else { distance.saturating_add(1) };
                    distance <= context
                })
                .collect()
        };
        let after = near(&mut self.lines.iter().map(|(_, changed)| *changed));
        let before = near(&mut self.lines.iter().rev().map(|(_, changed)| *changed));
        after.into_iter().zip(before.into_iter().rev()).map(|(after, before)| after || before).collect()
    }
}

fn note_hidden(out: &mut String, hidden: usize) {
    match hidden {
        0 => {}
        1 => out.push_str("… (1 unchanged line)\n"),
        _ => out.push_str(&format!("… ({hidden} unchanged lines)\n")),
    }
}

#[cfg(test)]
mod tests {
    use super::Folded;

    #[test]
    fn only_lines_near_changes_are_shown() {
        let mut folded = Folded::default();
        for (text, changed) in [("a\nb\nc\n", false), ("d", false), ("!", true), ("\ne\nf\ng\n", false)] {
            folded.push(text, changed);
        }
        for (context, expected) in [
            (0, "… (3 unchanged lines)\nd!\n… (3 unchanged lines)\n"),
            (2, "… (1 unchanged line)\nb\nc\nd!\ne\nf\n… (1 unchanged line)\n"),
            (9, "a\nb\nc\nd!\ne\nf\ng\n"),
        ] {
            assert_eq!(folded.around_changes(context), expected, "context {context}");
        }
    }

    #[test]
    fn without_a_change_nothing_is_shown() {
        let mut folded = Folded::default();
        folded.push("a\nb", false);
        assert_eq!(folded.around_changes(3), "");
    }
}

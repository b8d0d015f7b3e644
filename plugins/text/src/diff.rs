//! The tool `diff`: what changed between two texts.
//!
//! By lines it writes the unified format that `patch` and every reviewer read; by words it writes the new
//! text with `[-removed-]` and `{+added+}` marks, as `git diff --word-diff` does.

use cofferdam_sdk::prelude::*;

use crate::bounds;

mod folded;
mod lines;
mod ops;
mod words;

/// The two texts and how to compare them.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    /// The text before.
    #[schemars(length(max = bounds::MAX_TEXT))]
    old: String,
    /// The text after.
    #[schemars(length(max = bounds::MAX_TEXT))]
    new: String,
    /// `lines`: unified diff. `words`: the text with `[-removed-]` and `{+added+}` words, better for prose.
    #[serde(default)]
    by: Unit,
    /// `exact`: every space counts. `ignore_amount`: runs of white space are equal, and white space at the
    /// end of a line is nothing (indentation still counts). `ignore_all`: white space is no difference at all.
    #[serde(default)]
    whitespace: Whitespace,
    /// Unchanged lines to show around each change (for `words`: lines around a changed line).
    #[schemars(range(max = 100))]
    #[serde(default = "three")]
    context: usize,
    /// Name of the old text in the header of the diff.
    #[schemars(length(min = 1, max = 200), regex(pattern = r"^[^\r\n]*$"))]
    #[serde(default = "old")]
    old_name: String,
    /// Name of the new text in the header of the diff.
    #[schemars(length(min = 1, max = 200), regex(pattern = r"^[^\r\n]*$"))]
    #[serde(default = "new")]
    new_name: String,
    /// Cut the diff after this many lines; the statistics always cover the whole texts.
    #[schemars(range(min = 1, max = 10_000))]
    #[serde(default = "thousand")]
    max_lines: usize,
}

fn three() -> usize {
    3
}

fn thousand() -> usize {
    1000
}

fn old() -> String {
    "old".to_owned()
}

fn new() -> String {
    "new".to_owned()
}

/// What is compared.
#[derive(Clone, Copy, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Unit {
    #[default]
    Lines,
    Words,
}

/// Which white space makes a difference.
#[derive(Clone, Copy, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Whitespace {
    #[default]
    Exact,
    IgnoreAmount,
    IgnoreAll,
}

/// The differences between two texts.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Difference {
    /// Whether there is no difference under the chosen settings.
    pub(crate) identical: bool,
    /// The diff; empty when there is no difference.
    pub(crate) diff: String,
    /// Lines (or words) that only the new text has.
    pub(crate) added: usize,
    /// Lines (or words) that only the old text has.
    pub(crate) removed: usize,
    /// Lines (or words) that both have.
    pub(crate) unchanged: usize,
    /// How alike the texts are, from 0 (nothing in common) to 1 (identical).
    pub(crate) similarity: f64,
    /// Whether the diff was cut after `max_lines` lines.
    pub(crate) truncated: bool,
}

/// Compare two texts: a unified diff by lines, or marked changes by words, with numbers of added, removed and
/// unchanged lines or words and a similarity. Use it to see or explain exactly what changed; it can ignore
/// white space.
#[tool(title = "Compare two texts", read_only, idempotent, open_world = false)]
pub(crate) fn diff(args: Args) -> Result<Difference> {
    let compared = match args.by {
        Unit::Lines => lines::compare(&args),
        Unit::Words => words::compare(&args),
    };
    let (diff, truncated) = cut(compared.rendered, args.max_lines);
    bounds::check_output(diff.len())?;
    let Counted { identical, added, removed, unchanged } = compared.counted;
    Ok(Difference {
        identical,
        diff,
        added,
        removed,
        unchanged,
        similarity: similarity(&compared.counted),
        truncated,
    })
}

/// What the two ways of comparing give.
struct Compared {
    rendered: String,
    counted: Counted,
}

/// How many units were added, removed and kept.
#[derive(Debug, Default, PartialEq)]
struct Counted {
    identical: bool,
    added: usize,
    removed: usize,
    unchanged: usize,
}

/// Twice the common units over all units, as difflib's ratio; rounded to four places.
fn similarity(counted: &Counted) -> f64 {
    let all = counted.added + counted.removed + 2 * counted.unchanged;
    if all == 0 {
        return 1.0;
    }
    let ratio = (2 * counted.unchanged) as f64 / all as f64;
    (ratio * 10_000.0).round() / 10_000.0
}

fn cut(text: String, max_lines: usize) -> (String, bool) {
    match text.match_indices('\n').nth(max_lines - 1) {
        Some((at, _)) if at + 1 < text.len() => (text.get(..=at).unwrap_or_default().to_owned(), true),
        _ => (text, false),
    }
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock;

    use super::*;

    pub(super) fn call(args: serde_json::Value) -> Result<Difference> {
        mock::Host::new().call::<diff>(args)
    }

    #[test]
    fn equal_texts_are_identical() {
        for by in ["lines", "words"] {
            let same = call(json!({"old": "a b\nc\n", "new": "a b\nc\n", "by": by})).unwrap();
            assert_eq!((same.identical, same.diff.as_str(), same.similarity), (true, "", 1.0), "{by}");
            let empty = call(json!({"old": "", "new": "", "by": by})).unwrap();
            assert_eq!((empty.identical, empty.similarity), (true, 1.0), "{by}");
        }
    }

    #[test]
    fn a_long_diff_is_cut_but_counted_whole() {
        let new: String = (0..50).map(|n| format!("{n}\n")).collect();
        let long = call(json!({"old": "", "new": new, "max_lines": 5})).unwrap();
        assert_eq!(long.diff, "--- old\n+++ new\n@@ -0,0 +1,50 @@\n+0\n+1\n");
        assert_eq!((long.added, long.truncated), (50, true));
    }

    #[test]
    fn a_diff_of_exactly_the_maximum_is_not_cut() {
        let exact = call(json!({"old": "", "new": "a\n", "max_lines": 4})).unwrap();
        assert_eq!((exact.diff.as_str(), exact.truncated), ("--- old\n+++ new\n@@ -0,0 +1 @@\n+a\n", false));
    }
}

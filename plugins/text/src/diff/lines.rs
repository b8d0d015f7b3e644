//! Comparing by lines: a unified diff.

use similar::{DiffOp, DiffTag, TextDiff, WhitespaceMode};

use super::{Args, Compared, Counted, Whitespace};

/// The unified diff of the two texts, and its numbers.
pub(super) fn compare(args: &Args) -> Compared {
    let diff = TextDiff::configure()
        .whitespace_mode(mode(args.whitespace))
        .diff_lines(args.old.as_str(), args.new.as_str());
    let rendered =
        diff.unified_diff().context_radius(args.context).header(&args.old_name, &args.new_name).to_string();
    Compared { rendered, counted: count(diff.ops()) }
}

fn mode(whitespace: Whitespace) -> WhitespaceMode {
    match whitespace {
        Whitespace::Exact => WhitespaceMode::Exact,
        Whitespace::IgnoreAmount => WhitespaceMode::IgnoreChanges,
        Whitespace::IgnoreAll => WhitespaceMode::IgnoreAll,
    }
}

fn count(ops: &[DiffOp]) -> Counted {
    let mut counted = Counted { identical: true, ..Counted::default() };
    for op in ops {
        match op.tag() {
            DiffTag::Equal => counted.unchanged += op.new_range().len(),
            _ => {
                counted.identical = false;
                counted.removed += op.old_range().len();
                counted.added += op.new_range().len();
            }
        }
    }
    counted
}

#[cfg(test)]
mod tests {
    use super::super::tests::call;
    use cofferdam_sdk::prelude::*;

    #[test]
    fn lines_become_a_unified_diff_with_numbers() {
        let difference = call(json!({
            "old": "one\ntwo\nthree\nfour\nfive\n", "new": "one\n2\nthree\nfour\nfive\nsix\n",
            "context": 1, "old_name": "a.txt", "new_name": "b.txt",
        }))
        .unwrap();
        let expected =
            "--- a.txt\n+++ b.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n@@ -5 +5,2 @@\n five\n+six\n";
        assert_eq!(difference.diff, expected);
        assert_eq!((difference.added, difference.removed, difference.unchanged), (2, 1, 4));
        assert_eq!((difference.identical, difference.similarity), (false, 0.7273));
    }

    #[test]
    fn a_missing_line_break_at_the_end_is_said() {
        let difference = call(json!({"old": "a\n", "new": "a"})).unwrap();
        assert_eq!(difference.diff, "--- old\n+++ new\n@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n");
    }

    #[test]
    fn white_space_can_be_ignored() {
        for (whitespace, old, new, identical) in [
            ("exact", "a b\n", "a  b\n", false),
            ("ignore_amount", "a b\n", "a  b \n", true),
            ("ignore_amount", "a b\n", "ab\n", false),
            ("ignore_amount", "a\r\n", "a\n", true),
            ("ignore_all", "if (x) {\n", "  if(x){\n", true),
        ] {
            let args = json!({"old": old, "new": new, "whitespace": whitespace});
            assert_eq!(call(args).unwrap().identical, identical, "{whitespace} {old:?} {new:?}");
        }
    }
}

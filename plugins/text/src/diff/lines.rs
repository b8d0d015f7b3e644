//! Comparing by lines: a unified diff.

use std::borrow::Cow;

use similar::udiff::UnifiedHunkHeader;
use similar::{DiffOp, DiffTag, group_diff_ops};

use super::ops::operations;
use super::{Args, Compared, Counted, Whitespace};

/// The unified diff of the two texts, and its numbers.
pub(super) fn compare(args: &Args) -> Compared {
    let old: Vec<&str> = args.old.split_inclusive('\n').collect();
    let new: Vec<&str> = args.new.split_inclusive('\n').collect();
    let keys = |lines: &[&'_ str]| {
        lines.iter().map(|line| key(line, args.whitespace).into_owned()).collect::<Vec<_>>()
    };
    let ops = operations(&keys(&old), &keys(&new));
    let counted = count(&ops);
    let mut rendered = String::new();
    if !counted.identical {
        rendered = format!("--- {}\n+++ {}\n", args.old_name, args.new_name);
        for hunk in group_diff_ops(ops, args.context) {
            render(&hunk, &old, &new, &mut rendered);
        }
    }
    Compared { rendered, counted }
}

/// What makes two lines equal.
fn key(line: &str, whitespace: Whitespace) -> Cow<'_, str> {
    match whitespace {
        Whitespace::Exact => Cow::Borrowed(line),
        Whitespace::IgnoreAll => line.split_whitespace().collect(),
        Whitespace::IgnoreAmount => {
            let indent =
                if line.starts_with(char::is_whitespace) && !line.trim().is_empty() { " " } else { "" };
            Cow::Owned(line.split_whitespace().fold(String::new(), |mut key, word| {
                key.push_str(if key.is_empty() { indent } else { " " });
                key.push_str(word);
                key
            }))
        }
    }
}

fn render(hunk: &[DiffOp], old: &[&str], new: &[&str], out: &mut String) {
    if hunk.is_empty() {
        return;
    }
    out.push_str(&format!("{}\n", UnifiedHunkHeader::new(hunk)));
    for op in hunk {
        let was = old.get(op.old_range()).unwrap_or_default();
        let is = new.get(op.new_range()).unwrap_or_default();
        match op.tag() {
            DiffTag::Equal => lines(' ', is, out),
            _ => {
                lines('-', was, out);
                lines('+', is, out);
            }
        }
    }
}

fn lines(sign: char, lines: &[&str], out: &mut String) {
    for line in lines {
        out.push(sign);
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
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
            ("ignore_amount", "a b\n", "a\t b \n", true),
            ("ignore_amount", "a b\n", "ab\n", false),
            ("ignore_amount", "  a\n", "\ta\n", true),
            ("ignore_amount", "a\n", " a\n", false),
            ("ignore_amount", "a\r\n", "a\n", true),
            ("ignore_amount", "a\n", "a", true),
            ("ignore_amount", "  \n", "\n", true),
            ("ignore_all", "if (x) {\n", "  if(x){\n", true),
            ("ignore_all", "a\n\n", "a\n", false),
        ] {
            let args = json!({"old": old, "new": new, "whitespace": whitespace});
            assert_eq!(call(args).unwrap().identical, identical, "{whitespace} {old:?} {new:?}");
        }
    }
}

//! Comparing by words: the new text with marks for what went and what came.
//!
//! A token is a word or a punctuation mark together with the white space before it, so that white space can
//! be compared or ignored without tokens of its own. Lines far from every change are left out.

use std::ops::Range;

use similar::{DiffOp, DiffTag, DiffableStr};
use unicode_segmentation::UnicodeSegmentation;

use super::folded::Folded;
use super::ops::operations;
use super::{Args, Compared, Counted, Whitespace};

/// A word with the white space before it; the word is empty for white space at the end of the text.
#[derive(Clone, Copy)]
struct Token<'a> {
    space: &'a str,
    word: &'a str,
}

/// The marked text, and its numbers.
pub(super) fn compare(args: &Args) -> Compared {
    let old = tokens(&args.old, args.whitespace);
    let new = tokens(&args.new, args.whitespace);
    let ops = operations(&keys(&old, args.whitespace), &keys(&new, args.whitespace));
    let mut folded = Folded::default();
    for op in &ops {
        render(op, &old, &new, &mut folded);
    }
    Compared { rendered: folded.around_changes(args.context), counted: count(&ops, &old, &new) }
}

fn tokens(text: &str, whitespace: Whitespace) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut space = "";
    for piece in text.tokenize_words() {
        if piece.trim().is_empty() {
            space = piece;
            continue;
        }
        for word in piece.split_word_bounds() {
            tokens.push(Token { space, word });
            space = "";
        }
    }
    if !space.is_empty() && matches!(whitespace, Whitespace::Exact) {
        tokens.push(Token { space, word: "" });
    }
    tokens
}

fn keys<'a>(tokens: &[Token<'a>], whitespace: Whitespace) -> Vec<(&'a str, &'a str)> {
    tokens.iter().map(|token| key(*token, whitespace)).collect()
}

/// What makes two tokens equal.
fn key(token: Token<'_>, whitespace: Whitespace) -> (&str, &str) {
    let space = match whitespace {
        Whitespace::Exact => token.space,
        Whitespace::IgnoreAmount if !token.space.is_empty() => " ",
        Whitespace::IgnoreAmount | Whitespace::IgnoreAll => "",
    };
    (space, token.word)
}

fn count(ops: &[DiffOp], old: &[Token<'_>], new: &[Token<'_>]) -> Counted {
    let mut counted = Counted { identical: true, ..Counted::default() };
    for op in ops {
        let (was, is) = (words(old, op.old_range()), words(new, op.new_range()));
        if op.tag() == DiffTag::Equal {
            counted.unchanged += is;
            continue;
        }
        counted.identical = false;
        counted.removed += was;
        counted.added += is;
    }
    counted
}

/// How many tokens of a range have a word.
fn words(tokens: &[Token<'_>], range: Range<usize>) -> usize {
    tokens.get(range).unwrap_or_default().iter().filter(|token| !token.word.is_empty()).count()
}

fn render(op: &DiffOp, old: &[Token<'_>], new: &[Token<'_>], out: &mut Folded) {
    let was = old.get(op.old_range()).unwrap_or_default();
    let is = new.get(op.new_range()).unwrap_or_default();
    if op.tag() == DiffTag::Equal {
        return out.push(&joined(is), false);
    }
    let (space, was, is) = without_shared_space(joined(was), joined(is));
    out.push(&space, false);
    if !was.is_empty() {
        out.push(&format!("[-{was}-]"), true);
    }
    if !is.is_empty() {
        out.push(&format!("{{+{is}+}}"), true);
    }
}

fn joined(tokens: &[Token<'_>]) -> String {
    tokens.iter().flat_map(|token| [token.space, token.word]).collect()
}

/// Takes the white space that both sides start with out of the marks: `the [-old-]{+new+} cat`.
fn without_shared_space(was: String, is: String) -> (String, String, String) {
    let space_of =
        |text: &str| text.get(..text.len() - text.trim_start().len()).unwrap_or_default().to_owned();
    let (was_space, is_space) = (space_of(&was), space_of(&is));
    let only_space = (!was.is_empty() && was_space == was) || (!is.is_empty() && is_space == is);
    let shared = if was.is_empty() {
        is_space
    } else if is.is_empty() || was_space == is_space {
        was_space
    } else {
        String::new()
    };
    if only_space || shared.is_empty() {
        return (String::new(), was, is);
    }
    let cut = |text: String| text.strip_prefix(&shared).map(str::to_owned).unwrap_or(text);
    let (was, is) = (cut(was), cut(is));
    (shared, was, is)
}

#[cfg(test)]
mod tests {
    use super::super::tests::call;
    use cofferdam_sdk::prelude::*;

    #[test]
    fn words_are_marked_where_they_changed() {
        for (old, new, expected, added, removed) in [
            ("the old cat", "the new cat", "the [-old-]{+new+} cat", 1, 1),
            ("a b c", "a c", "a [-b-] c", 0, 1),
            ("a c", "a b c", "a {+b+} c", 1, 0),
            ("It works.", "It works!", "It works[-.-]{+!+}", 1, 1),
            ("a b", "a  b", "a[- b-]{+  b+}", 1, 1),
            ("a", "a\n", "a{+\n+}", 0, 0),
            ("", "x", "{+x+}", 1, 0),
            ("don't go", "don't stay", "don't [-go-]{+stay+}", 1, 1),
        ] {
            let difference = call(json!({"old": old, "new": new, "by": "words"})).unwrap();
            assert_eq!(difference.diff, expected);
            assert_eq!((difference.added, difference.removed, difference.identical), (added, removed, false));
        }
    }

    #[test]
    fn white_space_can_be_ignored_between_words() {
        for (whitespace, old, new, identical) in [
            ("exact", "a b", "a\nb", false),
            ("ignore_amount", "a b", "a\n  b\n", true),
            ("ignore_amount", "f(x)", "f( x )", false),
            ("ignore_all", "f(x)", "f( x )", true),
        ] {
            let args = json!({"old": old, "new": new, "by": "words", "whitespace": whitespace});
            assert_eq!(call(args).unwrap().identical, identical, "{whitespace} {old:?} {new:?}");
        }
    }

    #[test]
    fn lines_far_from_a_change_are_folded() {
        let old: String = (1..=20).map(|n| format!("line {n}\n")).collect();
        let new = old.replace("line 10\n", "row 10\n");
        let difference = call(json!({"old": old, "new": new, "by": "words", "context": 1})).unwrap();
        let expected = "… (8 unchanged lines)\nline 9\n[-line-]{+row+} 10\nline 11\n… (9 unchanged lines)\n";
        assert_eq!(difference.diff, expected);
        assert_eq!((difference.unchanged, difference.similarity), (39, 0.975));
    }
}

//! The tool `replace`: search and replace in a text.

use cofferdam_sdk::prelude::*;
use regex::{Captures, Regex};

use crate::{bounds, pattern, template};

/// What to replace, and with what.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    /// The text to change.
    #[schemars(length(max = bounds::MAX_TEXT))]
    text: String,
    /// What to find: a regular expression such as `(\w+)@(\w+)`, or plain text with `literal`.
    #[schemars(length(min = 1, max = bounds::MAX_PATTERN))]
    pattern: String,
    /// What to put in its place; empty deletes.
    /// `$1`, `${1}` and `${name}` insert groups of the pattern, `$0` the whole match, `$$` a dollar sign.
    /// With `literal` it is taken as it stands.
    #[schemars(length(max = 100_000))]
    replacement: String,
    /// Replace only this many matches, from the start of the text; absent means all of them.
    #[schemars(range(min = 1, max = 1_000_000))]
    #[serde(default)]
    max_replacements: Option<usize>,
    #[serde(flatten)]
    options: pattern::Options,
}

/// The changed text.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Replaced {
    /// The text after the replacements.
    pub(crate) text: String,
    /// How many matches were replaced.
    pub(crate) replacements: usize,
    /// How many matches were left alone because of `max_replacements`.
    pub(crate) left: usize,
}

/// Replace every match of a regular expression or of a plain text, with groups, case-insensitive matching
/// and a maximum count. Use it for exact, repeatable edits of a text that you have; returns the whole
/// changed text and how many matches were replaced.
#[tool(title = "Search and replace", read_only, idempotent, open_world = false)]
pub(crate) fn replace(args: Args) -> Result<Replaced> {
    let regex = pattern::compile(&args.pattern, &args.options)?;
    if !args.options.literal {
        template::check(&args.replacement, &regex)?;
    }
    let put = |captures: &Captures<'_>, out: &mut String| {
        if args.options.literal {
            out.push_str(&args.replacement);
        } else {
            captures.expand(&args.replacement, out);
        }
    };
    replace_all(&args.text, &regex, args.max_replacements.unwrap_or(usize::MAX), put)
}

fn replace_all(
    text: &str,
    regex: &Regex,
    max: usize,
    put: impl Fn(&Captures<'_>, &mut String),
) -> Result<Replaced> {
    let mut out = String::with_capacity(text.len());
    let (mut copied, mut replacements, mut left) = (0, 0, 0);
    for captures in regex.captures_iter(text) {
        let Some(found) = captures.get(0) else { continue };
        if replacements == max {
            left = regex.find_iter(text).skip(replacements).count();
            break;
        }
        out.push_str(text.get(copied..found.start()).unwrap_or_default());
        put(&captures, &mut out);
        bounds::check_output(out.len())?;
        copied = found.end();
        replacements += 1;
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    bounds::check_output(out.len())?;
    Ok(Replaced { text: out, replacements, left })
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock;

    use super::*;

    fn call(args: serde_json::Value) -> Result<Replaced> {
        mock::Host::new().call::<replace>(args)
    }

    #[test]
    fn matches_are_replaced() {
        for (args, text, replacements) in [
            (json!({"text": "a-b-c", "pattern": "-", "replacement": "+"}), "a+b+c", 2),
            (
                json!({"text": "John Smith", "pattern": r"(\w+) (\w+)", "replacement": "$2, $1"}),
                "Smith, John",
                1,
            ),
            (json!({"text": "x1", "pattern": r"(?P<n>\d)", "replacement": "[${n}]"}), "x[1]", 1),
            (json!({"text": "a.b", "pattern": ".", "replacement": "$1", "literal": true}), "a$1b", 1),
            (
                json!({"text": "Foo foo", "pattern": "foo", "replacement": "bar", "ignore_case": true}),
                "bar bar",
                2,
            ),
            (json!({"text": "a b", "pattern": " ", "replacement": ""}), "ab", 1),
            (json!({"text": "one\ntwo", "pattern": "^", "replacement": "> "}), "> one\n> two", 2),
            (json!({"text": "nothing", "pattern": "x", "replacement": "y"}), "nothing", 0),
            (json!({"text": "äöü", "pattern": "ö", "replacement": "oe"}), "äoeü", 1),
            (json!({"text": "cost", "pattern": "cost", "replacement": "$$5"}), "$5", 1),
        ] {
            let expected = Replaced { text: text.to_owned(), replacements, left: 0 };
            assert_eq!(call(args.clone()).unwrap(), expected, "{args}");
        }
    }

    #[test]
    fn a_maximum_leaves_the_rest_alone_and_counts_it() {
        let done =
            call(json!({"text": "aaaa", "pattern": "a", "replacement": "b", "max_replacements": 1})).unwrap();
        assert_eq!(done, Replaced { text: "baaa".to_owned(), replacements: 1, left: 3 });
    }

    #[test]
    fn a_group_that_does_not_exist_is_an_error_and_not_an_empty_text() {
        let error =
            call(json!({"text": "a", "pattern": "(a)", "replacement": "$1x"})).unwrap_err().to_string();
        assert!(error.contains("refers to group `1x`"), "{error}");
    }

    #[test]
    fn a_result_that_grows_too_long_is_refused() {
        let args = json!({"text": "a".repeat(1000), "pattern": "a", "replacement": "b".repeat(2000)});
        let error = call(args).unwrap_err().to_string();
        assert!(error.contains("more than 1000000 bytes"), "{error}");
    }
}

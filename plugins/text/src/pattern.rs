//! The search pattern that `search` and `replace` share: its options, and how it becomes a regular expression.
//!
//! The engine runs in time linear in the text, so no pattern can hang a call; in return it has no
//! look-around and no back-references, and the error says so.

use cofferdam_sdk::prelude::*;
use regex::{Regex, RegexBuilder};

/// Largest compiled pattern, in bytes.
const COMPILED_SIZE: usize = 4 << 20;

/// How a pattern is read.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Options {
    /// Take the pattern as plain text: `.`, `*`, `(` and the like stand for themselves.
    #[serde(default)]
    pub(crate) literal: bool,
    /// Treat upper and lower case as the same.
    #[serde(default)]
    pub(crate) ignore_case: bool,
    /// Match only where the pattern is a whole word, not a part of one.
    #[serde(default)]
    pub(crate) whole_words: bool,
    /// Let `^` and `$` match at the start and end of every line, not just of the whole text.
    #[serde(default = "yes")]
    pub(crate) multi_line: bool,
    /// Let `.` match line breaks too.
    #[serde(default)]
    pub(crate) dot_matches_newline: bool,
}

fn yes() -> bool {
    true
}

/// The regular expression that `pattern` stands for under `options`.
pub(crate) fn compile(pattern: &str, options: &Options) -> Result<Regex> {
    let core = if options.literal { regex::escape(pattern) } else { pattern.to_owned() };
    // Compiled alone first: `a)(b` must not become valid inside the group that whole words need.
    let regex = build(&core, options)?;
    if options.whole_words {
        return build(&format!(r"\b{{start-half}}(?:{core})\b{{end-half}}"), options);
    }
    Ok(regex)
}

fn build(pattern: &str, options: &Options) -> Result<Regex> {
    RegexBuilder::new(pattern)
        .case_insensitive(options.ignore_case)
        .multi_line(options.multi_line)
        .dot_matches_new_line(options.dot_matches_newline)
        .size_limit(COMPILED_SIZE)
        .build()
        .map_err(|error| refused(&error))
}

fn refused(error: &regex::Error) -> ToolError {
    let hint = match error {
        regex::Error::CompiledTooBig(_) => "use smaller repetition counts such as `{1,100}`",
        _ => {
            "correct it, or set `literal` to true to find the text as it stands (look-around and back-references do not exist here)"
        }
    };
    ToolError::invalid(format!("`pattern` is not a regular expression: {error}; {hint}"))
}

#[cfg(test)]
pub(crate) fn options() -> Options {
    Options {
        literal: false,
        ignore_case: false,
        whole_words: false,
        multi_line: true,
        dot_matches_newline: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, options: &Options, text: &str) -> Vec<String> {
        compile(pattern, options).unwrap().find_iter(text).map(|found| found.as_str().to_owned()).collect()
    }

    #[test]
    fn options_change_what_matches() {
        let plain = options();
        let literal = Options { literal: true, ..options() };
        let any_case = Options { ignore_case: true, ..options() };
        let whole = Options { whole_words: true, ..options() };
        let whole_text = Options { multi_line: false, ..options() };
        let dot = Options { dot_matches_newline: true, ..options() };
        for (pattern, options, text, expected) in [
            ("a.c", &plain, "abc a.c", vec!["abc", "a.c"]),
            ("a.c", &literal, "abc a.c", vec!["a.c"]),
            ("straße", &any_case, "STRAßE", vec!["STRAßE"]),
            ("cat|dog", &whole, "cat concat dogs dog", vec!["cat", "dog"]),
            (
                "$5",
                &Options { literal: true, whole_words: true, ..self::options() },
                "cost $5 $50",
                vec!["$5"],
            ),
            (r"^\w+", &plain, "one\ntwo", vec!["one", "two"]),
            (r"^\w+", &whole_text, "one\ntwo", vec!["one"]),
            ("a.b", &dot, "a\nb", vec!["a\nb"]),
            ("a.b", &plain, "a\nb", vec![]),
        ] {
            assert_eq!(found(pattern, options, text), expected, "{pattern}");
        }
    }

    #[test]
    fn a_broken_pattern_is_refused_with_the_place_and_the_way_out() {
        let error = compile("a(b", &options()).unwrap_err().to_string();
        assert!(error.contains("unclosed group"), "{error}");
        assert!(error.contains("set `literal` to true"), "{error}");
    }

    #[test]
    fn a_pattern_cannot_close_the_group_that_whole_words_add() {
        assert!(compile("a)(b", &Options { whole_words: true, ..options() }).is_err());
    }

    #[test]
    fn a_pattern_that_explodes_is_refused() {
        let error = compile(r"(?:\pL{1000}){1000}", &options()).unwrap_err().to_string();
        assert!(error.contains("use smaller repetition counts"), "{error}");
    }
}

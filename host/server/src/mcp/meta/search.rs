//! Which tools fit a query, and which fits best: words of the query among the words of a tool.
//!
//! A word counts most in the name, less in the title, least in the description; whole words count more than
//! beginnings, and beginnings more than parts. Nothing is learnt or kept: the same query on the same tools always
//! gives the same answer.

use std::{cmp::Reverse, collections::HashSet};

/// Words of a query that count.
const WORDS: usize = 16;
/// Bytes that a word must have for more than the whole of it to count.
const PART: usize = 3;
/// Bytes that a word of a query may have behind a tool's.
const ENDING: usize = 2;
/// What the very name is worth: more than all words together.
const NAME: u32 = 10_000;

/// What is searched for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Query {
    /// All of it, in small letters.
    text: String,
    words: Vec<String>,
}

impl Query {
    pub(super) fn new(text: &str) -> Self {
        let mut seen = HashSet::new();
        let mut words = words(text);
        words.retain(|word| seen.insert(word.clone()));
        words.truncate(WORDS);
        Self { text: text.trim().to_lowercase(), words }
    }
}

/// What is searched of a tool.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) name: &'a str,
    pub(super) title: &'a str,
    pub(super) description: &'a str,
}

/// The tools that fit, best first; those that fit equally well in the order in which they came.
pub(super) fn rank<'a, T: Copy>(
    tools: impl Iterator<Item = T>,
    query: &Query,
    of: impl Fn(T) -> Words<'a>,
) -> Vec<T> {
    if query.text.is_empty() {
        return tools.collect();
    }
    let scored = tools.map(|tool| (score(query, of(tool)), tool));
    let mut fit: Vec<_> = scored.filter(|(score, _)| *score > 0).collect();
    fit.sort_by_key(|(score, _)| Reverse(*score));
    fit.into_iter().map(|(_, tool)| tool).collect()
}

fn score(query: &Query, tool: Words<'_>) -> u32 {
    let fields = [(3, words(tool.name)), (2, words(tool.title)), (1, words(tool.description))];
    let best = |word: &String| {
        let each = fields.iter().map(|(weight, words)| weight * fit(word, words));
        each.max().unwrap_or(0)
    };
    let named = if tool.name.to_lowercase() == query.text { NAME } else { 0 };
    named + query.words.iter().map(best).sum::<u32>()
}

/// How well a word fits the best of `words`.
fn fit(word: &str, words: &[String]) -> u32 {
    words.iter().map(|other| fit_one(word, other)).max().unwrap_or(0)
}

fn fit_one(word: &str, other: &str) -> u32 {
    if word == other {
        return 4;
    }
    if word.len() < PART || other.len() < PART {
        return 0;
    }
    // `words` finds `word`, and `android` doesn't find `and`.
    let without_ending = word.strip_prefix(other).is_some_and(|ending| ending.len() <= ENDING);
    match (other.starts_with(word) || without_ending, other.contains(word)) {
        (true, _) => 2,
        (false, true) => 1,
        (false, false) => 0,
    }
}

/// The words of a text, in small letters. A capital after a small letter begins a word, as in `readFile`.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for run in text.split(|c: char| !c.is_alphanumeric()) {
        let mut start = 0;
        let mut before = ' ';
        for (at, c) in run.char_indices() {
            if before.is_lowercase() && c.is_uppercase() {
                words.extend(run.get(start..at).map(str::to_lowercase));
                start = at;
            }
            before = c;
        }
        words.extend(run.get(start..).filter(|word| !word.is_empty()).map(str::to_lowercase));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOOLS: [Words<'_>; 6] = [
        tool("data_query", "Query records", "Select from CSV or JSON with a path expression."),
        tool("text_count", "Count text", "Count the words, lines and characters of a text."),
        tool("text_diff", "", "Compare two texts and show what differs."),
        tool("text_readFile", "", "Read a file of the sandbox."),
        tool("time_convert", "Convert a time", "A time of one zone in another zone."),
        tool("translate", "Перевод", "翻译一段文字。"),
    ];

    const fn tool(name: &'static str, title: &'static str, description: &'static str) -> Words<'static> {
        Words { name, title, description }
    }

    fn found(query: &str) -> Vec<&'static str> {
        rank(TOOLS.iter(), &Query::new(query), |tool| *tool).into_iter().map(|tool| tool.name).collect()
    }

    #[test]
    fn the_best_match_comes_first() {
        for (query, expected) in [
            // The very name, whatever else has its words.
            ("text_diff", &["text_diff", "text_count", "text_readFile"][..]),
            ("TEXT_DIFF ", &["text_diff", "text_count", "text_readFile"]),
            // In the name before in the description; more words before fewer.
            ("count", &["text_count"]),
            ("query json", &["data_query"]),
            ("compare texts", &["text_diff", "text_count", "text_readFile"]),
            // A beginning counts, of either: plurals, and words that are cut off.
            ("conver", &["time_convert"]),
            ("times", &["time_convert"]),
            // A part counts.
            ("ndbox", &["text_readFile"]),
            // Capitals part words.
            ("file", &["text_readFile"]),
            ("перевод", &["translate"]),
            ("翻译", &["translate"]),
            ("nothing of the kind", &["text_count", "text_readFile", "time_convert"]),
            ("android", &[]),
            ("xyzzy", &[]),
            ("???", &[]),
        ] {
            assert_eq!(found(query), expected, "{query}");
        }
    }

    #[test]
    fn no_words_find_every_tool_in_the_order_of_the_list() {
        assert_eq!(found("  "), TOOLS.map(|tool| tool.name));
    }

    #[test]
    fn those_that_fit_equally_well_keep_their_order() {
        assert_eq!(found("text"), ["text_count", "text_diff", "text_readFile"]);
    }

    #[test]
    fn words_are_parted_by_what_is_no_letter_and_by_capitals() {
        assert_eq!(words("readFile_v2-as JSON, dès"), ["read", "file", "v2", "as", "json", "dès"]);
        assert_eq!(words(" _ "), Vec::<String>::new());
    }

    #[test]
    fn a_query_of_many_words_counts_the_first_few_once_each() {
        let query = Query::new(&(0..1_000).rev().map(|n| format!("w{n} w{n} ")).collect::<String>());
        let first: Vec<_> = (0..1_000).rev().take(WORDS).map(|n| format!("w{n}")).collect();
        assert_eq!(query.words, first);
    }
}

//! The tool `count`: how long a text is, in every unit that somebody asks for, and its most frequent words.
//!
//! Words, sentences and graphemes are found by Unicode's rules (UAX #29). Scripts that write no spaces
//! (Chinese, Japanese, Thai) count one word per character; a dictionary would be needed for better.

use std::collections::HashMap;

use cofferdam_sdk::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

use crate::bounds::{self, clip};

/// The text to measure.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    /// The text to measure.
    #[schemars(length(max = bounds::MAX_TEXT))]
    text: String,
    /// How many of the most frequent words to list; 0 for none.
    #[schemars(range(max = 100))]
    #[serde(default = "ten")]
    top_words: usize,
    /// Leave words with fewer characters than this out of the list, for instance 4 to skip `the` and `and`.
    #[schemars(range(min = 1, max = 50))]
    #[serde(default = "one")]
    min_word_length: usize,
    /// Count `The` and `the` as two words in the list and in `unique_words`.
    #[serde(default)]
    case_sensitive: bool,
}

fn ten() -> usize {
    10
}

fn one() -> usize {
    1
}

/// The measures of a text.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Counts {
    /// Unicode characters (scalar values), white space included.
    pub(crate) characters: usize,
    /// Characters that are not white space.
    pub(crate) characters_without_spaces: usize,
    /// Characters as a reader sees them: a flag or a family emoji is one.
    pub(crate) graphemes: usize,
    /// Bytes in UTF-8.
    pub(crate) bytes: usize,
    /// Words.
    pub(crate) words: usize,
    /// Different words.
    pub(crate) unique_words: usize,
    /// Sentences.
    pub(crate) sentences: usize,
    /// Lines; a line break at the very end does not start another one.
    pub(crate) lines: usize,
    /// Lines that hold nothing but white space.
    pub(crate) blank_lines: usize,
    /// Blocks of lines that blank lines separate.
    pub(crate) paragraphs: usize,
    /// Characters of the longest line.
    pub(crate) longest_line: usize,
    /// The most frequent words, the most frequent first, equals in alphabetical order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) top_words: Vec<WordCount>,
}

/// A word and how often it occurs.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct WordCount {
    /// The word, in lower case unless `case_sensitive` was set.
    pub(crate) word: String,
    /// How often it occurs.
    pub(crate) count: usize,
}

/// Measure a text: characters, graphemes, bytes, words, sentences, lines, paragraphs and its most frequent
/// words. Use it instead of counting yourself, for instance to check a length limit.
#[tool(title = "Count words and characters", read_only, idempotent, open_world = false)]
pub(crate) fn count(args: Args) -> Result<Counts> {
    let text = args.text.as_str();
    let frequencies = frequencies(text, args.case_sensitive);
    Ok(Counts {
        characters: text.chars().count(),
        characters_without_spaces: text.chars().filter(|c| !c.is_whitespace()).count(),
        graphemes: text.graphemes(true).count(),
        bytes: text.len(),
        words: frequencies.values().sum(),
        unique_words: frequencies.len(),
        sentences: paragraphs(text).iter().map(|paragraph| paragraph.unicode_sentences().count()).sum(),
        lines: text.lines().count(),
        blank_lines: text.lines().filter(|line| line.trim().is_empty()).count(),
        paragraphs: paragraphs(text).len(),
        longest_line: text.lines().map(|line| line.chars().count()).max().unwrap_or(0),
        top_words: top(frequencies, args.top_words, args.min_word_length),
    })
}

fn frequencies(text: &str, case_sensitive: bool) -> HashMap<String, usize> {
    let mut frequencies = HashMap::new();
    for word in text.unicode_words() {
        let key = if case_sensitive { word.to_owned() } else { word.to_lowercase() };
        *frequencies.entry(key).or_insert(0) += 1;
    }
    frequencies
}

/// The blocks between blank lines, each on one line: a line break within one ends no sentence.
fn paragraphs(text: &str) -> Vec<String> {
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    lines
        .split(|line| line.is_empty())
        .filter(|block| !block.is_empty())
        .map(|block| block.join(" "))
        .collect()
}

fn top(frequencies: HashMap<String, usize>, how_many: usize, min_length: usize) -> Vec<WordCount> {
    let mut words: Vec<_> =
        frequencies.into_iter().filter(|(word, _)| word.chars().count() >= min_length).collect();
    words.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    words.truncate(how_many);
    words.into_iter().map(|(word, count)| WordCount { word: clip(&word, 100), count }).collect()
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock;

    use super::*;

    fn call(args: serde_json::Value) -> Counts {
        mock::Host::new().call::<count>(args).unwrap()
    }

    fn word(word: &str, count: usize) -> WordCount {
        WordCount { word: word.to_owned(), count }
    }

    #[test]
    fn a_text_is_measured_in_every_unit() {
        let text = "The cat saw the other cat. It can't be!\n\nSecond paragraph\nof two lines.\n";
        let expected = Counts {
            characters: 72,
            characters_without_spaces: 57,
            graphemes: 72,
            bytes: 72,
            words: 14,
            unique_words: 12,
            sentences: 3,
            lines: 4,
            blank_lines: 1,
            paragraphs: 2,
            longest_line: 39,
            top_words: vec![word("cat", 2), word("the", 2)],
        };
        assert_eq!(call(json!({"text": text, "top_words": 2})), expected);
    }

    #[test]
    fn an_empty_text_has_nothing_of_anything() {
        let counts = call(json!({"text": ""}));
        assert_eq!((counts.characters, counts.words, counts.lines, counts.paragraphs), (0, 0, 0, 0));
        assert_eq!(counts.top_words, []);
    }

    #[test]
    fn characters_bytes_and_graphemes_differ_where_they_should() {
        for (text, characters, graphemes, bytes) in
            [("e\u{301}", 2, 1, 3), ("👩‍👩‍👧", 5, 1, 18), ("🇩🇪", 2, 1, 8), ("日本", 2, 2, 6), ("\r\n", 2, 1, 2)]
        {
            let counts = call(json!({"text": text}));
            assert_eq!(
                (counts.characters, counts.graphemes, counts.bytes),
                (characters, graphemes, bytes),
                "{text}"
            );
        }
    }

    #[test]
    fn the_list_of_words_respects_case_and_length() {
        let text = "The the a a a Longer longer";
        let top = |args: serde_json::Value| call(args).top_words;
        assert_eq!(top(json!({"text": text, "min_word_length": 3})), [word("longer", 2), word("the", 2)]);
        assert_eq!(
            top(json!({"text": text, "case_sensitive": true, "top_words": 3})),
            [word("a", 3), word("Longer", 1), word("The", 1)]
        );
        assert_eq!(top(json!({"text": text, "top_words": 0})), []);
    }
}

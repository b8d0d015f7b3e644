//! What a person looks for, in the words of the full-text search.

use cofferdam_sdk::prelude::*;

/// How the words of a search are meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    /// Notes with all of the words, or words that begin with them.
    #[default]
    All,
    /// Notes with at least one of the words, or a word that begins with one.
    Any,
    /// Notes with exactly these words one after the other.
    Phrase,
    /// The query is an expression of SQLite's FTS5: `tea AND (green OR title:black) NOT "iced tea"`.
    Fts5,
}

/// The expression for a search. Nothing in `query` is read as an operator, but where the mode says so.
pub(crate) fn expression(query: &str, mode: Mode) -> Result<String> {
    if mode == Mode::Fts5 {
        return Ok(query.to_owned());
    }
    let words: Vec<_> = query.split(|c: char| !is_of_word(c)).filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        return Err(ToolError::invalid(format!("`query` has no word to look for, found {query:?}")));
    }
    let beginnings = || words.iter().map(|word| format!("\"{word}\"*"));
    Ok(match mode {
        Mode::Any => beginnings().collect::<Vec<_>>().join(" OR "),
        Mode::Phrase => format!("\"{}\"", words.join(" ")),
        Mode::All | Mode::Fts5 => beginnings().collect::<Vec<_>>().join(" "),
    })
}

/// As the tokenizer sees it, roughly: what it splits further is a phrase, which finds the same.
fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || !c.is_ascii() && !c.is_whitespace() && !c.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_and_nothing_is_an_operator() {
        for (query, mode, expected) in [
            ("green tea", Mode::All, "\"green\"* \"tea\"*"),
            ("green tea", Mode::Any, "\"green\"* OR \"tea\"*"),
            ("green-tea", Mode::Phrase, "\"green tea\""),
            (
                "a \"b\" OR NOT (title:c*) ^d",
                Mode::All,
                "\"a\"* \"b\"* \"OR\"* \"NOT\"* \"title\"* \"c\"* \"d\"*",
            ),
            ("Größe 7", Mode::All, "\"Größe\"* \"7\"*"),
            ("a OR b", Mode::Fts5, "a OR b"),
        ] {
            assert_eq!(expression(query, mode), Ok(expected.to_owned()));
        }
    }

    #[test]
    fn a_query_without_words_is_refused() {
        let refused = ToolError::invalid("`query` has no word to look for, found \"?! \"");
        assert_eq!(expression("?! ", Mode::All), Err(refused));
    }
}

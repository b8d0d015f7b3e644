//! What a person looks for, in the words of the full-text search.

use cofferdam_sdk::prelude::*;

/// The expression for all of these words, or words that begin with them. Nothing in `query` is an operator.
pub(crate) fn expression(query: &str) -> Result<String> {
    let is_of_word = |c: char| c.is_alphanumeric() || !c.is_ascii() && !c.is_whitespace() && !c.is_control();
    let words: Vec<_> = query
        .split(|c: char| !is_of_word(c))
        .filter(|word| !word.is_empty())
        .map(|word| format!("\"{word}\"*"))
        .collect();
    match words.is_empty() {
        true => Err(ToolError::invalid(format!("`query` has no word to look for, found {query:?}"))),
        false => Ok(words.join(" ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_and_nothing_is_an_operator() {
        assert_eq!(
            expression("a \"b\" OR title:c*"),
            Ok("\"a\"* \"b\"* \"OR\"* \"title\"* \"c\"*".to_owned())
        );
        assert!(expression("?! ").is_err());
    }
}

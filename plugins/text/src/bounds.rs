//! How much a tool of this plugin reads and writes at most, in one place.
//!
//! The host has limits of its own; these are tighter and have names that a model can act on.

use cofferdam_sdk::prelude::*;

/// Longest text that a tool accepts, in characters.
pub(crate) const MAX_TEXT: usize = 1_000_000;

/// Longest text that a tool returns, in bytes.
pub(crate) const MAX_OUTPUT: usize = 1_000_000;

/// Longest pattern, in characters.
pub(crate) const MAX_PATTERN: usize = 2_000;

/// `text` cut to `max` characters, with a note of how many are missing.
pub(crate) fn clip(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some((end, _)) => {
            let (head, tail) = text.split_at(end);
            format!("{head}… (+{} characters)", tail.chars().count())
        }
    }
}

/// Refuses a result that is longer than [`MAX_OUTPUT`].
pub(crate) fn check_output(bytes: usize) -> Result<()> {
    if bytes <= MAX_OUTPUT {
        return Ok(());
    }
    Err(ToolError::invalid(format!(
        "the result has more than {MAX_OUTPUT} bytes, expected at most that: split the text and call once per part"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clip_counts_characters_and_names_what_is_missing() {
        for (text, max, expected) in [
            ("", 3, "".to_owned()),
            ("abc", 3, "abc".to_owned()),
            ("abcd", 3, "abc… (+1 characters)".to_owned()),
            ("äöüß€", 2, "äö… (+3 characters)".to_owned()),
        ] {
            assert_eq!(clip(text, max), expected);
        }
    }
}

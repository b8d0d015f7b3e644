//! How much a tool of this plugin reads and returns at most, in one place.

/// Longest data that a tool accepts, in characters.
pub(crate) const MAX_DATA: usize = 1_000_000;

/// Most columns of a table.
pub(crate) const MAX_COLUMNS: usize = 1_000;

/// Most cells of a table.
pub(crate) const MAX_CELLS: usize = 1_000_000;

/// Longest name of a column, in characters.
pub(crate) const MAX_NAME: usize = 500;

/// How much one page of results may hold, in bytes of JSON.
pub(crate) const PAGE_BYTES: usize = 400_000;

/// Longest value that is shown as an example, in characters.
const MAX_SHOWN: usize = 100;

/// `text` cut to what an example may be long.
pub(crate) fn clip(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_examples_are_cut_at_a_character() {
        assert_eq!(clip("äöü"), "äöü");
        assert_eq!(clip(&"ä".repeat(101)), format!("{}…", "ä".repeat(100)));
    }
}

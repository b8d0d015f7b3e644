//! What can be told of a statement by its text alone: how it begins. The host judges the rest.

use cofferdam_sdk::prelude::*;

/// A statement without white space and semicolons at its end.
pub(crate) fn bare(sql: &str) -> &str {
    sql.trim_end_matches(|c: char| c == ';' || c.is_whitespace())
}

/// The statement that gives a page of the rows that `sql` gives. One row more than a page shows whether there are more.
pub(crate) fn page(sql: &str, limit: usize, offset: u64) -> Result<String> {
    match first_word(sql).as_str() {
        // The line break ends a comment at the end.
        "select" | "with" | "values" => {
            Ok(format!("select * from (\n{}\n) as page limit {} offset {offset}", bare(sql), limit + 1))
        }
        word => Err(ToolError::invalid(format!(
            "a query begins with SELECT, WITH or VALUES, found {}: `execute` changes rows, `explain` shows plans, `schema` shows tables",
            named(word)
        ))),
    }
}

/// Refuses what only reads.
pub(crate) fn check_change(sql: &str) -> Result<()> {
    match first_word(sql).as_str() {
        word @ ("select" | "values" | "table" | "explain" | "pragma" | "show" | "") => {
            Err(ToolError::invalid(format!(
                "a change begins with INSERT, UPDATE, DELETE and the like, found {}: `query` reads rows, `explain` shows plans",
                named(word)
            )))
        }
        _ => Ok(()),
    }
}

fn named(word: &str) -> String {
    if word.is_empty() { "no word".to_owned() } else { word.to_uppercase() }
}

/// The first word, in small letters. Comments and parentheses before it are skipped.
fn first_word(sql: &str) -> String {
    let mut rest = sql;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '(' || c == '\u{feff}');
        rest = match (rest.strip_prefix("--"), rest.strip_prefix("/*")) {
            (Some(comment), _) => comment.split_once('\n').map_or("", |(_, after)| after),
            (_, Some(comment)) => comment.split_once("*/").map_or("", |(_, after)| after),
            _ => break,
        };
    }
    rest.chars().take_while(|c| c.is_ascii_alphabetic()).collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_is_found_behind_comments() {
        for (sql, word) in [
            ("SELECT 1", "select"),
            ("\n -- drop\n/* a */ ( With x as (select 1) select * from x)", "with"),
            ("values(1)", "values"),
            ("-- only", ""),
            ("/* only", ""),
            ("1", ""),
        ] {
            assert_eq!(first_word(sql), word, "{sql}");
        }
    }

    #[test]
    fn a_page_is_cut_out_of_the_query() {
        let paged = "select * from (\nselect 1 -- one\n) as page limit 11 offset 20";
        assert_eq!(page("select 1 -- one\n ; ", 10, 20).as_deref(), Ok(paged));
    }

    #[test]
    fn reading_and_changing_are_told_apart() {
        let delete = "a query begins with SELECT, WITH or VALUES, found DELETE: `execute` changes rows, `explain` shows plans, `schema` shows tables";
        assert_eq!(page("delete from a", 1, 0), Err(ToolError::invalid(delete)));
        let select = "a change begins with INSERT, UPDATE, DELETE and the like, found SELECT: `query` reads rows, `explain` shows plans";
        assert_eq!(check_change("select 1"), Err(ToolError::invalid(select)));
        assert_eq!(check_change("update a set b = 1"), Ok(()));
        assert_eq!(check_change("with a as (select 1) delete from b"), Ok(()));
        assert!(check_change(" ").is_err());
    }
}

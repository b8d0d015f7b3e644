//! The tool `search`: where a pattern occurs in a text.

use cofferdam_sdk::prelude::*;
use regex::{Captures, Regex};

use crate::bounds::{self, clip};
use crate::lines::Lines;
use crate::pattern;

/// Longest match or line that is returned, in characters.
const MAX_PIECE: usize = 500;

/// How much all returned matches together may hold, in bytes; then the page ends.
const PAGE_BYTES: usize = 200_000;

/// What to find, and how much of it to return.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    /// The text to search in.
    #[schemars(length(max = bounds::MAX_TEXT))]
    text: String,
    /// What to find: a regular expression such as `ERROR .*timeout`, or plain text with `literal`.
    #[schemars(length(min = 1, max = bounds::MAX_PATTERN))]
    pattern: String,
    /// Lines to return before and after each match.
    #[schemars(range(max = 10))]
    #[serde(default)]
    context: u8,
    /// Return at most this many matches.
    #[schemars(range(min = 1, max = 500))]
    #[serde(default = "fifty")]
    limit: usize,
    /// Skip this many matches first: for the next page, pass `next_offset` of the last answer.
    #[schemars(range(max = 1_000_000))]
    #[serde(default)]
    offset: usize,
    #[serde(flatten)]
    options: pattern::Options,
}

fn fifty() -> usize {
    50
}

/// The matches of one page.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Found {
    /// How many matches the text has in all.
    pub(crate) total: usize,
    /// The matches, in the order of the text.
    pub(crate) matches: Vec<Match>,
    /// Whether matches are missing after these.
    pub(crate) truncated: bool,
    /// The `offset` that returns the next matches; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_offset: Option<usize>,
}

/// One match.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Match {
    /// Line where it starts, from 1.
    pub(crate) line: usize,
    /// Column where it starts, in characters, from 1.
    pub(crate) column: usize,
    /// The matched text; cut after 500 characters.
    pub(crate) text: String,
    /// The capture groups that took part.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) groups: Vec<Group>,
    /// The lines that the match touches, with the context around them.
    pub(crate) lines: Vec<Line>,
}

/// What one capture group matched.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Group {
    /// Its name, or its number when it has none.
    pub(crate) group: String,
    /// The text that it matched; cut after 500 characters.
    pub(crate) text: String,
}

/// One line of the text.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Line {
    /// Its number, from 1.
    pub(crate) number: usize,
    /// Its text; cut after 500 characters.
    pub(crate) text: String,
}

/// Find where a regular expression or a plain text occurs in a text: line, column, capture groups and
/// surrounding lines of every match, page by page. Use it to locate or extract things from a text that you
/// have, such as a log.
#[tool(title = "Search a text", read_only, idempotent, open_world = false)]
pub(crate) fn search(args: Args) -> Result<Found> {
    let regex = pattern::compile(&args.pattern, &args.options)?;
    let total = regex.find_iter(&args.text).count();
    let matches = page(&args, &regex);
    let end = args.offset.saturating_add(matches.len());
    let truncated = end < total;
    Ok(Found { total, matches, truncated, next_offset: truncated.then_some(end) })
}

fn page(args: &Args, regex: &Regex) -> Vec<Match> {
    let lines = Lines::of(&args.text);
    let mut room = PAGE_BYTES;
    let mut matches = Vec::new();
    for captures in regex.captures_iter(&args.text).skip(args.offset).take(args.limit) {
        let Some(found) = describe(&captures, regex, &lines, usize::from(args.context)) else { continue };
        let size = found.size();
        // One match always fits, or a page could be empty for ever.
        if size > room && !matches.is_empty() {
            break;
        }
        room = room.saturating_sub(size);
        matches.push(found);
    }
    matches
}

fn describe(captures: &Captures<'_>, regex: &Regex, lines: &Lines<'_>, context: usize) -> Option<Match> {
    let found = captures.get(0)?;
    let start = lines.position(found.start());
    let last = lines.line_at(found.end().saturating_sub(1).max(found.start()));
    let shown = start.line.saturating_sub(context).max(1)..=(last + context).min(lines.count());
    Some(Match {
        line: start.line,
        column: start.column,
        text: clip(found.as_str(), MAX_PIECE),
        groups: groups(captures, regex),
        lines: shown
            .take(50)
            .map(|number| Line { number, text: clip(lines.text(number), MAX_PIECE) })
            .collect(),
    })
}

fn groups(captures: &Captures<'_>, regex: &Regex) -> Vec<Group> {
    let named = regex.capture_names().zip(captures.iter()).enumerate().skip(1);
    named
        .filter_map(|(index, (name, group))| {
            let group_name = name.map_or_else(|| index.to_string(), str::to_owned);
            group.map(|group| Group { group: group_name, text: clip(group.as_str(), MAX_PIECE) })
        })
        .collect()
}

impl Match {
    fn size(&self) -> usize {
        let groups: usize = self.groups.iter().map(|group| group.text.len() + 40).sum();
        let lines: usize = self.lines.iter().map(|line| line.text.len() + 30).sum();
        self.text.len() + groups + lines + 60
    }
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock;

    use super::*;

    const LOG: &str = "boot\nERROR disk full\nok\nerror net down\nbye";

    fn call(args: serde_json::Value) -> Result<Found> {
        mock::Host::new().call::<search>(args)
    }

    fn line(number: usize, text: &str) -> Line {
        Line { number, text: text.to_owned() }
    }

    #[test]
    fn a_match_has_its_place_its_groups_and_its_line() {
        let found = call(json!({"text": LOG, "pattern": r"ERROR (?P<what>\w+) (\w+)"})).unwrap();
        let group = |group: &str, text: &str| Group { group: group.to_owned(), text: text.to_owned() };
        let expected = Match {
            line: 2,
            column: 1,
            text: "ERROR disk full".to_owned(),
            groups: vec![group("what", "disk"), group("2", "full")],
            lines: vec![line(2, "ERROR disk full")],
        };
        assert_eq!(found, Found { total: 1, matches: vec![expected], truncated: false, next_offset: None });
    }

    #[test]
    fn context_gives_the_lines_around_and_stops_at_the_ends() {
        let found = call(json!({"text": LOG, "pattern": "bye|boot", "context": 1})).unwrap();
        assert_eq!(found.matches[0].lines, [line(1, "boot"), line(2, "ERROR disk full")]);
        assert_eq!(found.matches[1].lines, [line(4, "error net down"), line(5, "bye")]);
    }

    #[test]
    fn a_match_over_several_lines_shows_all_of_them() {
        let found = call(json!({"text": "a\nb\nc", "pattern": "a.b.", "dot_matches_newline": true})).unwrap();
        assert_eq!(found.matches[0].lines, [line(1, "a"), line(2, "b")]);
    }

    #[test]
    fn pages_follow_each_other() {
        let first = call(json!({"text": "aaaaa", "pattern": "a", "limit": 2})).unwrap();
        assert_eq!((first.total, first.truncated, first.next_offset), (5, true, Some(2)));
        let last = call(json!({"text": "aaaaa", "pattern": "a", "limit": 2, "offset": 4})).unwrap();
        assert_eq!(
            (last.matches.len(), last.matches[0].column, last.truncated, last.next_offset),
            (1, 5, false, None)
        );
        let beyond = call(json!({"text": "aaaaa", "pattern": "a", "offset": 9})).unwrap();
        assert_eq!((beyond.total, beyond.matches.len(), beyond.next_offset), (5, 0, None));
    }

    #[test]
    fn a_page_ends_when_it_is_full_even_below_its_limit() {
        let text = format!("{}\n", "x".repeat(400)).repeat(2000);
        let found = call(json!({"text": text, "pattern": "x+", "limit": 500})).unwrap();
        assert_eq!(found.total, 2000);
        assert!(found.matches.len() < 500, "{}", found.matches.len());
        assert_eq!(found.next_offset, Some(found.matches.len()));
    }

    #[test]
    fn columns_count_characters() {
        let found = call(json!({"text": "größe: 5", "pattern": r"\d"})).unwrap();
        assert_eq!((found.matches[0].line, found.matches[0].column), (1, 8));
    }

    #[test]
    fn long_matches_and_lines_are_cut() {
        let found = call(json!({"text": "y".repeat(600), "pattern": "y+"})).unwrap();
        assert!(found.matches[0].text.ends_with("… (+100 characters)"));
        assert!(found.matches[0].lines[0].text.ends_with("… (+100 characters)"));
    }

    #[test]
    fn no_match_is_an_empty_answer_and_not_an_error() {
        let found = call(json!({"text": LOG, "pattern": "warning"})).unwrap();
        assert_eq!(found, Found { total: 0, matches: vec![], truncated: false, next_offset: None });
    }
}

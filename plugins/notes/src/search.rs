//! The tool `search`.

use cofferdam_sdk::prelude::*;

use crate::note::split;
use crate::phrase::{Mode, expression};
use crate::{bounds, cursor, store, tag};

/// A word in the title counts as much as so many in the body.
const TITLE_WEIGHT: f64 = 5.0;

/// What to look for, and how much of it to return.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The words to look for, in titles and bodies. Case and accents make no difference.
    #[schemars(length(min = 1, max = bounds::MAX_QUERY))]
    query: String,
    /// How the words are meant.
    #[serde(default)]
    mode: Mode,
    /// Only notes with this tag.
    #[schemars(length(min = 1, max = bounds::MAX_TAG + 1))]
    tag: Option<String>,
    /// Return at most this many notes.
    #[schemars(range(min = 1, max = 50))]
    #[serde(default = "ten")]
    limit: u32,
    /// For the next page: `next_cursor` of the last answer.
    #[schemars(length(max = 200))]
    cursor: Option<String>,
}

fn ten() -> u32 {
    10
}

/// The notes of one page.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Found {
    /// How many were found in all.
    pub(crate) total: u64,
    /// The best first.
    pub(crate) notes: Vec<Hit>,
    /// The `cursor` that returns the next ones; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

/// One note that was found.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Hit {
    /// Its number, by which other tools name it.
    pub(crate) id: i64,
    /// Its title.
    pub(crate) title: String,
    /// The place where the words are, marked with `**`.
    pub(crate) snippet: String,
    /// Its tags.
    pub(crate) tags: Vec<String>,
    /// When its title or body last changed, in UTC.
    pub(crate) changed: String,
}

#[derive(Deserialize)]
struct Row {
    id: i64,
    title: String,
    snippet: String,
    tags: Option<String>,
    changed: String,
}

impl From<Row> for Hit {
    fn from(row: Row) -> Self {
        let Row { id, title, snippet, tags, changed } = row;
        Self { id, title, snippet, tags: split(tags), changed }
    }
}

const MATCHING: &str = "from note_text join note n on n.id = note_text.rowid \
    where note_text match ?1 and (?2 is null or n.id in (select note from tag where name = ?2))";

/// Find notes by the words in their titles and bodies, the best first, each with the place where the words are. Words
/// also match longer ones that begin with them. Use `get` to read a note, `list` for the newest.
#[tool(title = "Search notes", read_only, idempotent, open_world = false)]
pub(crate) fn search(args: Args, db: Db) -> Result<Found> {
    let expression = expression(&args.query, args.mode)?;
    let tag = args.tag.as_deref().map(tag::parse).transpose()?;
    let purpose = (&expression, &tag);
    let offset = args.cursor.as_deref().map_or(Ok(0), |text| place(cursor::read(&purpose, text)?))?;
    store::open(&db)?;
    let count = db.query(&format!("select count(*) {MATCHING}"), (&expression, &tag));
    let total: u64 = count.map_err(|error| wrong(error, args.mode))?.one()?;
    let sql = format!(
        "select n.id, n.title, snippet(note_text, -1, '**', '**', '…', 32) as snippet, \
         n.changed, \
         (select group_concat(name, ' ') from (select name from tag where note = n.id order by name)) as tags \
         {MATCHING} order by bm25(note_text, ?3, 1.0), n.id desc limit ?4 offset ?5"
    );
    let rows = db.query(&sql, (&expression, &tag, TITLE_WEIGHT, args.limit, offset))?.rows::<Row>()?;
    let notes: Vec<_> = rows.into_iter().map(Hit::from).collect();
    let end = offset + notes.len() as u64;
    let more = !notes.is_empty() && end < total;
    Ok(Found { total, notes, next_cursor: more.then(|| cursor::write(&purpose, &end.to_string())) })
}

fn place(text: &str) -> Result<u64> {
    text.parse().map_err(|_| ToolError::invalid(cursor::WRONG))
}

/// An expression that the client wrote may be wrong; the plugin's own are not.
fn wrong(error: ToolError, mode: Mode) -> ToolError {
    match error {
        ToolError::Failed(text) if mode == Mode::Fts5 => ToolError::invalid(format!(
            "`query` is no expression of FTS5: {text}; the mode `all` takes plain words"
        )),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock::Host;

    use super::*;
    use crate::add::add;

    fn host() -> Host {
        let host = Host::new();
        for (title, body, tags) in [
            ("Shopping", "Buy green tea and crème brûlée.", json!(["shop"])),
            ("Tea", "How to brew it.", json!(["drinks"])),
            ("Teapots", "The blue one is broken; the green one isn't.", json!([])),
            ("Letters", "from green to black", json!(["shop"])),
        ] {
            host.call::<add>(json!({"title": title, "body": body, "tags": tags})).unwrap();
        }
        host
    }

    fn ids(host: &Host, args: serde_json::Value) -> Vec<i64> {
        host.call::<search>(args).unwrap().notes.iter().map(|note| note.id).collect()
    }

    #[test]
    fn words_are_found_in_titles_first() {
        let host = host();
        assert_eq!(ids(&host, json!({"query": "tea"})), [2, 3, 1]);
        assert_eq!(ids(&host, json!({"query": "GREEN te"})), [3, 1]);
        assert_eq!(ids(&host, json!({"query": "creme BRULEE"})), [1]);
        assert_eq!(ids(&host, json!({"query": "blue brew", "mode": "any"})).len(), 2);
        assert_eq!(ids(&host, json!({"query": "green to", "mode": "phrase"})), [4]);
        assert_eq!(ids(&host, json!({"query": "green NOT title:teapots", "mode": "fts5"})), [4, 1]);
        assert_eq!(ids(&host, json!({"query": "nothing"})), Vec::<i64>::new());
    }

    #[test]
    fn a_tag_narrows_a_search() {
        let host = host();
        assert_eq!(ids(&host, json!({"query": "green", "tag": "shop"})), [4, 1]);
        assert_eq!(ids(&host, json!({"query": "tea", "tag": "drinks"})), [2]);
    }

    #[test]
    fn the_place_is_shown() {
        let found = host().call::<search>(json!({"query": "brew"})).unwrap();
        assert_eq!(found.notes[0].snippet, "How to **brew** it.");
        assert_eq!(found.notes[0].tags, ["drinks"]);
    }

    #[test]
    fn pages_follow_each_other() {
        let host = host();
        let first = host.call::<search>(json!({"query": "green", "limit": 2})).unwrap();
        assert_eq!((first.total, first.notes.len()), (3, 2));
        let next = json!({"query": "green", "limit": 2, "cursor": first.next_cursor});
        let second = host.call::<search>(next).unwrap();
        assert_eq!((second.total, second.notes.len(), second.next_cursor), (3, 1, None));
        assert!(!first.notes.iter().any(|note| note.id == second.notes[0].id));
        let other = json!({"query": "tea", "limit": 2, "cursor": first.next_cursor});
        assert_eq!(host.call::<search>(other), Err(ToolError::invalid(cursor::WRONG)));
    }

    #[test]
    fn nothing_that_is_typed_is_an_error_but_in_an_expression() {
        let host = host();
        for query in ["\"", "AND", "a*b", "'; drop table note; --", "NEAR(", "title:", "-x", "ß\u{0}ü"] {
            let found = host.call::<search>(json!({"query": query, "mode": "phrase"}));
            assert!(matches!(&found, Ok(_) | Err(ToolError::InvalidArguments(_))), "{query}: {found:?}");
        }
        let wrong = host.call::<search>(json!({"query": "\"tea", "mode": "fts5"})).unwrap_err();
        let text = "`query` is no expression of FTS5: unterminated string; the mode `all` takes plain words";
        assert_eq!(wrong, ToolError::invalid(text));
    }
}

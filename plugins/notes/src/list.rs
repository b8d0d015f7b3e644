//! The tool `list`.

use cofferdam_sdk::prelude::*;

use crate::note::{COLUMNS, Row, Summary};
use crate::{bounds, cursor, store, tag};

/// Which notes, and how many.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Only notes with this tag.
    #[schemars(length(min = 1, max = bounds::MAX_TAG + 1))]
    tag: Option<String>,
    /// Which are the newest: those that changed last, or those that were added last.
    #[serde(default)]
    newest: Newest,
    /// Return at most this many notes.
    #[schemars(range(min = 1, max = 100))]
    #[serde(default = "twenty")]
    limit: u32,
    /// For the next page: `next_cursor` of the last answer.
    #[schemars(length(max = 200))]
    cursor: Option<String>,
}

fn twenty() -> u32 {
    20
}

/// What makes a note new.
#[derive(Debug, Clone, Copy, Default, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Newest {
    #[default]
    Changed,
    Created,
}

impl Newest {
    /// The column, and of a note the text in it.
    fn column(self) -> (&'static str, fn(&Summary) -> &str) {
        match self {
            Self::Changed => ("changed", |note| &note.changed),
            Self::Created => ("created", |note| &note.created),
        }
    }
}

/// The notes of one page.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Listed {
    /// How many there are in all.
    pub(crate) total: u64,
    /// The newest first.
    pub(crate) notes: Vec<Summary>,
    /// The `cursor` that returns the next ones; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

/// List notes, the newest first, page by page; all of them, or those with a tag. Use `search` to find notes by what is
/// in them.
#[tool(title = "List notes", read_only, idempotent, open_world = false)]
pub(crate) fn list(args: Args, db: Db) -> Result<Listed> {
    let tag = args.tag.as_deref().map(tag::parse).transpose()?;
    let purpose = (&tag, args.newest);
    let after = args.cursor.as_deref().map(|text| place(cursor::read(&purpose, text)?)).transpose()?;
    store::open(&db)?;
    let (column, text) = args.newest.column();
    let with_tag = "(?1 is null or n.id in (select note from tag where name = ?1))";
    let total = db.query(&format!("select count(*) from note n where {with_tag}"), (&tag,))?.one()?;
    let sql = format!(
        "select {COLUMNS} from note n where {with_tag} and (?2 is null or (n.{column}, n.id) < (?2, ?3)) \
         order by n.{column} desc, n.id desc limit ?4"
    );
    let (time, id) = after.unzip();
    let rows = db.query(&sql, (&tag, time, id, args.limit + 1))?.rows::<Row>()?;
    let more = rows.len() > args.limit as usize;
    let notes: Vec<_> = rows.into_iter().take(args.limit as usize).map(Summary::from).collect();
    let last = notes.last().filter(|_| more);
    let next_cursor = last.map(|note| cursor::write(&purpose, &format!("{}~{}", text(note), note.id)));
    Ok(Listed { total, notes, next_cursor })
}

/// The time and number after which a page begins.
fn place(text: &str) -> Result<(&str, i64)> {
    let parts = text.split_once('~').and_then(|(time, id)| Some((time, id.parse().ok()?)));
    parts.ok_or_else(|| ToolError::invalid(cursor::WRONG))
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock::Host;

    use super::*;
    use crate::add::add;

    /// Notes 1 to 5; the odd ones are tagged. Note 2 changed last.
    fn host() -> Host {
        let host = Host::new();
        for number in 1..=5 {
            let tags: &[&str] = if number % 2 == 1 { &["odd"] } else { &[] };
            host.call::<add>(json!({"title": format!("note {number}"), "tags": tags})).unwrap();
        }
        let db: Db = host.handle();
        db.execute("update note set changed = '2999-01-01T00:00:00Z' where id = 2", ()).unwrap();
        host
    }

    fn pages(host: &Host, mut args: serde_json::Value) -> Vec<Vec<i64>> {
        let mut pages = Vec::new();
        loop {
            let page = host.call::<list>(args.clone()).unwrap();
            pages.push(page.notes.iter().map(|note| note.id).collect());
            match page.next_cursor {
                Some(cursor) => args["cursor"] = cursor.into(),
                None => return pages,
            }
        }
    }

    #[test]
    fn pages_follow_each_other_from_the_newest() {
        let host = host();
        assert_eq!(pages(&host, json!({"limit": 2})), [vec![2, 5], vec![4, 3], vec![1]]);
        assert_eq!(pages(&host, json!({"limit": 2, "newest": "created"})), [vec![5, 4], vec![3, 2], vec![1]]);
        assert_eq!(pages(&host, json!({"limit": 5})), [vec![2, 5, 4, 3, 1]]);
        assert_eq!(pages(&host, json!({"limit": 2, "tag": "#ODD"})), [vec![5, 3], vec![1]]);
        assert_eq!(pages(&host, json!({"tag": "even"})), [Vec::<i64>::new()]);
        assert_eq!(host.call::<list>(json!({"limit": 1, "tag": "odd"})).unwrap().total, 3);
    }

    #[test]
    fn a_note_that_is_added_meanwhile_moves_no_page() {
        let host = host();
        let first = host.call::<list>(json!({"limit": 2, "newest": "created"})).unwrap();
        host.call::<add>(json!({"title": "new"})).unwrap();
        let second = json!({"limit": 2, "newest": "created", "cursor": first.next_cursor});
        let ids: Vec<_> = host.call::<list>(second).unwrap().notes.iter().map(|note| note.id).collect();
        assert_eq!(ids, [3, 2]);
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let host = host();
        let cursor = host.call::<list>(json!({"limit": 2})).unwrap().next_cursor;
        let other = json!({"limit": 2, "tag": "odd", "cursor": cursor});
        assert_eq!(host.call::<list>(other), Err(ToolError::invalid(cursor::WRONG)));
    }
}

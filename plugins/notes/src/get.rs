//! The tool `get`.

use cofferdam_sdk::prelude::*;

use crate::{note, store};

/// Which note.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Its number.
    #[schemars(range(min = 1))]
    id: i64,
}

/// A whole note.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Note {
    /// Its number, by which other tools name it.
    id: i64,
    /// Its title.
    title: String,
    /// Its body.
    body: String,
    /// Its tags.
    tags: Vec<String>,
    /// When it was added, in UTC.
    created: String,
    /// When its title or body last changed, in UTC.
    changed: String,
}

#[derive(Deserialize)]
struct Row {
    title: String,
    body: String,
    created: String,
    changed: String,
    tags: Option<String>,
}

/// Read a whole note by its number.
#[tool(title = "Read a note", read_only, idempotent, open_world = false)]
pub(crate) fn get(args: Args, db: Db) -> Result<Note> {
    store::open(&db)?;
    let sql = format!("select n.body, {} from note n where n.id = ?1", note::COLUMNS);
    let row: Option<Row> = db.query(&sql, (args.id,))?.optional()?;
    let Row { title, body, created, changed, tags } = row.ok_or_else(|| store::not_found(args.id))?;
    Ok(Note { id: args.id, title, body, tags: note::split(tags), created, changed })
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock::Host;

    use super::*;
    use crate::add::add;

    #[test]
    fn a_note_comes_back_whole() {
        let host = Host::new();
        let body = "ü\u{0}'\"\n".repeat(300);
        host.call::<add>(json!({"title": "Long", "body": body, "tags": ["b", "a"]})).unwrap();
        let note = host.call::<get>(json!({"id": 1})).unwrap();
        assert_eq!((note.title.as_str(), note.body), ("Long", body));
        assert_eq!(note.tags, ["a", "b"]);
    }

    #[test]
    fn a_note_that_is_not_there_is_told() {
        let missing = ToolError::not_found("there is no note 7: `list` and `search` show which there are");
        assert_eq!(Host::new().call::<get>(json!({"id": 7})), Err(missing));
    }
}

//! A note, whole and in short, as the tools return it.

use cofferdam_sdk::db::Transaction;
use cofferdam_sdk::prelude::*;

/// The columns of [`Row`], of a note `n`. Tags have no spaces.
pub(crate) const COLUMNS: &str = "n.id, n.title, substr(n.body, 1, 200) as start, length(n.body) as characters, \
    n.created, n.changed, \
    (select group_concat(name, ' ') from (select name from tag where note = n.id order by name)) as tags";

/// A note in short, as the database has it.
#[derive(Deserialize)]
pub(crate) struct Row {
    id: i64,
    title: String,
    start: String,
    characters: u64,
    created: String,
    changed: String,
    tags: Option<String>,
}

/// A note in short.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Summary {
    /// Its number, by which other tools name it.
    pub(crate) id: i64,
    /// Its title.
    pub(crate) title: String,
    /// The first 200 characters of its body.
    pub(crate) start: String,
    /// Characters of its whole body.
    pub(crate) characters: u64,
    /// Its tags.
    pub(crate) tags: Vec<String>,
    /// When it was added, in UTC.
    pub(crate) created: String,
    /// When its title or body last changed, in UTC.
    pub(crate) changed: String,
}

impl From<Row> for Summary {
    fn from(row: Row) -> Self {
        let Row { id, title, start, characters, created, changed, tags } = row;
        Self { id, title, start, characters, tags: split(tags), created, changed }
    }
}

/// The tags that one column holds.
pub(crate) fn split(tags: Option<String>) -> Vec<String> {
    tags.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

/// A note in short, within a change of it.
pub(crate) fn summary(tx: &Transaction, id: i64) -> Result<Option<Summary>> {
    let sql = format!("select {COLUMNS} from note n where n.id = ?1");
    Ok(tx.query(&sql, (id,))?.optional::<Row>()?.map(Summary::from))
}

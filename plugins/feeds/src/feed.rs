//! A feed as the tools return it.

use cofferdam_sdk::prelude::*;

/// The columns of [`Row`], of a feed `f`. Tags have no spaces.
const COLUMNS: &str = "f.id, f.title, f.url, f.site, f.checked, f.error, \
    (select count(*) from item where feed = f.id) as items, \
    (select count(*) from item where feed = f.id and not read) as unread, \
    (select max(published) from item where feed = f.id) as newest, \
    (select group_concat(name, ' ') from (select name from feed_tag where feed = f.id order by name)) as tags";

#[derive(Deserialize)]
struct Row {
    id: i64,
    title: String,
    url: String,
    site: Option<String>,
    checked: Option<String>,
    error: Option<String>,
    items: u64,
    unread: u64,
    newest: Option<String>,
    tags: Option<String>,
}

/// A feed.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Feed {
    /// Its number, by which other tools name it.
    pub(crate) id: i64,
    /// What it is called.
    pub(crate) title: String,
    /// Where it is.
    pub(crate) url: String,
    /// The site that it is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) site: Option<String>,
    /// Its tags.
    pub(crate) tags: Vec<String>,
    /// How many items are kept.
    pub(crate) items: u64,
    /// How many of them aren't marked as read.
    pub(crate) unread: u64,
    /// When its newest item was published, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) newest: Option<String>,
    /// When it was last asked for, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) checked: Option<String>,
    /// Why it couldn't be read then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
}

impl From<Row> for Feed {
    fn from(row: Row) -> Self {
        let Row { id, title, url, site, checked, error, items, unread, newest, tags } = row;
        let tags = tags.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
        Self { id, title, url, site, tags, items, unread, newest, checked, error }
    }
}

/// One feed.
pub(crate) fn get(db: &Db, id: i64) -> Result<Option<Feed>> {
    let sql = format!("select {COLUMNS} from feed f where f.id = ?1");
    Ok(db.query(&sql, (id,))?.optional::<Row>()?.map(Feed::from))
}

/// The feeds with a tag, or all, by their titles.
pub(crate) fn page(db: &Db, tag: Option<&str>, start: usize, limit: usize) -> Result<Vec<Feed>> {
    let sql = format!(
        "select {COLUMNS} from feed f where ?1 is null or f.id in (select feed from feed_tag where name = ?1) \
         order by f.title collate nocase, f.id limit ?2 offset ?3"
    );
    Ok(db.query(&sql, (tag, limit, start))?.rows::<Row>()?.into_iter().map(Feed::from).collect())
}

//! The tool `new`.

use cofferdam_sdk::prelude::*;

use crate::items::{COLUMNS, Summary};
use crate::{bounds, cursor, store, tag};

/// Which items.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Only items of the feed with this number.
    #[schemars(range(min = 1))]
    feed: Option<i64>,
    /// Only items of feeds with this tag.
    #[schemars(length(min = 1, max = bounds::MAX_TAG + 1))]
    tag: Option<String>,
    /// Only items that were published at this time or later, in UTC: `2026-11-20` or `2026-11-20T08:00:00Z`.
    #[schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?$"))]
    since: Option<String>,
    /// Return also items that are marked as read.
    #[serde(default)]
    read_too: bool,
    /// Return at most this many items.
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

/// The items of one page.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct News {
    /// How many there are in all.
    pub(crate) total: u64,
    /// The newest first.
    pub(crate) items: Vec<Summary>,
    /// The `cursor` that returns the next ones; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

const WHERE: &str = "from item i join feed f on f.id = i.feed where (?1 is null or i.feed = ?1) \
    and (?2 is null or i.feed in (select feed from feed_tag where name = ?2)) \
    and (?3 is null or i.published >= ?3) and (?4 or not i.read)";

/// List what is new, the newest first, page by page: items that aren't marked as read, of all feeds, one, or those with a
/// tag. It asks no server: call `refresh` before it, `item` to read one, `mark` once the user has seen them.
#[tool(title = "New items", read_only, idempotent, open_world = false)]
pub(crate) fn new(args: Args, db: Db) -> Result<News> {
    let tag = args.tag.as_deref().map(tag::parse).transpose()?;
    let purpose = (args.feed, &tag, &args.since, args.read_too);
    let after = args.cursor.as_deref().map(|text| place(cursor::read(&purpose, text)?)).transpose()?;
    store::open(&db)?;
    let total = db
        .query(&format!("select count(*) {WHERE}"), (args.feed, &tag, &args.since, args.read_too))?
        .one()?;
    let sql = format!(
        "select {COLUMNS}, substr(i.content, 1, 200) as excerpt {WHERE} \
         and (?5 is null or (i.published, i.id) < (?5, ?6)) order by i.published desc, i.id desc limit ?7"
    );
    let (time, id) = after.unzip();
    let values = (args.feed, &tag, &args.since, args.read_too, time, id, args.limit + 1);
    let mut items: Vec<Summary> = db.query(&sql, values)?.rows()?;
    let more = items.len() > args.limit as usize;
    items.truncate(args.limit as usize);
    let last = items.last().filter(|_| more);
    let next_cursor = last.map(|item| cursor::write(&purpose, &format!("{}~{}", item.published, item.id)));
    Ok(News { total, items, next_cursor })
}

/// The time and number after which a page begins.
fn place(text: &str) -> Result<(&str, i64)> {
    let parts = text.split_once('~').and_then(|(time, id)| Some((time, id.parse().ok()?)));
    parts.ok_or_else(cursor::wrong)
}

#[cfg(test)]
mod tests;

//! The tool `search`.

use cofferdam_sdk::prelude::*;

use crate::items::{COLUMNS, Summary};
use crate::phrase::expression;
use crate::{bounds, cursor, store, tag};

/// A word in the title counts as much as so many in the content.
const TITLE_WEIGHT: f64 = 5.0;

/// What to look for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The words to look for, in titles and contents: all must be there, whole or as beginnings.
    #[schemars(length(min = 1, max = bounds::MAX_QUERY))]
    query: String,
    /// Only items of the feed with this number.
    #[schemars(range(min = 1))]
    feed: Option<i64>,
    /// Only items of feeds with this tag.
    #[schemars(length(min = 1, max = bounds::MAX_TAG + 1))]
    tag: Option<String>,
    /// Return at most this many items.
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

/// The items of one page.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Found {
    /// How many were found in all.
    pub(crate) total: u64,
    /// The best first.
    pub(crate) items: Vec<Summary>,
    /// The `cursor` that returns the next ones; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

const MATCHING: &str = "from item_text join item i on i.id = item_text.rowid join feed f on f.id = i.feed \
    where item_text match ?1 and (?2 is null or i.feed = ?2) \
    and (?3 is null or i.feed in (select feed from feed_tag where name = ?3))";

/// Find items by the words in their titles and contents, read or not, the best first, each with the place where the words
/// are. It looks at what earlier refreshes brought. Use `item` to read one.
#[tool(title = "Search items", read_only, idempotent, open_world = false)]
pub(crate) fn search(args: Args, db: Db) -> Result<Found> {
    let expression = expression(&args.query)?;
    let tag = args.tag.as_deref().map(tag::parse).transpose()?;
    let purpose = (&expression, args.feed, &tag);
    let place = |text: &str| text.parse::<u64>().map_err(|_| cursor::wrong());
    let offset = args.cursor.as_deref().map_or(Ok(0), |text| place(cursor::read(&purpose, text)?))?;
    store::open(&db)?;
    let total: u64 =
        db.query(&format!("select count(*) {MATCHING}"), (&expression, args.feed, &tag))?.one()?;
    let sql = format!(
        "select {COLUMNS}, snippet(item_text, -1, '«', '»', '…', 32) as excerpt {MATCHING} \
         order by bm25(item_text, ?4, 1.0), i.published desc, i.id desc limit ?5 offset ?6"
    );
    let values = (&expression, args.feed, &tag, TITLE_WEIGHT, args.limit, offset);
    let items: Vec<Summary> = db.query(&sql, values)?.rows()?;
    let end = offset.saturating_add(items.len() as u64);
    let more = !items.is_empty() && end < total;
    Ok(Found { total, items, next_cursor: more.then(|| cursor::write(&purpose, &end.to_string())) })
}

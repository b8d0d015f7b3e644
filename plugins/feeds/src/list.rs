//! The tool `list`.

use cofferdam_sdk::prelude::*;

use crate::feed::{self, Feed};
use crate::{bounds, store, tag};

/// Which feeds.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Only feeds with this tag.
    #[schemars(length(min = 1, max = bounds::MAX_TAG + 1))]
    tag: Option<String>,
    /// Skip so many feeds: 0, or `next_start` of the last answer.
    #[serde(default)]
    start: usize,
    /// Return at most this many feeds.
    #[schemars(range(min = 1, max = 200))]
    #[serde(default = "fifty")]
    limit: usize,
}

fn fifty() -> usize {
    50
}

/// The feeds of one page.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Listed {
    /// How many there are in all.
    pub(crate) total: usize,
    /// By their titles.
    pub(crate) feeds: Vec<Feed>,
    /// The `start` that returns the next ones; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_start: Option<usize>,
}

/// List the feeds that are subscribed to, with how many items are unread, when each was last refreshed, and what went wrong
/// then. Use `new` for the items.
#[tool(title = "List feeds", read_only, idempotent, open_world = false)]
pub(crate) fn list(args: Args, db: Db) -> Result<Listed> {
    let tag = args.tag.as_deref().map(tag::parse).transpose()?;
    store::open(&db)?;
    let count =
        "select count(*) from feed f where ?1 is null or f.id in (select feed from feed_tag where name = ?1)";
    let total = db.query(count, (&tag,))?.one()?;
    let feeds = feed::page(&db, tag.as_deref(), args.start, args.limit)?;
    let end = args.start.saturating_add(feeds.len());
    Ok(Listed { total, next_start: (end < total && !feeds.is_empty()).then_some(end), feeds })
}

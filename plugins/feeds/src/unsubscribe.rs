//! The tool `unsubscribe`.

use cofferdam_sdk::prelude::*;

use crate::store;

/// Which feed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Its number.
    #[schemars(range(min = 1))]
    id: i64,
}

/// What was removed.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Removed {
    /// What it was called.
    title: String,
    /// Where it was.
    url: String,
    /// How many items went with it.
    items: u64,
}

/// Remove a feed for good, with all items that are kept of it.
#[tool(
    title = "Unsubscribe from a feed",
    read_only = false,
    destructive,
    idempotent = false,
    open_world = false
)]
pub(crate) fn unsubscribe(args: Args, db: Db) -> Result<Removed> {
    store::open(&db)?;
    db.transaction(|tx| {
        let found = tx
            .query("select title, url from feed where id = ?1", (args.id,))?
            .optional::<(String, String)>()?;
        let (title, url) = found.ok_or_else(|| store::no_feed(args.id))?;
        let items = tx.execute("delete from item where feed = ?1", (args.id,))?;
        tx.execute("delete from feed_tag where feed = ?1", (args.id,))?;
        tx.execute("delete from feed where id = ?1", (args.id,))?;
        Ok(Removed { title, url, items })
    })
}

//! The tool `mark`.

use cofferdam_sdk::db::Value;
use cofferdam_sdk::prelude::*;

use crate::{bounds, store};

/// Which items: by their numbers, or all of a feed, or all.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The numbers of items.
    #[schemars(length(max = bounds::MAX_IDS))]
    #[serde(default)]
    items: Vec<i64>,
    /// All items of the feed with this number.
    #[schemars(range(min = 1))]
    feed: Option<i64>,
    /// All items of all feeds.
    #[serde(default)]
    all: bool,
    /// Mark as read; with false, as unread.
    #[serde(default = "yes")]
    read: bool,
}

fn yes() -> bool {
    true
}

/// What changed.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Marked {
    /// How many items were marked that weren't before.
    pub(crate) changed: u64,
    /// How many items are unread now, in all feeds.
    pub(crate) unread: u64,
}

/// Mark items as read, so that `new` doesn't return them again, or as unread: some by their numbers, all of a feed, or all.
#[tool(title = "Mark items", read_only = false, destructive = false, idempotent, open_world = false)]
pub(crate) fn mark(args: Args, db: Db) -> Result<Marked> {
    let (condition, values): (String, Vec<Value>) = match (args.items.as_slice(), args.feed, args.all) {
        (items @ [_, ..], None, false) => {
            (store::among("id", 2, items.len()), items.iter().map(|id| Value::from(*id)).collect())
        }
        ([], Some(feed), false) => ("feed = ?2".to_owned(), vec![feed.into()]),
        ([], None, true) => ("true".to_owned(), Vec::new()),
        _ => {
            return Err(ToolError::invalid(
                "expected one of `items`, `feed` and `all`: say which items are meant",
            ));
        }
    };
    store::open(&db)?;
    if let Some(feed) = args.feed
        && db.query("select id from feed where id = ?1", (feed,))?.optional::<i64>()?.is_none()
    {
        return Err(store::no_feed(feed));
    }
    let values: Vec<_> = std::iter::once(Value::from(args.read)).chain(values).collect();
    let changed =
        db.execute(&format!("update item set read = ?1 where {condition} and read <> ?1"), values)?;
    let unread = db.query("select count(*) from item where not read", ())?.one()?;
    Ok(Marked { changed, unread })
}

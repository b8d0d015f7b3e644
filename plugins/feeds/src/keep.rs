//! What came of a feed, into the database.

use std::collections::HashMap;

use cofferdam_readable::{fragment, plain_line, printable};
use cofferdam_sdk::db::Transaction;
use cofferdam_sdk::prelude::*;

use crate::bounds;
use crate::parse::{Feed, Item};
use crate::source::Marks;

/// What a refresh changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) new: u64,
    pub(crate) changed: u64,
}

/// Items that are kept of each feed: the operator's setting, or the usual number.
pub(crate) fn limit(config: &Config) -> Result<usize> {
    let set: Option<usize> = config.get("max_items")?;
    Ok(set.unwrap_or(bounds::KEPT).clamp(1, bounds::MAX_READ))
}

/// What a feed has now, ready to be kept: made before the transaction, which should be short.
pub(crate) struct Ready<'a> {
    feed: &'a Feed,
    items: &'a [Item],
    new: Vec<Text<'a>>,
    changed: Vec<Text<'a>>,
}

/// An item with its texts as they are kept.
struct Text<'a> {
    item: &'a Item,
    title: String,
    content: String,
}

/// Makes the texts of those items that the feed at `url` didn't have; of `limit` items at most.
pub(crate) fn prepare<'a>(db: &Db, url: &str, feed: &'a Feed, limit: usize) -> Result<Ready<'a>> {
    let sql = "select key, mark from item where feed = (select id from feed where url = ?1)";
    let known: HashMap<String, i64> = db.query(sql, (url,))?.rows::<(String, i64)>()?.into_iter().collect();
    let items = feed.items.get(..limit).unwrap_or(&feed.items);
    let text = |item: &'a Item| {
        let content = content(item);
        Text { item, title: title(item, &content), content }
    };
    let new = items.iter().filter(|item| !known.contains_key(&item.key)).map(text).collect();
    let is_other = |item: &&Item| known.get(&item.key).is_some_and(|mark| *mark != item.mark);
    let changed = items.iter().filter(is_other).map(text).collect();
    Ok(Ready { feed, items, new, changed })
}

/// Keeps it; `limit` items at most, those that the feed still has before older ones.
pub(crate) fn keep(tx: &Transaction, id: i64, ready: Ready<'_>, marks: &Marks, limit: usize) -> Result<Kept> {
    let Ready { feed, items, new, changed } = ready;
    let problem = feed.problem.as_ref().map(|problem| plain_line(problem, 300));
    let sql = "update feed set checked = strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), error = ?2, etag = ?3, last_modified = ?4, \
        site = coalesce(?5, site), refreshes = refreshes + 1 where id = ?1 returning refreshes";
    let values = (id, problem, &marks.etag, &marks.last_modified, &feed.site);
    // Somebody may have unsubscribed meanwhile.
    let Some(refresh) = tx.query(sql, values)?.optional::<i64>()? else { return Ok(Kept::default()) };
    // The oldest first, so that of two with the same date the newer one has the higher number.
    let new = tx.execute_many(
        "insert or ignore into item (feed, key, title, url, author, published, content, mark, seen) values (?1, ?2, ?3, ?4, \
         ?5, min(coalesce(?6, '9999'), strftime('%Y-%m-%dT%H:%M:%SZ', 'now')), ?7, ?8, ?9)",
        new.into_iter().rev().map(|Text { item, title, content }| {
            (id, &item.key, title, &item.url, &item.author, &item.published, content, item.mark, refresh)
        }),
    )?;
    let changed = tx.execute_many(
        "update item set title = ?3, content = ?4, mark = ?5, url = ?6 where feed = ?1 and key = ?2",
        changed
            .into_iter()
            .map(|Text { item, title, content }| (id, &item.key, title, content, item.mark, &item.url)),
    )?;
    let seen = items.iter().map(|item| (id, &item.key, refresh));
    tx.execute_many("update item set seen = ?3 where feed = ?1 and key = ?2", seen)?;
    tx.execute(
        "delete from item where feed = ?1 and id not in \
         (select id from item where feed = ?1 order by seen desc, published desc, id desc limit ?2)",
        (id, limit),
    )?;
    Ok(Kept { new, changed })
}

/// The content as Markdown.
fn content(item: &Item) -> String {
    let text = printable(&fragment(&item.content, &item.base));
    match text.char_indices().nth(bounds::MAX_CONTENT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// The title, or the beginning of the content for want of one.
fn title(item: &Item, content: &str) -> String {
    let start: String = content.chars().take(400).collect();
    let titles = [item.title.clone(), plain_line(&start, 80), "(without a title)".to_owned()];
    titles.into_iter().find(|title| !title.is_empty()).unwrap_or_default()
}

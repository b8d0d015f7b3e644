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
    pub(crate) new: usize,
    pub(crate) changed: usize,
}

/// Items that are kept of each feed: the operator's setting, or the usual number.
pub(crate) fn limit(config: &Config) -> Result<usize> {
    let set: Option<usize> = config.get("max_items")?;
    Ok(set.unwrap_or(bounds::KEPT).clamp(1, bounds::MAX_READ))
}

/// Keeps what a feed has now; `limit` items at most, those that it still has before older ones.
pub(crate) fn keep(tx: &Transaction, id: i64, feed: &Feed, marks: &Marks, limit: usize) -> Result<Kept> {
    let problem = feed.problem.as_ref().map(|problem| plain_line(problem, 300));
    let sql = "update feed set checked = strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), error = ?2, etag = ?3, last_modified = ?4, \
        site = coalesce(?5, site), refreshes = refreshes + 1 where id = ?1 returning refreshes";
    let values = (id, problem, &marks.etag, &marks.last_modified, &feed.site);
    let Some(refresh) = tx.query(sql, values)?.optional::<i64>()? else { return Ok(Kept::default()) };
    let known: HashMap<String, i64> = tx
        .query("select key, mark from item where feed = ?1", (id,))?
        .rows::<(String, i64)>()?
        .into_iter()
        .collect();
    let items: Vec<_> = feed.items.iter().take(limit).collect();
    let new: Vec<_> = items.iter().filter(|item| !known.contains_key(&item.key)).collect();
    let changed: Vec<_> =
        items.iter().filter(|item| known.get(&item.key).is_some_and(|mark| *mark != item.mark)).collect();
    // The oldest first, so that of two with the same date the newer one has the higher number.
    tx.execute_many(
        "insert into item (feed, key, title, url, author, published, content, mark, seen) values (?1, ?2, ?3, ?4, ?5, \
         min(coalesce(?6, '9999'), strftime('%Y-%m-%dT%H:%M:%SZ', 'now')), ?7, ?8, ?9)",
        new.iter().rev().map(|item| {
            let content = content(item);
            let title = title(item, &content);
            (id, &item.key, title, &item.url, &item.author, &item.published, content, item.mark, refresh)
        }),
    )?;
    tx.execute_many(
        "update item set title = ?3, content = ?4, mark = ?5, url = ?6 where feed = ?1 and key = ?2",
        changed.iter().map(|item| {
            let content = content(item);
            (id, &item.key, title(item, &content), content, item.mark, &item.url)
        }),
    )?;
    let seen = items.iter().map(|item| (id, &item.key, refresh));
    tx.execute_many("update item set seen = ?3 where feed = ?1 and key = ?2", seen)?;
    tx.execute(
        "delete from item where feed = ?1 and id not in \
         (select id from item where feed = ?1 order by seen desc, published desc, id desc limit ?2)",
        (id, limit),
    )?;
    Ok(Kept { new: new.len(), changed: changed.len() })
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

//! The tool `refresh`.

use std::time::Duration;

use cofferdam_readable::plain_line;
use cofferdam_sdk::Response;
use cofferdam_sdk::db::Value;
use cofferdam_sdk::prelude::*;

use crate::source::{self, Answer, Marks};
use crate::{bounds, keep, store, tag};

/// Feeds that are asked for at the same time.
const BATCH: usize = 8;

/// What is left of a call when no further batch begins: a request takes ten seconds at most, and its items some time.
const RESERVE: Duration = Duration::from_secs(13);

/// A feed isn't asked for again in this time, also not by other calls.
const PAUSE: Duration = minutes(1);

/// Which feeds.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The numbers of feeds; left out: all.
    #[schemars(length(min = 1, max = bounds::MAX_IDS))]
    feeds: Option<Vec<i64>>,
    /// Only feeds with this tag.
    #[schemars(length(min = 1, max = bounds::MAX_TAG + 1))]
    tag: Option<String>,
}

/// What came of it.
#[derive(Debug, Default, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Refreshed {
    /// How many feeds were asked for.
    pub(crate) checked: usize,
    /// How many items are new.
    pub(crate) new_items: u64,
    /// Feeds with something new or changed.
    pub(crate) updated: Vec<Updated>,
    /// Feeds that couldn't be read, and why.
    pub(crate) failed: Vec<Failed>,
    /// Feeds that weren't asked for, because that was done less than a minute ago or their servers want to be left alone.
    pub(crate) skipped: usize,
    /// Feeds for which there was no time: call again.
    pub(crate) left: usize,
}

/// A feed with something new.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Updated {
    /// Its number.
    pub(crate) id: i64,
    /// What it is called.
    pub(crate) title: String,
    /// How many items are new.
    pub(crate) new: u64,
    /// How many items were there, and are different now.
    pub(crate) changed: u64,
}

/// A feed that couldn't be read.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Failed {
    /// Its number.
    pub(crate) id: i64,
    /// What it is called.
    pub(crate) title: String,
    /// Why.
    pub(crate) error: String,
}

#[derive(Deserialize)]
struct Due {
    id: i64,
    title: String,
    url: String,
    etag: Option<String>,
    last_modified: Option<String>,
}

/// Ask the servers of feeds for what is new: of all, of some, or of those with a tag, several at the same time. One that fails
/// doesn't concern the others. Then `new` lists what came. Those that were asked less than a minute ago are skipped.
#[tool(title = "Refresh feeds", read_only = false, destructive = false, idempotent, open_world)]
pub(crate) fn refresh(
    args: Args,
    http: Http,
    db: Db,
    cache: Cache,
    config: Config,
    call: Call,
) -> Result<Refreshed> {
    let tag = args.tag.as_deref().map(tag::parse).transpose()?;
    let limit = keep::limit(&config)?;
    store::open(&db)?;
    let due = due(&db, args.feeds.as_deref(), tag)?;
    let mut result = Refreshed::default();
    let mut done = 0;
    for batch in due.chunks(BATCH) {
        if call.remaining() < RESERVE && done > 0 {
            result.left = due.len() - done;
            break;
        }
        call.progress(done, due.len())?;
        let free: Vec<_> = batch.iter().filter(|feed| is_free(&cache, feed.id)).collect();
        result.skipped += batch.len() - free.len();
        result.checked += free.len();
        let requests = free.iter().map(|feed| source::request(&http, &feed.url, &feed.marks()));
        for (feed, response) in free.iter().zip(http.send_all(requests)) {
            take(&mut result, &db, &cache, feed, response, limit)?;
        }
        done += batch.len();
    }
    Ok(result)
}

impl Due {
    fn marks(&self) -> Marks {
        Marks { etag: self.etag.clone(), last_modified: self.last_modified.clone() }
    }
}

/// The feeds that are meant, those that weren't asked for longest first.
fn due(db: &Db, ids: Option<&[i64]>, tag: Option<String>) -> Result<Vec<Due>> {
    let some = ids.map_or_else(|| "true".to_owned(), |ids| store::among("id", 2, ids.len()));
    let sql = format!(
        "select id, title, url, etag, last_modified from feed \
         where (?1 is null or id in (select feed from feed_tag where name = ?1)) and {some} order by checked, id"
    );
    let values = std::iter::once(Value::from(tag.clone()))
        .chain(ids.unwrap_or_default().iter().map(|id| Value::from(*id)));
    let due: Vec<Due> = db.query(&sql, values.collect::<Vec<_>>())?.rows()?;
    match ids.and_then(|ids| ids.iter().find(|id| due.iter().all(|feed| feed.id != **id))) {
        Some(missing) if tag.is_none() => Err(store::no_feed(*missing)),
        _ => Ok(due),
    }
}

/// Whether nobody asked for a feed lately. Where the cache doesn't answer, it is asked for once too often.
fn is_free(cache: &Cache, id: i64) -> bool {
    cache.set_if_absent(key(id), &true, PAUSE).unwrap_or(true)
}

fn key(id: i64) -> String {
    format!("refresh {id}")
}

/// Keeps what came of one feed. What is wrong with it is noted, and no error.
fn take(
    result: &mut Refreshed,
    db: &Db,
    cache: &Cache,
    feed: &Due,
    response: Result<Response>,
    limit: usize,
) -> Result<()> {
    if let Some(wait) = response.as_ref().ok().and_then(source::wait) {
        drop(cache.set(key(feed.id), &true, wait.max(PAUSE)));
    }
    let problem = match response.and_then(source::read) {
        Ok(Answer::Feed(found, marks)) => {
            let ready = keep::prepare(db, &feed.url, &found, limit)?;
            let kept = db.transaction(|tx| keep::keep(tx, feed.id, ready, &marks, limit))?;
            result.new_items += kept.new;
            if kept != keep::Kept::default() {
                let (new, changed) = (kept.new, kept.changed);
                result.updated.push(Updated { id: feed.id, title: feed.title.clone(), new, changed });
            }
            found.problem.clone()
        }
        Ok(Answer::Unchanged) => {
            note(db, feed.id, None)?;
            None
        }
        Ok(Answer::Page(_)) => {
            let error = format!("{} is a page now, and no feed", feed.url);
            note(db, feed.id, Some(&error))?;
            Some(error)
        }
        Err(ToolError::Cancelled) => return Err(ToolError::Cancelled),
        Err(error) => {
            note(db, feed.id, Some(error.message()))?;
            Some(error.message().to_owned())
        }
    };
    if let Some(error) = problem {
        result.failed.push(Failed { id: feed.id, title: feed.title.clone(), error });
    }
    Ok(())
}

fn note(db: &Db, id: i64, error: Option<&str>) -> Result<()> {
    let error = error.map(|error| plain_line(error, 500));
    let sql = "update feed set checked = strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), error = ?2 where id = ?1";
    db.execute(sql, (id, error)).map(drop)
}

#[cfg(test)]
mod tests;

//! The tool `subscribe`.

use cofferdam_readable::plain_line;
use cofferdam_sdk::prelude::*;

use crate::feed::{self, Feed};
use crate::parse;
use crate::source::{self, Answer, Marks};
use crate::{bounds, keep, store, tag};

/// Which feed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The whole address of the feed, or of a page that names its feed.
    #[schemars(length(min = 1, max = bounds::MAX_URL))]
    url: String,
    /// What to call it; left out: what it calls itself.
    #[schemars(length(min = 1, max = bounds::MAX_TITLE))]
    title: Option<String>,
    /// Tags such as `rust` or `work/news`, without spaces. Case makes no difference.
    #[schemars(length(max = bounds::MAX_TAGS))]
    #[serde(default)]
    tags: Vec<String>,
}

/// What came of it.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Subscribed {
    /// The feed.
    pub(crate) feed: Feed,
    /// Whether it was there already; then its tags were added, and its title changed if one was given.
    pub(crate) known: bool,
    /// How many items are new.
    pub(crate) new_items: u64,
    /// Other feeds that the page names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) others: Vec<Other>,
}

/// A feed that a page names.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Other {
    /// What the page calls it.
    title: String,
    /// Where it is.
    url: String,
}

/// Subscribe to a feed: RSS, Atom or JSON Feed. The address may also be that of a site, whose first feed is taken; others are
/// named in the answer. Its items come at once; later ones come with `refresh`.
#[tool(title = "Subscribe to a feed", read_only = false, destructive = false, idempotent, open_world)]
pub(crate) fn subscribe(args: Args, http: Http, db: Db, config: Config) -> Result<Subscribed> {
    let url = source::address(&args.url)?;
    let tags = tag::parse_all(&args.tags)?;
    let limit = keep::limit(&config)?;
    store::open(&db)?;
    let (url, others, feed, marks) = find(&http, url)?;
    let given = args
        .title
        .as_deref()
        .map(|title| plain_line(title, bounds::MAX_TITLE))
        .filter(|title| !title.is_empty());
    let title =
        given.clone().unwrap_or_else(|| if feed.title.is_empty() { url.clone() } else { feed.title.clone() });
    let ready = keep::prepare(&db, &url, &feed, limit)?;
    let (id, known, kept) = db.transaction(|tx| {
        let known = tx.query("select id from feed where url = ?1", (&url,))?.optional::<i64>()?;
        let feeds: u64 = tx.query("select count(*) from feed", ())?.one()?;
        if known.is_none() && feeds >= bounds::MAX_FEEDS {
            return Err(ToolError::failed(format!(
                "there are {feeds} feeds, which is the most: unsubscribe from some first"
            )));
        }
        let id = match known {
            Some(id) => id,
            None => tx
                .query("insert into feed (url, title) values (?1, ?2) returning id", (&url, &title))?
                .one()?,
        };
        if given.is_some() {
            tx.execute("update feed set title = ?2 where id = ?1", (id, &title))?;
        }
        tx.execute_many(
            "insert or ignore into feed_tag (name, feed) values (?1, ?2)",
            tags.iter().map(|name| (name, id)),
        )?;
        Ok((id, known.is_some(), keep::keep(tx, id, ready, &marks, limit)?))
    })?;
    let feed = feed::get(&db, id)?.ok_or_else(|| store::no_feed(id))?;
    Ok(Subscribed { feed, known, new_items: kept.new, others })
}

/// The feed at an address, or the first one that the page there names.
fn find(http: &Http, url: String) -> Result<(String, Vec<Other>, Box<parse::Feed>, Marks)> {
    let named = match ask(http, &url)? {
        Answer::Feed(feed, marks) => return Ok((url, Vec::new(), feed, marks)),
        Answer::Page(named) => named,
        Answer::Unchanged => {
            return Err(ToolError::failed(format!(
                "{url} answered that nothing changed, though nothing is known of it"
            )));
        }
    };
    let mut others = named.into_iter().map(|(title, url)| Other { title, url });
    let first = others.next().map(|first| first.url).unwrap_or_default();
    match ask(http, &first)? {
        Answer::Feed(feed, marks) => Ok((first, others.collect(), feed, marks)),
        _ => Err(ToolError::failed(format!("{url} names {first} as its feed, and that is none"))),
    }
}

fn ask(http: &Http, url: &str) -> Result<Answer> {
    source::read(source::request(http, url, &Marks::default()).retries(1).send()?)
}

#[cfg(test)]
mod tests;

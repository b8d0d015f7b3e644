//! Feeds of all kinds as one: RSS 0.9x, 1.0 and 2.0, Atom, JSON Feed. Whoever wrote one may have meant harm, or not known
//! better: what can be understood is taken, and no entity but those of XML and HTML is expanded.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use cofferdam_readable::{decode, line};
use cofferdam_sdk::prelude::*;
use url::Url;

use crate::bounds;

mod date;
mod json;
mod xml;

/// A feed as it was published.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Feed {
    pub(crate) title: String,
    /// The site that it is of.
    pub(crate) site: Option<String>,
    /// The newest first, each once.
    pub(crate) items: Vec<Item>,
    /// What is wrong with it, if not all could be read.
    pub(crate) problem: Option<String>,
}

/// An item as it was published.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Item {
    /// What tells it apart from the feed's other ones.
    pub(crate) key: String,
    /// May be empty.
    pub(crate) title: String,
    pub(crate) url: Option<String>,
    pub(crate) author: Option<String>,
    /// `2024-07-01T12:00:00Z`.
    pub(crate) published: Option<String>,
    /// HTML.
    pub(crate) content: String,
    /// What relative addresses in it are relative to.
    pub(crate) base: String,
    /// Changes when its title or content does.
    pub(crate) mark: i64,
}

/// What stands in a feed, before anything is made of it.
#[derive(Debug, Default)]
struct Raw {
    title: String,
    link: Option<String>,
    base: Option<String>,
    items: Vec<RawItem>,
    problem: Option<String>,
}

#[derive(Debug, Default)]
struct RawItem {
    id: Option<String>,
    title: String,
    link: Option<String>,
    author: Option<String>,
    published: Option<String>,
    updated: Option<String>,
    summary: String,
    content: String,
    /// Whether the id is an address, too.
    id_is_link: bool,
}

/// Reads a feed that came from `url`. None if it is no feed.
pub(crate) fn feed(body: &[u8], content_type: Option<&str>, url: &str) -> Result<Option<Feed>> {
    if body.len() > bounds::MAX_FEED {
        let (found, most) = (body.len(), bounds::MAX_FEED);
        return Err(ToolError::failed(format!("{url} has {found} bytes, and a feed is read up to {most}")));
    }
    let text = decode(body, content_type);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let raw = if text.starts_with('{') { json::read(text) } else { xml::read(text) };
    Ok(raw.map(|raw| made(raw, url)))
}

fn made(raw: Raw, url: &str) -> Feed {
    let from = Url::parse(url).ok();
    let base = raw
        .base
        .as_deref()
        .and_then(|base| address(from.as_ref(), base))
        .and_then(|base| Url::parse(&base).ok())
        .or(from);
    let mut seen = HashSet::new();
    let mut items: Vec<_> = raw
        .items
        .into_iter()
        .map(|raw| item(raw, base.as_ref()))
        .filter(|item| seen.insert(item.key.clone()))
        .collect();
    // Stable: where dates are missing, the order of the feed counts.
    items.sort_by(|a, b| {
        b.published.is_some().cmp(&a.published.is_some()).then_with(|| b.published.cmp(&a.published))
    });
    let site = raw.link.as_deref().and_then(|link| address(base.as_ref(), link));
    let title = line(&raw.title, bounds::MAX_TITLE);
    Feed { title, site, items, problem: raw.problem }
}

fn item(raw: RawItem, base: Option<&Url>) -> Item {
    let id = raw.id.map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
    let link = raw.link.or_else(|| id.clone().filter(|id| raw.id_is_link && id.contains("://")));
    let url = link.and_then(|link| address(base, &link));
    let title = line(&raw.title, bounds::MAX_TITLE);
    let content = if raw.content.trim().is_empty() { raw.summary } else { raw.content };
    let mark = fingerprint(&(&title, &content));
    let key = match id.or_else(|| url.clone()) {
        Some(key) if key.len() <= 500 => key,
        Some(long) => format!("hash {:x}", fingerprint(&long)),
        None => format!("hash {mark:x}"),
    };
    let published = raw.published.or(raw.updated).and_then(|written| date::read(&written));
    let author = raw.author.map(|author| line(&author, 200)).filter(|author| !author.is_empty());
    let base = url.clone().or_else(|| base.map(Url::to_string)).unwrap_or_default();
    Item { key, title, url, author, published, content, base, mark }
}

/// An address of the web; none for anything else.
fn address(base: Option<&Url>, written: &str) -> Option<String> {
    let written = written.trim();
    let url = match base {
        _ if written.is_empty() || written.len() > bounds::MAX_URL => return None,
        Some(base) => base.join(written).ok()?,
        None => Url::parse(written).ok()?,
    };
    matches!(url.scheme(), "http" | "https").then(|| url.into())
}

fn fingerprint(value: &impl Hash) -> i64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish().cast_signed()
}

#[cfg(test)]
mod tests;

//! Requests for feeds, and what came back.

use cofferdam_readable::{Document, decode, plain_line};
use cofferdam_sdk::prelude::*;
use cofferdam_sdk::{Request, Response};
use url::Url;

use crate::parse::{self, Feed};

const ACCEPT: &str = "application/feed+json, application/atom+xml, application/rss+xml, application/xml;q=0.9, text/html;q=0.5, */*;q=0.3";

/// Longer marks aren't sent back.
const MAX_MARK: usize = 1_000;

/// What a server said of its feed, to be asked whether it changed.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Marks {
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) enum Answer {
    Feed(Box<Feed>, Marks),
    /// Nothing changed.
    Unchanged,
    /// A page with these feeds, where it came from a server that was asked for one.
    Page(Vec<(String, String)>),
}

/// The address that a client gave.
pub(crate) fn address(written: &str) -> Result<String> {
    let written = written.trim();
    let url = Url::parse(written).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let mut url = url.ok_or_else(|| {
        ToolError::invalid(format!(
            "`url` must be a whole address such as https://example.com/feed.xml, found {written:?}"
        ))
    })?;
    url.set_fragment(None);
    Ok(url.into())
}

/// A request for a feed, or for whether it changed.
pub(crate) fn request(http: &Http, url: &str, marks: &Marks) -> Request {
    let request = http.get(url).header("accept", ACCEPT).timeout(seconds(10));
    match (&marks.etag, &marks.last_modified) {
        (Some(etag), _) => request.header("if-none-match", etag),
        (None, Some(time)) => request.header("if-modified-since", time),
        (None, None) => request,
    }
}

/// Reads what came back; a status that is none of a feed is an error.
pub(crate) fn read(response: Response) -> Result<Answer> {
    if response.status == 304 {
        return Ok(Answer::Unchanged);
    }
    let response = response.ok()?;
    let header = |name| response.header(name).filter(|value| value.len() <= MAX_MARK).map(str::to_owned);
    let kind = response.header("content-type");
    if let Some(feed) = parse::feed(&response.body, kind, &response.url)? {
        let marks = Marks { etag: header("etag"), last_modified: header("last-modified") };
        return Ok(Answer::Feed(Box::new(feed), marks));
    }
    let start = response.body.get(..512 * 1024).unwrap_or(&response.body);
    let page = Document::parse(&decode(start, kind), &response.url);
    let feeds: Vec<_> = page.feeds().into_iter().take(10).map(|feed| (feed.title, feed.url)).collect();
    match feeds.is_empty() {
        true => Err(ToolError::failed(format!(
            "{} is no feed, and no page that names one: it is {}, {} bytes",
            response.url,
            plain_line(kind.unwrap_or("of no type"), 100),
            response.body.len()
        ))),
        false => Ok(Answer::Page(feeds)),
    }
}

/// How long a server wants to be left alone, if it says so: an hour at most.
pub(crate) fn wait(response: &Response) -> Option<std::time::Duration> {
    let asked = matches!(response.status, 429 | 503);
    let time = response.header("retry-after").filter(|_| asked)?.trim().parse().ok()?;
    Some(seconds(time).min(hours(1)))
}

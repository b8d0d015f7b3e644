//! The tool `links`.

use cofferdam_readable::{Document, decode};
use cofferdam_sdk::prelude::*;

use crate::kind::{self, Kind};
use crate::source::{self, Mode, Origin, Wish};
use crate::{address, bounds};

/// Which page, and which of its links.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The whole address of the page.
    #[schemars(length(min = 1, max = bounds::MAX_URL))]
    url: String,
    /// Only links with this in their text or address. Case makes no difference.
    #[schemars(length(min = 1, max = 200))]
    contains: Option<String>,
    /// Skip so many links: 0, or `next_start` of the last answer.
    #[serde(default)]
    start: usize,
    /// Return at most this many links.
    #[schemars(range(min = 1, max = 500))]
    #[serde(default = "hundred")]
    limit: usize,
    /// Ask the server even if there is a copy in the cache.
    #[serde(default)]
    refresh: bool,
}

fn hundred() -> usize {
    100
}

/// The links of a page.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Links {
    /// The page, after redirects.
    url: String,
    /// How many there are in all.
    total: usize,
    /// In the order in which they stand.
    links: Vec<Link>,
    /// The `start` that returns the next ones; absent after the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_start: Option<usize>,
    /// Feeds of news that the page names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    feeds: Vec<Link>,
    /// Where the page came from.
    from: Origin,
}

/// One link.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Link {
    /// What it says.
    text: String,
    /// Where it leads.
    url: String,
}

/// List where a web page leads: each link's text and absolute address, once, menus included. Use it to find the next page to
/// read with `page`; `contains` narrows it down.
#[tool(title = "Links of a web page", read_only, idempotent, open_world)]
pub(crate) fn links(args: Args, http: Http, cache: Cache) -> Result<Links> {
    let url = address::parse(&args.url)?;
    let source = source::get(&url, Wish::Page, Mode::of(args.refresh, args.start), &http, &cache)?;
    let (body, url) = (&source.copy.body, &source.copy.about.url);
    if kind::of(source.content_type(), body) != Kind::Html {
        let kind = kind::essence(source.content_type());
        return Err(ToolError::failed(format!(
            "{url} is no page of HTML but {kind:?}, so it has no links: read it with `page`"
        )));
    }
    let start = body.get(..bounds::MAX_HTML).unwrap_or(body);
    let document = Document::parse(&decode(start, source.content_type()), url);
    let part = args.contains.unwrap_or_default().to_lowercase();
    let mut all = document.links();
    all.retain(|link| link.text.to_lowercase().contains(&part) || link.url.to_lowercase().contains(&part));
    let total = all.len();
    let links: Vec<_> = all
        .into_iter()
        .skip(args.start)
        .take(args.limit)
        .map(|link| Link { text: link.text, url: link.url })
        .collect();
    let end = args.start.saturating_add(links.len());
    let feeds = document.feeds().into_iter().take(20).map(|feed| Link { text: feed.title, url: feed.url });
    Ok(Links {
        url: url.clone(),
        total,
        next_start: (end < total && !links.is_empty()).then_some(end),
        links,
        feeds: feeds.collect(),
        from: source.origin,
    })
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::Response;
    use cofferdam_sdk::mock::Host;

    use super::*;

    fn host() -> Host {
        let page = "<link rel=alternate type=application/atom+xml href=/feed title=News>
            <a href=/a>Apple</a><a href=/b>Banana</a><a href='#top'>top</a><a href=https://c.example/apple>C</a>";
        Host::new()
            .http_with("GET https://a.example/*", move |_| {
                Response::new(200, page.as_bytes().to_vec()).with_header("content-type", "text/html")
            })
            .http("GET https://a.example/x.txt", 200, "x")
    }

    fn urls(links: &Links) -> Vec<&str> {
        links.links.iter().map(|link| link.url.as_str()).collect()
    }

    #[test]
    fn links_are_narrowed_down_and_paged() {
        let host = host();
        let all = host.call::<links>(json!({"url": "https://a.example/", "limit": 2})).unwrap();
        assert_eq!(urls(&all), ["https://a.example/a", "https://a.example/b"]);
        assert_eq!((all.total, all.next_start, all.from), (3, Some(2), Origin::Network));
        assert_eq!(all.feeds, [Link { text: "News".into(), url: "https://a.example/feed".into() }]);
        let rest = host.call::<links>(json!({"url": "https://a.example/", "start": 2})).unwrap();
        assert_eq!(
            (urls(&rest), rest.next_start, rest.from),
            (vec!["https://c.example/apple"], None, Origin::Cache)
        );
        let apples = host.call::<links>(json!({"url": "https://a.example/", "contains": "APPLE"})).unwrap();
        assert_eq!(urls(&apples), ["https://a.example/a", "https://c.example/apple"]);
        assert_eq!(host.requests().len(), 1);
    }

    #[test]
    fn what_is_no_page_has_no_links() {
        let refused = "https://a.example/x.txt is no page of HTML but \"text/plain\", so it has no links: read it with `page`";
        assert_eq!(
            host().call::<links>(json!({"url": "https://a.example/x.txt"})),
            Err(ToolError::failed(refused))
        );
    }
}

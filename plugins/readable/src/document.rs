//! A whole page: what it is called, what is its content, where its links and feeds are.

use url::Url;

use crate::clean::{line, plain_line};
use crate::render::{Style, absolute, is_frame, markdown};
use crate::tree::{Element, Id, Tree};

/// Characters of a title or a description.
const TITLE: usize = 300;

/// Content that was found has at least so many bytes, unless the page has no more.
const CONTENT: usize = 200;

/// What to write of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Whether links have their addresses, or only their texts.
    pub links: bool,
    /// Whether menus, side columns and footers are written too.
    pub whole: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { links: true, whole: false }
    }
}

/// A link of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What it says.
    pub text: String,
    /// Where it leads.
    pub url: String,
}

/// A feed that a page names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedLink {
    /// Its title; may be empty.
    pub title: String,
    /// Where it is.
    pub url: String,
}

/// A page of HTML.
#[derive(Debug)]
pub struct Document {
    tree: Tree,
    base: Option<Url>,
}

impl Document {
    /// Reads a page that came from `url`.
    #[must_use]
    pub fn parse(html: &str, url: &str) -> Self {
        let tree = Tree::parse(html);
        let url = Url::parse(url).ok();
        let said = tree.elements().find(|(_, element)| element.name == "base");
        let said = said.and_then(|(_, element)| absolute(url.as_ref(), element.attributes.get("href")?));
        Self { base: said.and_then(|said| Url::parse(&said).ok()).or(url), tree }
    }

    /// What it is called.
    #[must_use]
    pub fn title(&self) -> Option<String> {
        let named = |name: &str| self.tree.elements().find(|(_, element)| element.name == name);
        let text =
            |found: Option<(Id, &Element)>| found.map(|(id, _)| plain_line(&self.tree.text(id), TITLE));
        let of = |found: Option<String>| found.filter(|title| !title.is_empty());
        of(text(named("title"))).or_else(|| of(self.meta("og:title"))).or_else(|| of(text(named("h1"))))
    }

    /// What it says of itself.
    #[must_use]
    pub fn description(&self) -> Option<String> {
        self.meta("description").or_else(|| self.meta("og:description")).filter(|text| !text.is_empty())
    }

    /// Its content.
    #[must_use]
    pub fn markdown(&self, options: Options) -> String {
        let Options { links, whole } = options;
        let style = Style { base: self.base.as_ref(), links, whole, page: false };
        if !whole && let Some(content) = self.content() {
            let found = markdown(&self.tree, content, style);
            if found.len() >= CONTENT {
                return found;
            }
        }
        let all = markdown(&self.tree, Tree::ROOT, Style { page: !whole, ..style });
        match all.is_empty() && !whole {
            true => markdown(&self.tree, Tree::ROOT, Style { whole: true, ..style }),
            false => all,
        }
    }

    /// Where its links lead, in the order in which they stand, each address once.
    #[must_use]
    pub fn links(&self) -> Vec<Link> {
        let mut seen = std::collections::HashSet::new();
        let anchors = self.tree.elements().filter(|(_, element)| element.name == "a");
        let read = |(id, element): (Id, &Element)| {
            let url = absolute(self.base.as_ref(), element.attributes.get("href")?)?;
            let said = plain_line(&self.tree.text(id), TITLE);
            let text = if said.is_empty() { self.label(element) } else { said };
            Some(Link { text, url })
        };
        anchors.filter_map(read).filter(|link| seen.insert(link.url.clone())).collect()
    }

    /// The feeds that it names.
    #[must_use]
    pub fn feeds(&self) -> Vec<FeedLink> {
        let is_feed = |element: &Element| {
            let kind = element.attributes.get("type").unwrap_or_default().to_ascii_lowercase();
            let known = [
                "application/rss+xml",
                "application/atom+xml",
                "application/feed+json",
                "application/rdf+xml",
            ];
            element.name == "link"
                && element.attributes.has("rel", "alternate")
                && known.iter().any(|known| kind.starts_with(known))
        };
        let feeds = self.tree.elements().filter(|(_, element)| is_feed(element));
        let read = |element: &Element| {
            let url = absolute(self.base.as_ref(), element.attributes.get("href")?)?;
            Some(FeedLink { title: line(element.attributes.get("title").unwrap_or_default(), TITLE), url })
        };
        feeds.filter_map(|(_, element)| read(element)).collect()
    }

    /// What a link without text is called.
    fn label(&self, element: &Element) -> String {
        let pictures = self.tree.within(element).filter_map(|(_, inner)| inner.attributes.get("alt"));
        let mut names = element.attributes.get("title").into_iter().chain(pictures);
        names.find(|name| !name.is_empty()).map(|text| plain_line(text, TITLE)).unwrap_or_default()
    }

    fn meta(&self, name: &str) -> Option<String> {
        let named = |element: &Element| {
            element.attributes.has("name", name) || element.attributes.has("property", name)
        };
        let mut metas = self.tree.elements().filter(|(_, element)| element.name == "meta" && named(element));
        metas.find_map(|(_, element)| element.attributes.get("content")).map(|text| plain_line(text, TITLE))
    }

    /// The element with the content: the main part, or the only article, or the page without what frames it.
    fn content(&self) -> Option<Id> {
        let is_main = |element: &Element| element.name == "main" || element.attributes.has("role", "main");
        let only = |test: &dyn Fn(&Element) -> bool| {
            let mut found = self.tree.elements().filter(|(_, element)| test(element) && !is_frame(element));
            let first = found.next();
            first.filter(|_| found.next().is_none()).map(|(id, _)| id)
        };
        only(&is_main).or_else(|| only(&|element| element.name == "article"))
    }
}

/// The Markdown of a piece of HTML, such as an article of a feed.
#[must_use]
pub fn fragment(html: &str, base: &str) -> String {
    let tree = Tree::parse(html);
    let base = Url::parse(base).ok();
    markdown(&tree, Tree::ROOT, Style { base: base.as_ref(), links: true, whole: true, page: false })
}

#[cfg(test)]
mod tests;

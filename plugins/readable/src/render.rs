//! Elements to Markdown. It recurses as deep as the tree is, which is bounded.

use url::Url;

use crate::clean::printable;
use crate::tree::{Element, Id, Node, Tree, is_block};
use crate::write::{Gap, Writer};

mod code;
mod table;

/// How to write.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style<'a> {
    /// What relative addresses are relative to.
    pub(crate) base: Option<&'a Url>,
    /// Whether links have their addresses.
    pub(crate) links: bool,
    /// Whether what surrounds a page's content is written too.
    pub(crate) whole: bool,
    /// Whether this is a page of which no part is known to be the content.
    pub(crate) page: bool,
}

/// The Markdown of an element.
pub(crate) fn markdown(tree: &Tree, id: Id, style: Style<'_>) -> String {
    let mut renderer =
        Renderer { tree, style, out: Writer::new(), lists: Vec::new(), in_link: false, articles: 0 };
    renderer.node(id);
    renderer.out.finish()
}

/// An address as it is followed from here; none if it leads nowhere, such as a script.
pub(crate) fn absolute(base: Option<&Url>, address: &str) -> Option<String> {
    let address = address.trim();
    if address.is_empty() || address.starts_with('#') {
        return None;
    }
    let url = match base {
        Some(base) => base.join(address).ok()?,
        None => Url::parse(address).ok()?,
    };
    matches!(url.scheme(), "http" | "https" | "mailto" | "ftp").then(|| url.into())
}

/// What nobody reads, wherever it stands.
fn is_never_read(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "template"
            | "noscript"
            | "head"
            | "svg"
            | "iframe"
            | "object"
            | "embed"
            | "canvas"
            | "audio"
            | "video"
            | "button"
            | "select"
            | "datalist"
            | "input"
            | "textarea"
            | "dialog"
            | "annotation"
            | "annotation-xml"
            | "nav"
            | "frameset"
            | "map"
            | "title"
    )
}

/// Whether an element is a frame around the content of a page, and not of it.
pub(crate) fn is_frame(element: &Element) -> bool {
    let role = |role| element.attributes.has("role", role);
    matches!(element.name.as_str(), "nav" | "dialog")
        || ["navigation", "search", "menu", "menubar", "toolbar", "dialog", "alertdialog"]
            .into_iter()
            .any(role)
}

struct Renderer<'a> {
    tree: &'a Tree,
    style: Style<'a>,
    out: Writer,
    /// Of each list that is open, the number of its next item; none if it has no numbers.
    lists: Vec<Option<i64>>,
    in_link: bool,
    /// Articles that are open.
    articles: usize,
}

impl Renderer<'_> {
    fn node(&mut self, id: Id) {
        match self.tree.node(id) {
            Some(Node::Text(text)) => self.out.text(text),
            Some(Node::Element(element)) => self.element(id, element),
            None => {}
        }
    }

    fn children(&mut self, element: &Element) {
        for id in &element.children {
            self.node(*id);
        }
    }

    fn element(&mut self, id: Id, element: &Element) {
        let name = element.name.as_str();
        let never = is_never_read(name) && !(self.style.whole && name == "nav");
        if never
            || element.attributes.hide()
            || !self.style.whole && is_frame(element)
            || self.is_margin(id, element)
        {
            return;
        }
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.heading(element),
            "p" | "dl" | "figure" | "address" => self.block(element, Gap::Blank),
            "ul" | "menu" => self.list(element, None),
            "ol" => self.list(element, Some(first_number(element))),
            "li" => self.item(element),
            "dt" => self.marked_block(element),
            "dd" => self.indented(element, ": ", "  ", Gap::Line),
            "blockquote" => self.indented(element, "> ", "> ", Gap::Blank),
            "pre" if !self.out.is_inline() => self.code_block(id, element),
            "table" if !self.out.is_inline() => self.table(element),
            "hr" => self.rule(),
            "br" => self.out.gap(Gap::Line),
            "wbr" => {}
            "img" => self.image(element),
            "a" => self.link(element),
            "summary" => self.marked_block(element),
            "b" | "strong" => self.marked(element, "**"),
            "i" | "em" | "cite" | "dfn" => self.marked(element, "_"),
            "del" | "s" | "strike" => self.marked(element, "~~"),
            "code" | "kbd" | "samp" | "tt" | "pre" => self.code(id),
            "q" => self.quoted(element),
            "article" => {
                self.articles += 1;
                self.block(element, Gap::Blank);
                self.articles -= 1;
            }
            _ if is_block(name) => self.block(element, Gap::Blank),
            _ => self.children(element),
        }
    }

    /// Whether an element is a side column, a foot, or a head without the page's heading.
    fn is_margin(&self, id: Id, element: &Element) -> bool {
        let role = |role| element.attributes.has("role", role);
        self.style.page
            && self.articles == 0
            && match element.name.as_str() {
                "aside" | "footer" => true,
                "header" => !self.tree.holds(id, "h1"),
                _ => {
                    role("contentinfo")
                        || role("complementary")
                        || role("banner") && !self.tree.holds(id, "h1")
                }
            }
    }

    fn block(&mut self, element: &Element, gap: Gap) {
        self.out.gap(gap);
        self.children(element);
        self.out.gap(gap);
    }

    fn marked(&mut self, element: &Element, mark: &'static str) {
        self.out.mark(mark);
        self.children(element);
        self.out.unmark();
    }

    /// A line that stands out; where it has blocks of its own, those do.
    fn marked_block(&mut self, element: &Element) {
        if self.tree.within(element).any(|(_, inner)| is_block(&inner.name)) {
            return self.block(element, Gap::Blank);
        }
        self.out.gap(Gap::Blank);
        self.marked(element, "**");
        self.out.gap(Gap::Line);
    }

    fn quoted(&mut self, element: &Element) {
        self.out.text("“");
        self.children(element);
        self.out.text("”");
    }

    fn indented(&mut self, element: &Element, first: &str, rest: &str, gap: Gap) {
        if self.out.is_inline() {
            return self.block(element, gap);
        }
        self.out.gap(gap);
        self.out.enter(first, rest);
        self.children(element);
        self.out.gap(gap);
        self.out.leave();
    }

    fn heading(&mut self, element: &Element) {
        let level = element.name.bytes().last().map_or(1, |digit| usize::from(digit.saturating_sub(b'0')));
        let text = self.inline(false, element);
        self.out.gap(Gap::Blank);
        let text = text.trim();
        if !text.is_empty() {
            let marks = if self.out.is_inline() { String::new() } else { format!("{} ", "#".repeat(level)) };
            self.out.raw(&format!("{marks}{text}"));
        }
        self.out.gap(Gap::Blank);
    }

    fn list(&mut self, element: &Element, first: Option<i64>) {
        let around = if self.lists.is_empty() { Gap::Blank } else { Gap::Line };
        self.out.gap(around);
        self.lists.push(first);
        self.children(element);
        self.lists.pop();
        self.out.gap(around);
    }

    fn item(&mut self, element: &Element) {
        let marker = match self.lists.last_mut() {
            Some(Some(number)) => {
                let marker = format!("{number}. ");
                *number = number.saturating_add(1);
                marker
            }
            _ => "- ".to_owned(),
        };
        let rest = " ".repeat(marker.len());
        self.indented(element, &marker, &rest, Gap::Line);
    }

    fn rule(&mut self) {
        self.out.gap(Gap::Blank);
        if !self.out.is_inline() {
            self.out.raw("---");
            self.out.gap(Gap::Blank);
        }
    }

    fn image(&mut self, element: &Element) {
        let alt = element.attributes.get("alt").map(printable).unwrap_or_default();
        let alt = alt.split_whitespace().collect::<Vec<_>>().join(" ").replace(['[', ']'], "");
        if alt.is_empty() {
            return;
        }
        let source = element.attributes.get("src").and_then(|source| absolute(self.style.base, source));
        // In a link the picture's own address is of no use: the link's is.
        let source = source.filter(|_| self.style.links && !self.in_link);
        self.out.raw(
            &source
                .map_or_else(|| format!("[image: {alt}]"), |source| format!("![{alt}]({})", target(&source))),
        );
    }

    fn link(&mut self, element: &Element) {
        let address = element.attributes.get("href").and_then(|href| absolute(self.style.base, href));
        let Some(address) = address.filter(|_| self.style.links && !self.in_link) else {
            let text = self.tree_text(element);
            // A heading's link to itself.
            if !matches!(text.trim(), "#" | "¶" | "§" | "🔗" | "Anchor") {
                self.children(element);
            }
            return;
        };
        self.in_link = true;
        let text = self.inline(self.out.is_in_table(), element);
        self.in_link = false;
        if text.is_empty() {
            return;
        }
        // What a page wraps into one link may be blocks; the space around stays outside.
        self.out.text(leading(self.tree_text(element).as_str()));
        match text == address {
            true => self.out.raw(&format!("<{address}>")),
            false => self.out.raw(&format!("[{text}]({})", target(&address))),
        }
        self.out.text(trailing(self.tree_text(element).as_str()));
    }

    /// What is in an element, on one line.
    fn inline(&mut self, in_table: bool, element: &Element) -> String {
        let outer = std::mem::replace(&mut self.out, Writer::inline(in_table));
        self.children(element);
        std::mem::replace(&mut self.out, outer).finish()
    }

    fn tree_text(&self, element: &Element) -> String {
        element.children.iter().map(|id| self.tree.text(*id)).collect()
    }
}

fn leading(text: &str) -> &str {
    if text.starts_with(char::is_whitespace) { " " } else { "" }
}

fn trailing(text: &str) -> &str {
    if text.ends_with(char::is_whitespace) { " " } else { "" }
}

/// An address as the target of a link.
fn target(address: &str) -> String {
    if address.contains(['(', ')', '<', '>', ' ']) {
        format!("<{}>", address.replace('<', "%3C").replace('>', "%3E"))
    } else {
        address.to_owned()
    }
}

fn first_number(element: &Element) -> i64 {
    let start = element.attributes.get("start").and_then(|start| start.parse().ok());
    start.filter(|start| (0..1_000_000_000).contains(start)).unwrap_or(1)
}

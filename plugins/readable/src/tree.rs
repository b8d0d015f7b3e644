//! HTML as a tree that is never deep: enough of the standard's rules that pages as people write them nest as they meant.
//!
//! It is not the standard's own tree: what is misnested isn't rearranged, and nothing that is absent is made up.
//! Elements beyond the depth and the number that are kept give what is in them to the one around.

use html5gum::{DefaultEmitter, Token, Tokenizer};

use crate::attributes::Attributes;

/// Elements within elements; those that come deeper dissolve. What walks the tree may recurse.
const DEPTH: usize = 100;

/// Elements and texts; what comes after is left out.
const NODES: usize = 400_000;

/// The place of a node in its tree.
pub(crate) type Id = usize;

/// An element or a text.
#[derive(Debug)]
pub(crate) enum Node {
    Text(String),
    Element(Element),
}

/// An element, with the places of what is in it.
#[derive(Debug, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Attributes,
    pub(crate) children: Vec<Id>,
}

/// All nodes; the first is the root, which has no name.
#[derive(Debug)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    pub(crate) fn parse(html: &str) -> Self {
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        let mut builder = Builder {
            nodes: vec![Node::Element(Element::default())],
            open: vec![(0, String::new())],
            dissolved: 0,
        };
        for token in Tokenizer::new_with_emitter(html, emitter) {
            match token {
                Ok(Token::StartTag(tag)) => {
                    let name = String::from_utf8_lossy(&tag.name).into_owned();
                    let closed = tag.self_closing && builder.in_foreign();
                    builder.start(name, Attributes::of(&tag), closed);
                }
                Ok(Token::EndTag(tag)) => builder.end(&String::from_utf8_lossy(&tag.name)),
                Ok(Token::String(text)) => builder.text(&String::from_utf8_lossy(&text.value)),
                _ => {}
            }
        }
        Self { nodes: builder.nodes }
    }

    pub(crate) const ROOT: Id = 0;

    pub(crate) fn node(&self, id: Id) -> Option<&Node> {
        self.nodes.get(id)
    }

    pub(crate) fn element(&self, id: Id) -> Option<&Element> {
        match self.node(id)? {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        }
    }

    /// All elements, in the order of the document.
    pub(crate) fn elements(&self) -> impl Iterator<Item = (Id, &Element)> {
        self.nodes.iter().enumerate().filter_map(|(id, node)| match node {
            Node::Element(element) => Some((id, element)),
            Node::Text(_) => None,
        })
    }

    /// The elements in this one.
    pub(crate) fn within<'a>(&'a self, element: &'a Element) -> impl Iterator<Item = (Id, &'a Element)> {
        element.children.iter().filter_map(|id| Some((*id, self.element(*id)?)))
    }

    /// Whether a node is such an element, or has one in it.
    pub(crate) fn holds(&self, id: Id, name: &str) -> bool {
        let mut left = vec![id];
        while let Some(id) = left.pop() {
            let Some(element) = self.element(id) else { continue };
            if element.name == name {
                return true;
            }
            left.extend(&element.children);
        }
        false
    }

    /// All text in a node, as it stands.
    pub(crate) fn text(&self, id: Id) -> String {
        let mut text = String::new();
        let mut left = vec![id];
        while let Some(id) = left.pop() {
            match self.node(id) {
                Some(Node::Text(found)) => text.push_str(found),
                Some(Node::Element(element)) if element.name == "br" => text.push('\n'),
                Some(Node::Element(element)) => left.extend(element.children.iter().rev()),
                None => {}
            }
        }
        text
    }
}

struct Builder {
    nodes: Vec<Node>,
    /// The elements that are open, the root first.
    open: Vec<(Id, String)>,
    /// Of elements that were too deep, how many still have their ends to come.
    dissolved: usize,
}

impl Builder {
    fn start(&mut self, name: String, attributes: Attributes, closed: bool) {
        self.close_implied(&name);
        let leaf = closed || is_void(&name);
        if self.open.len() > DEPTH {
            self.dissolved += usize::from(!leaf);
            // Its words stay apart from those before it.
            if is_block(&name) {
                self.text(" ");
            }
            return;
        }
        let element = Element { name: name.clone(), attributes, children: Vec::new() };
        if let Some(id) = self.add(Node::Element(element))
            && !leaf
        {
            self.open.push((id, name));
        }
    }

    fn end(&mut self, name: &str) {
        if self.dissolved > 0 {
            self.dissolved -= 1;
            return;
        }
        // A cell's content doesn't end the table around it.
        let bound = |known: &str| {
            matches!(known, "td" | "th") && !matches!(name, "tr" | "tbody" | "thead" | "tfoot" | "table")
        };
        self.close(&[name], bound);
    }

    fn text(&mut self, text: &str) {
        let (id, _) = self.open.last().cloned().unwrap_or_default();
        let last = self.nodes.get(id).and_then(|node| match node {
            Node::Element(element) => element.children.last().copied(),
            Node::Text(_) => None,
        });
        // Where a tag was left out, what was before and after it is one text.
        if let Some(Node::Text(before)) = last.and_then(|id| self.nodes.get_mut(id)) {
            before.push_str(text);
        } else {
            self.add(Node::Text(text.to_owned()));
        }
    }

    fn add(&mut self, node: Node) -> Option<Id> {
        let id = self.nodes.len();
        let (parent, _) = self.open.last()?;
        if id >= NODES {
            return None;
        }
        if let Some(Node::Element(element)) = self.nodes.get_mut(*parent) {
            element.children.push(id);
        }
        self.nodes.push(node);
        Some(id)
    }

    /// Whether `/>` means what it says.
    fn in_foreign(&self) -> bool {
        self.open.iter().any(|(_, name)| name == "svg" || name == "math")
    }

    /// Ends what a new element ends without a tag: a paragraph, an item, a cell.
    fn close_implied(&mut self, name: &str) {
        let list = |known: &str| matches!(known, "ul" | "ol" | "menu");
        let table = |known: &str| known == "table";
        match name {
            "li" => self.close(&["li"], list),
            "dt" | "dd" => self.close(&["dt", "dd"], |known| known == "dl"),
            "option" | "optgroup" => self.close(&["option"], |known| known == "select"),
            "td" | "th" => self.close(&["td", "th"], |known| known == "tr" || known == "table"),
            "tr" => self.close(&["tr"], table),
            "tbody" | "thead" | "tfoot" => self.close(&["tbody", "thead", "tfoot"], table),
            "body" => self.close(&["head"], |_| false),
            "a" => self.close(&["a"], |known| is_block(known) && known != "p"),
            _ => {}
        }
        if is_block(name) {
            self.close(&["p"], |known| is_block(known) && known != "p");
        }
    }

    /// Ends the innermost open element of these names, and all within it, unless one is between that nothing reaches across.
    fn close(&mut self, names: &[&str], bound: impl Fn(&str) -> bool) {
        let at =
            self.open.iter().skip(1).rposition(|(_, known)| names.contains(&known.as_str()) || bound(known));
        let Some(at) = at else { return };
        if self.open.get(at + 1).is_some_and(|(_, known)| names.contains(&known.as_str())) {
            self.open.truncate(at + 1);
        }
    }
}

fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Whether an element begins on a line of its own.
pub(crate) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "caption"
            | "center"
            | "details"
            | "dialog"
            | "dd"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "hr"
            | "html"
            | "li"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "search"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree as text: `p(a text) ul(li(x))`.
    fn shown(tree: &Tree, id: Id) -> String {
        match tree.node(id).unwrap() {
            Node::Text(text) => text.clone(),
            Node::Element(element) => {
                let inner: Vec<_> = element.children.iter().map(|id| shown(tree, *id)).collect();
                match element.name.as_str() {
                    "" => inner.join(" "),
                    name => format!("{name}({})", inner.join(" ")),
                }
            }
        }
    }

    fn check(html: &str, expected: &str) {
        assert_eq!(shown(&Tree::parse(html), Tree::ROOT), expected, "{html}");
    }

    #[test]
    fn ends_that_are_left_out_are_implied() {
        check("<p>a<p>b<div>c</div>", "p(a) p(b) div(c)");
        check("<ul><li>a<ul><li>b</ul><li>c</ul>", "ul(li(a ul(li(b))) li(c))");
        check("<dl><dt>a<dd>b<dt>c</dl>", "dl(dt(a) dd(b) dt(c))");
        check("<table><tr><td>a<td>b<tr><td>c</table>d", "table(tr(td(a) td(b)) tr(td(c))) d");
        check("<p>a<table><tr><td><p>b</td></table>", "p(a) table(tr(td(p(b))))");
        check("<p><b>a</p>b", "p(b(a)) b");
    }

    #[test]
    fn ends_without_a_start_are_nothing() {
        check("a</div>b</p></b>", "ab");
        check("<table><tr><td>a</div></p>b<td>c</table>", "table(tr(td(ab) td(c)))");
    }

    #[test]
    fn scripts_are_text_up_to_their_end() {
        check("<script>a<p>b</script><p>c", "script(a<p>b) p(c)");
        check("<title>a<b></title>", "title(a<b>)");
    }

    #[test]
    fn what_is_too_deep_dissolves_and_keeps_its_text() {
        let deep = 50_000;
        let html = format!("<p>a</p>{}x{}<p>b</p>", "<div>".repeat(deep), "</div>".repeat(deep));
        let tree = Tree::parse(&html);
        assert_eq!(tree.elements().count(), DEPTH + 3);
        assert_eq!(tree.text(Tree::ROOT).split_whitespace().collect::<String>(), "axb");
        let Some(last) = tree.element(Tree::ROOT).unwrap().children.last() else { panic!("nothing") };
        assert_eq!((tree.element(*last).unwrap().name.as_str(), tree.text(*last)), ("p", "b".to_owned()));
    }
}

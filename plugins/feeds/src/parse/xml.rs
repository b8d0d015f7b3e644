//! RSS and Atom. One reader for both: their elements have different names, and where two are the same they mean the same.

use cofferdam_readable::entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::json::escaped;
use super::{Raw, RawItem};
use crate::bounds;

/// Elements within elements; a feed has six or so, and the HTML in it some more.
const DEPTH: usize = 200;

/// Reads a feed. None if it is none.
pub(super) fn read(text: &str) -> Option<Raw> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut state = State::default();
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => break,
            Ok(event) => state.event(&event),
            Err(error) => {
                state.raw.problem =
                    Some(format!("it is no XML after {} bytes: {error}", reader.error_position()));
                break;
            }
        }
        if state.raw.items.len() >= bounds::MAX_READ || state.open.len() > DEPTH {
            break;
        }
    }
    // What an item was when the feed broke off isn't known.
    let broken = state.raw.problem.is_some() && state.raw.items.is_empty();
    state.is_feed.then_some(state.raw).filter(|raw| !broken || !raw.title.is_empty())
}

#[derive(Default)]
struct State {
    raw: Raw,
    is_feed: bool,
    /// What stands before the names of the format's own elements: mostly nothing.
    prefix: String,
    open: Vec<String>,
    item: Option<RawItem>,
    field: Option<Field>,
}

/// An element whose content is taken.
struct Field {
    name: String,
    /// How many elements were open when it began.
    depth: usize,
    /// Whether what is in it is text, and not HTML as text.
    is_plain: bool,
    /// Whether it is HTML as elements.
    is_markup: bool,
    text: String,
}

impl State {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(start) => self.start(start, false),
            Event::Empty(start) => self.start(start, true),
            Event::End(_) => self.end(),
            Event::Text(text) => self.text(text),
            Event::CData(data) => self.text(data),
            Event::GeneralRef(name) => {
                let known = match name.resolve_char_ref() {
                    Ok(Some(c)) => Some(c.to_string()),
                    _ => entity(name),
                };
                self.text(&known.unwrap_or_else(|| format!("&{};", &**name)));
            }
            _ => {}
        }
    }

    fn start(&mut self, start: &BytesStart<'_>, is_empty: bool) {
        let name = self.name(start);
        if let Some(field) = &mut self.field {
            // HTML that nobody escaped.
            field.is_markup = true;
            field.text.push_str(&format!("<{}>", &**start));
        } else {
            self.element(&name, start);
        }
        self.open.push(name);
        if is_empty {
            self.end();
        }
    }

    /// The name of an element, without the prefix of the format's own.
    fn name(&mut self, start: &BytesStart<'_>) -> String {
        let written = start.name().as_ref().to_owned();
        if self.open.is_empty() {
            let (prefix, local) = written.rsplit_once(':').unwrap_or(("", &written));
            self.is_feed |= matches!(local, "rss" | "feed" | "RDF");
            if !prefix.is_empty() && local == "feed" {
                self.prefix = format!("{prefix}:");
            }
            return local.to_owned();
        }
        match written.strip_prefix(&self.prefix) {
            Some(own) if !self.prefix.is_empty() => own.to_owned(),
            _ => written,
        }
    }

    fn element(&mut self, name: &str, start: &BytesStart<'_>) {
        if let Some(base) = attribute(start, "xml:base").filter(|_| self.item.is_none()) {
            self.raw.base.get_or_insert(base);
        }
        match name {
            "item" | "entry" => self.item = Some(RawItem { id_is_link: true, ..RawItem::default() }),
            "link" => match attribute(start, "href") {
                Some(href) => self.link(href, attribute(start, "rel").as_deref()),
                None => self.begin(name, start),
            },
            "image" | "textinput" | "textInput" | "source" | "itunes:owner" => {}
            "guid" => {
                if let Some(item) = &mut self.item {
                    item.id_is_link = attribute(start, "isPermaLink").is_none_or(|value| value != "false");
                }
                self.begin(name, start);
            }
            "author" if self.is_atom() => {}
            "name" if self.open.last().is_some_and(|open| open == "author") => self.begin(name, start),
            _ if is_taken(name) => self.begin(name, start),
            _ => {}
        }
    }

    fn is_atom(&self) -> bool {
        self.open.first().is_some_and(|root| root == "feed")
    }

    fn begin(&mut self, name: &str, start: &BytesStart<'_>) {
        // A feed's picture has a title and a link of its own, and so has the source of an item.
        if self
            .open
            .iter()
            .any(|open| matches!(open.as_str(), "image" | "textinput" | "textInput" | "source"))
        {
            return;
        }
        let kind = attribute(start, "type").unwrap_or_default();
        self.field = Some(Field {
            name: name.to_owned(),
            depth: self.open.len(),
            is_plain: self.is_atom() && matches!(kind.as_str(), "" | "text" | "text/plain"),
            is_markup: kind == "xhtml",
            text: String::new(),
        });
    }

    fn text(&mut self, text: &str) {
        if let Some(field) = &mut self.field {
            match field.is_plain || field.is_markup {
                true => field.text.push_str(&escaped(text)),
                false => field.text.push_str(text),
            }
        }
    }

    fn end(&mut self) {
        let Some(name) = self.open.pop() else { return };
        if let Some(field) = self.field.take_if(|field| field.depth == self.open.len()) {
            self.take(field);
        } else if let Some(field) = &mut self.field {
            if !matches!(name.as_str(), "br" | "hr" | "img" | "wbr") {
                field.text.push_str(&format!("</{name}>"));
            }
        } else if matches!(name.as_str(), "item" | "entry") {
            self.raw.items.extend(self.item.take());
        }
    }

    /// A link of Atom. Without a relation it is the page itself.
    fn link(&mut self, href: String, relation: Option<&str>) {
        if !matches!(relation, None | Some("alternate")) || self.open.iter().any(|open| open == "source") {
            return;
        }
        let place = self.item.as_mut().map_or(&mut self.raw.link, |item| &mut item.link);
        place.get_or_insert(href);
    }

    fn take(&mut self, Field { name, text, .. }: Field) {
        let first = |place: &mut String, text: String| {
            if place.trim().is_empty() {
                *place = text;
            }
        };
        // Addresses, ids and dates are no HTML.
        let plain = |text: &str| text.replace("&lt;", "<").replace("&amp;", "&").trim().to_owned();
        let Some(item) = &mut self.item else {
            match name.as_str() {
                "title" => first(&mut self.raw.title, text),
                "link" => set(&mut self.raw.link, plain(&text)),
                _ => {}
            }
            return;
        };
        match name.as_str() {
            "title" => first(&mut item.title, text),
            "link" => set(&mut item.link, plain(&text)),
            "guid" | "id" => set(&mut item.id, plain(&text)),
            "author" | "dc:creator" | "name" => set(&mut item.author, text),
            "pubDate" | "published" | "issued" | "dc:date" => set(&mut item.published, plain(&text)),
            "updated" | "modified" => set(&mut item.updated, plain(&text)),
            "description" | "summary" => first(&mut item.summary, text),
            "content" | "content:encoded" => first(&mut item.content, text),
            _ => {}
        }
    }
}

/// The first of several counts, unless it is empty.
fn set(place: &mut Option<String>, text: String) {
    if !text.trim().is_empty() {
        place.get_or_insert(text);
    }
}

fn is_taken(name: &str) -> bool {
    matches!(
        name,
        "title"
            | "id"
            | "author"
            | "dc:creator"
            | "pubDate"
            | "published"
            | "issued"
            | "dc:date"
            | "updated"
            | "modified"
            | "description"
            | "summary"
            | "content"
            | "content:encoded"
    )
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut all = start.html_attributes().flatten();
    let found = all.find(|attribute| attribute.key.as_ref() == name)?;
    let value = found
        .normalized_value(XmlVersion::Implicit1_0)
        .map_or_else(|_| found.value.to_string(), |value| value.into_owned());
    (value.len() <= bounds::MAX_URL).then_some(value)
}

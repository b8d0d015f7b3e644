//! The attributes of an element, as far as they change how it reads.

use html5gum::{HtmlString, StartTag};

/// Those that are kept; the rest would only take memory.
const KEPT: &[&str] = &[
    "alt",
    "aria-hidden",
    "class",
    "colspan",
    "content",
    "hidden",
    "href",
    "lang",
    "name",
    "property",
    "rel",
    "role",
    "src",
    "start",
    "style",
    "title",
    "type",
];

/// Longer values are of no use here, but for addresses.
const LONGEST: usize = 8 * 1024;

/// The attributes of an element.
#[derive(Debug, Default)]
pub(crate) struct Attributes(Vec<(&'static str, String)>);

impl Attributes {
    pub(crate) fn of(tag: &StartTag<()>) -> Self {
        let kept = |name: &'static str| {
            let value = &tag.attributes.get(&HtmlString(name.as_bytes().to_vec()))?.value;
            (value.len() <= LONGEST).then(|| (name, String::from_utf8_lossy(value).into_owned()))
        };
        match tag.attributes.is_empty() {
            true => Self::default(),
            false => Self(KEPT.iter().filter_map(|name| kept(name)).collect()),
        }
    }

    /// The value of one, without white space around it; none if it isn't there.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.trim())
    }

    /// Whether one is this word, or a list of words with it.
    pub(crate) fn has(&self, name: &str, word: &str) -> bool {
        let words = self.get(name).unwrap_or_default().split_ascii_whitespace();
        words.into_iter().any(|found| found.eq_ignore_ascii_case(word))
    }

    /// Whether a browser wouldn't show the element.
    pub(crate) fn hide(&self) -> bool {
        let style = || self.get("style").unwrap_or_default().to_ascii_lowercase().replace(' ', "");
        self.get("hidden").is_some()
            || self.has("aria-hidden", "true")
            || style().contains("display:none")
            || style().contains("visibility:hidden")
    }
}

//! Items in short, as the tools return them.

use cofferdam_sdk::prelude::*;

/// The columns of [`Summary`], of an item `i` of a feed `f`.
pub(crate) const COLUMNS: &str =
    "i.id, i.title, i.url, i.author, i.published, i.read, f.id as feed, f.title as feed_title";

/// An item in short.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Summary {
    /// Its number, by which other tools name it.
    pub(crate) id: i64,
    /// Its title.
    pub(crate) title: String,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) author: Option<String>,
    /// When it was published, in UTC; if nobody said, when it was first seen.
    pub(crate) published: String,
    /// Whether it is marked as read.
    pub(crate) read: bool,
    /// The number of its feed.
    pub(crate) feed: i64,
    /// What its feed is called.
    pub(crate) feed_title: String,
    /// The first 200 characters of its content, or of a search the place where the words are, between « and ».
    pub(crate) excerpt: String,
}

//! What is on the web, as text that a person or a model reads: for the plugins `fetch` and `feeds`.
//!
//! [`decode`] makes text of bytes, [`Document`] reads HTML and writes Markdown, [`line`](fn@line) makes one line of a title.
//! It fetches nothing and runs no scripts. Input may be hostile: work and depth are bounded, nothing is trusted to nest.

mod attributes;
mod charset;
mod clean;
mod document;
mod render;
mod tree;
mod write;

pub use charset::decode;
pub use clean::{entity, line, plain_line, printable};
pub use document::{Document, FeedLink, Link, Options, fragment};

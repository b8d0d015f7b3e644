//! The plugin `fetch`: pages as Markdown, APIs as JSON, as far as the operator allows.
//!
//! What came is kept in the plugin's cache as long as its server allows. It only reads: there is no POST.

use cofferdam_sdk::prelude::*;

mod address;
mod bounds;
mod freshness;
mod head;
mod json;
mod kept;
mod kind;
mod links;
mod page;
mod part;
mod source;
mod status;

plugin!(head::head, json::json, links::links, page::page);

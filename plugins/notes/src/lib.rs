//! The plugin `notes`: notes with tags and full-text search.
//!
//! They are in the plugin's private database, so nobody has to allow anything, and no other plugin sees them.

use cofferdam_sdk::prelude::*;

mod add;
mod bounds;
mod cursor;
mod edit;
mod get;
mod list;
mod note;
mod phrase;
mod remove;
mod search;
mod store;
mod tag;
mod tags;

plugin!(
    add::add,
    edit::edit,
    get::get,
    list::list,
    remove::remove,
    search::search,
    tag::tag,
    tag::untag,
    tags::tags,
);

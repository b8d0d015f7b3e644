//! The plugin `feeds`: news that sites publish as RSS, Atom or JSON Feed, kept, marked and found again.
//!
//! Feeds and items are in the plugin's private database; sites are reached as far as the operator allows.
//! It never asks on its own: a call of `refresh` does.

use cofferdam_sdk::prelude::*;

mod bounds;
mod cursor;
mod feed;
mod item;
mod items;
mod keep;
mod list;
mod mark;
mod new;
mod parse;
mod phrase;
mod refresh;
mod search;
mod source;
mod store;
mod subscribe;
mod tag;
mod unsubscribe;

plugin!(
    item::item,
    list::list,
    mark::mark,
    new::new,
    refresh::refresh,
    search::search,
    subscribe::subscribe,
    unsubscribe::unsubscribe,
);

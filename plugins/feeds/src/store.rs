//! The tables, and how they came about.

use cofferdam_sdk::prelude::*;

/// Each runs once in every database; add new ones at the end.
///
/// `autoincrement` keeps the number of a removed feed or item from being given to another one. `seen` is the number of
/// the refresh that saw an item last: those that a feed still has aren't dropped for being old, or they would come back as
/// new ones.
const STEPS: &[&str] = &["
create table feed (
    id integer primary key autoincrement,
    url text not null unique,
    title text not null,
    site text,
    added text not null default (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    checked text,
    error text,
    etag text,
    last_modified text,
    refreshes integer not null default 0
);
create table feed_tag (
    name text not null,
    feed integer not null references feed (id),
    primary key (name, feed)
) without rowid;
create index feed_tag_feed on feed_tag (feed);
create table item (
    id integer primary key autoincrement,
    feed integer not null references feed (id),
    key text not null,
    title text not null,
    url text,
    author text,
    published text not null,
    content text not null,
    mark integer not null,
    seen integer not null,
    read integer not null default 0,
    unique (feed, key)
);
create index item_published on item (published, id);
create index item_feed on item (feed, published);
create virtual table item_text using fts5 (
    title, content, content = 'item', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);
create trigger item_added after insert on item begin
    insert into item_text (rowid, title, content) values (new.id, new.title, new.content);
end;
create trigger item_removed after delete on item begin
    insert into item_text (item_text, rowid, title, content) values ('delete', old.id, old.title, old.content);
end;
create trigger item_edited after update of title, content on item begin
    insert into item_text (item_text, rowid, title, content) values ('delete', old.id, old.title, old.content);
    insert into item_text (rowid, title, content) values (new.id, new.title, new.content);
end;
"];

/// Brings the tables to where this version wants them.
pub(crate) fn open(db: &Db) -> Result<()> {
    db.migrate(STEPS).map(drop)
}

/// What is said of a feed that isn't there.
pub(crate) fn no_feed(id: i64) -> ToolError {
    ToolError::not_found(format!("there is no feed {id}: `list` shows which there are"))
}

/// What is said of an item that isn't there.
pub(crate) fn no_item(id: i64) -> ToolError {
    ToolError::not_found(format!(
        "there is no item {id}: `new` and `search` show which there are, and old ones are dropped"
    ))
}

/// The condition that a column is one of the values from `?first` on.
pub(crate) fn among(column: &str, first: usize, count: usize) -> String {
    let numbers: Vec<_> = (first..first + count).map(|number| format!("?{number}")).collect();
    format!("{column} in ({})", numbers.join(", "))
}

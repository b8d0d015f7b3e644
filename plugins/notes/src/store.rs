//! The tables, and how they came about.

use cofferdam_sdk::prelude::*;

/// Each runs once in every database; add new ones at the end.
///
/// `autoincrement` keeps the number of a removed note from being given to another one.
const STEPS: &[&str] = &["
create table note (
    id integer primary key autoincrement,
    title text not null,
    body text not null,
    created text not null default (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    changed text not null default (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
);
create index note_changed on note (changed, id);
create table tag (
    name text not null,
    note integer not null references note (id),
    primary key (name, note)
) without rowid;
create index tag_note on tag (note);
create virtual table note_text using fts5 (
    title, body, content = 'note', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);
create trigger note_added after insert on note begin
    insert into note_text (rowid, title, body) values (new.id, new.title, new.body);
end;
create trigger note_removed after delete on note begin
    insert into note_text (note_text, rowid, title, body) values ('delete', old.id, old.title, old.body);
end;
create trigger note_edited after update of title, body on note begin
    insert into note_text (note_text, rowid, title, body) values ('delete', old.id, old.title, old.body);
    insert into note_text (rowid, title, body) values (new.id, new.title, new.body);
end;
"];

/// Brings the tables to where this version wants them.
pub(crate) fn open(db: &Db) -> Result<()> {
    db.migrate(STEPS).map(drop)
}

/// What a statement says for a note that isn't there.
pub(crate) fn not_found(id: i64) -> ToolError {
    ToolError::not_found(format!("there is no note {id}: `list` and `search` show which there are"))
}

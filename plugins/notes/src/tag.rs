//! The tools `tag` and `untag`, and what a tag is.

use std::collections::BTreeSet;

use cofferdam_sdk::db::Transaction;
use cofferdam_sdk::prelude::*;

use crate::{bounds, store};

/// Which notes and tags.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The numbers of the notes.
    #[schemars(length(min = 1, max = bounds::MAX_IDS))]
    ids: Vec<i64>,
    /// The tags. Case makes no difference.
    #[schemars(length(min = 1, max = bounds::MAX_TAGS))]
    tags: Vec<String>,
}

/// What changed.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Changed {
    /// How many tags were put on notes, or taken off.
    pub(crate) changed: u64,
}

/// Put tags on notes; those that a note has already stay.
#[tool(title = "Tag notes", read_only = false, destructive = false, idempotent, open_world = false)]
pub(crate) fn tag(args: Args, db: Db) -> Result<Changed> {
    let tags = Tags::parse(&args.tags)?;
    store::open(&db)?;
    db.transaction(|tx| {
        check_ids(tx, &args.ids)?;
        Ok(Changed { changed: tags.put(tx, &args.ids)? })
    })
}

/// Take tags off notes.
#[tool(title = "Untag notes", read_only = false, destructive, idempotent, open_world = false)]
pub(crate) fn untag(args: Args, db: Db) -> Result<Changed> {
    let tags = Tags::parse(&args.tags)?;
    store::open(&db)?;
    db.transaction(|tx| {
        check_ids(tx, &args.ids)?;
        let delete = "delete from tag where name = ?1 and note = ?2";
        Ok(Changed { changed: tx.execute_many(delete, tags.with(&args.ids))? })
    })
}

fn check_ids(tx: &Transaction, ids: &[i64]) -> Result<()> {
    let numbers: Vec<_> = (1..=ids.len()).map(|number| format!("?{number}")).collect();
    let sql = format!("select id from note where id in ({})", numbers.join(", "));
    let there: Vec<i64> = tx.query(&sql, ids)?.rows()?;
    match ids.iter().find(|id| !there.contains(id)) {
        None => Ok(()),
        Some(missing) => Err(store::not_found(*missing)),
    }
}

/// Tags as they are kept: in small letters, without `#`, each once.
#[derive(Debug, PartialEq)]
pub(crate) struct Tags(BTreeSet<String>);

impl Tags {
    /// Reads tags; the error says what a tag is made of.
    pub(crate) fn parse(written: &[String]) -> Result<Self> {
        written.iter().map(|tag| parse(tag)).collect::<Result<_>>().map(Self)
    }

    /// Puts them on notes. How many weren't there.
    pub(crate) fn put(&self, tx: &Transaction, notes: &[i64]) -> Result<u64> {
        let changed =
            tx.execute_many("insert or ignore into tag (name, note) values (?1, ?2)", self.with(notes))?;
        let crowded = "select note, count(*) from tag group by note having count(*) > ?1 limit 1";
        if let Some((note, count)) = tx.query(crowded, (bounds::MAX_TAGS,))?.optional::<(i64, usize)>()? {
            return Err(ToolError::invalid(format!(
                "note {note} would have {count} tags, expected at most {}: take some off first",
                bounds::MAX_TAGS
            )));
        }
        Ok(changed)
    }

    fn with(&self, notes: &[i64]) -> impl Iterator<Item = (&String, i64)> {
        notes.iter().flat_map(|note| self.0.iter().map(|name| (name, *note)))
    }
}

/// One tag as it is kept.
pub(crate) fn parse(written: &str) -> Result<String> {
    let tag = written.trim().trim_start_matches('#').to_lowercase();
    let allowed = |c: char| c.is_alphanumeric() || "-_/.+".contains(c);
    if let Some(c) = tag.chars().find(|c| !allowed(*c)) {
        return Err(ToolError::invalid(format!(
            "a tag is made of letters, digits and - _ / . +, found {c:?} in {written:?}"
        )));
    }
    match tag.chars().count() {
        1..=bounds::MAX_TAG => Ok(tag),
        length => Err(ToolError::invalid(format!(
            "a tag has 1 to {} characters, found {length} in {written:?}",
            bounds::MAX_TAG
        ))),
    }
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock::Host;

    use super::*;
    use crate::{add::add, get::get};

    fn host() -> Host {
        let host = Host::new();
        for title in ["one", "two"] {
            host.call::<add>(json!({"title": title, "tags": ["a"]})).unwrap();
        }
        host
    }

    fn tags_of(host: &Host, id: i64) -> serde_json::Value {
        host.reply::<get>(json!({"id": id})).unwrap().structured_value().unwrap()["tags"].clone()
    }

    #[test]
    fn tags_go_on_and_off_many_notes() {
        let host = host();
        let both = |tags: serde_json::Value| json!({"ids": [1, 2], "tags": tags});
        assert_eq!(host.call::<tag>(both(json!(["a", "#B"]))), Ok(Changed { changed: 2 }));
        assert_eq!((tags_of(&host, 1), tags_of(&host, 2)), (json!(["a", "b"]), json!(["a", "b"])));
        assert_eq!(
            host.call::<untag>(json!({"ids": [1], "tags": ["A", "none"]})),
            Ok(Changed { changed: 1 })
        );
        assert_eq!((tags_of(&host, 1), tags_of(&host, 2)), (json!(["b"]), json!(["a", "b"])));
    }

    #[test]
    fn a_note_that_is_not_there_stops_all() {
        let host = host();
        let args = json!({"ids": [1, 9], "tags": ["b"]});
        assert_eq!(host.call::<tag>(args.clone()), Err(store::not_found(9)));
        assert_eq!(host.call::<untag>(args), Err(store::not_found(9)));
        assert_eq!(tags_of(&host, 1), json!(["a"]));
    }

    #[test]
    fn a_note_has_a_bounded_number_of_tags() {
        let host = host();
        let many: Vec<_> = (0..bounds::MAX_TAGS).map(|n| n.to_string()).collect();
        let refused = "note 1 would have 21 tags, expected at most 20: take some off first";
        let args = json!({"ids": [1], "tags": many});
        assert_eq!(host.call::<tag>(args), Err(ToolError::invalid(refused)));
        assert_eq!(tags_of(&host, 1), json!(["a"]));
    }

    #[test]
    fn a_tag_is_kept_in_one_way() {
        for (written, expected) in [
            ("#Work", Ok("work")),
            (" Größe ", Ok("größe")),
            ("c++", Ok("c++")),
            ("to do", Err("a tag is made of letters, digits and - _ / . +, found ' ' in \"to do\"")),
            ("##", Err("a tag has 1 to 50 characters, found 0 in \"##\"")),
        ] {
            assert_eq!(parse(written), expected.map(str::to_owned).map_err(ToolError::invalid));
        }
    }
}

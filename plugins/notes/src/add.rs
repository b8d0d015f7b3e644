//! The tool `add`.

use cofferdam_sdk::prelude::*;

use crate::note::{Summary, summary};
use crate::tag::Tags;
use crate::{bounds, store};

/// A new note.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// A title that says what the note is about.
    #[schemars(length(min = 1, max = bounds::MAX_TITLE))]
    title: String,
    /// The text, in any format; Markdown reads well everywhere.
    #[schemars(length(max = bounds::MAX_BODY))]
    #[serde(default)]
    body: String,
    /// Tags such as `recipe` or `work/offers`, without spaces. Case makes no difference.
    #[schemars(length(max = bounds::MAX_TAGS))]
    #[serde(default)]
    tags: Vec<String>,
}

/// Keep a note: a title, a text, tags. Use it for what should be found again in later conversations. Returns the
/// note's number.
#[tool(title = "Add a note", read_only = false, destructive = false, idempotent = false, open_world = false)]
pub(crate) fn add(args: Args, db: Db) -> Result<Summary> {
    let tags = Tags::parse(&args.tags)?;
    let title = title(&args.title)?;
    store::open(&db)?;
    db.transaction(|tx| {
        let insert = "insert into note (title, body) values (?1, ?2) returning id";
        let id: i64 = tx.query(insert, (title, &args.body))?.one()?;
        tags.put(tx, &[id])?;
        summary(tx, id)?.ok_or_else(|| store::not_found(id))
    })
}

/// A title without white space around it, of one line.
pub(crate) fn title(text: &str) -> Result<&str> {
    let title = text.trim();
    if title.is_empty() || title.contains(['\n', '\r']) {
        return Err(ToolError::invalid("`title` must be one line that isn't blank"));
    }
    Ok(title)
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock::Host;

    use super::*;

    #[test]
    fn a_note_is_kept_with_its_tags_in_order() {
        let host = Host::new();
        let note = host
            .call::<add>(json!({"title": " Tea ", "body": "green", "tags": ["shop", "#Drinks", "SHOP"]}))
            .unwrap();
        assert_eq!((note.id, note.title.as_str(), note.start.as_str()), (1, "Tea", "green"));
        assert_eq!(note.tags, ["drinks", "shop"]);
        assert_eq!(note.characters, 5);
        assert_eq!(note.created, note.changed);
        assert_eq!(note.created.len(), "2026-11-20T20:00:00Z".len());
        assert_eq!(host.call::<add>(json!({"title": "Milk"})).unwrap().id, 2);
    }

    #[test]
    fn a_title_is_one_line() {
        let host = Host::new();
        for title in [" ", "a\nb"] {
            let refused = ToolError::invalid("`title` must be one line that isn't blank");
            assert_eq!(host.call::<add>(json!({"title": title})), Err(refused));
        }
    }

    #[test]
    fn a_note_with_a_wrong_tag_is_not_kept() {
        let host = Host::new();
        assert!(host.call::<add>(json!({"title": "a", "tags": ["b, c"]})).is_err());
        assert_eq!(host.call::<add>(json!({"title": "a"})).unwrap().id, 1);
    }
}

//! The tool `edit`.

use cofferdam_sdk::prelude::*;

use crate::add::title;
use crate::note::{Summary, summary};
use crate::{bounds, store};

/// What changes; what is left out stays as it is.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// The note's number.
    #[schemars(range(min = 1))]
    id: i64,
    /// A new title.
    #[schemars(length(min = 1, max = bounds::MAX_TITLE))]
    title: Option<String>,
    /// A new body, in place of the whole old one.
    #[schemars(length(max = bounds::MAX_BODY))]
    body: Option<String>,
    /// Text to add at the end of the body, on a line of its own. Not together with `body`.
    #[schemars(length(min = 1, max = bounds::MAX_BODY))]
    append: Option<String>,
}

/// Change a note: a new title, a new body, or more text at the end of its body. What is replaced is gone; read the
/// note first where you don't know it. Tags are changed by `tag` and `untag`.
#[tool(title = "Edit a note", read_only = false, destructive, idempotent = false, open_world = false)]
pub(crate) fn edit(args: Args, db: Db) -> Result<Summary> {
    let title = args.title.as_deref().map(title).transpose()?;
    if title.is_none() && args.body.is_none() && args.append.is_none() {
        return Err(ToolError::invalid("nothing to change: give `title`, `body` or `append`"));
    }
    if args.body.is_some() && args.append.is_some() {
        return Err(ToolError::invalid("`body` replaces all that `append` would add to: give one of them"));
    }
    store::open(&db)?;
    db.transaction(|tx| {
        let before: Option<String> =
            tx.query("select body from note where id = ?1", (args.id,))?.optional()?;
        let before = before.ok_or_else(|| store::not_found(args.id))?;
        let body = match (args.body, args.append) {
            (Some(body), _) => body,
            (None, Some(more)) => appended(before, &more)?,
            (None, None) => before,
        };
        let update = "update note set title = coalesce(?2, title), body = ?3, \
            changed = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') where id = ?1";
        tx.execute(update, (args.id, title, body))?;
        summary(tx, args.id)?.ok_or_else(|| store::not_found(args.id))
    })
}

fn appended(mut body: String, more: &str) -> Result<String> {
    if !body.is_empty() && !body.ends_with('\n') {
        body.push('\n');
    }
    body.push_str(more);
    let length = body.chars().count();
    if length > bounds::MAX_BODY {
        return Err(ToolError::invalid(format!(
            "the body would have {length} characters, expected at most {}: begin another note",
            bounds::MAX_BODY
        )));
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock::Host;

    use super::*;
    use crate::{add::add, search::search};

    fn host() -> Host {
        let host = Host::new();
        host.call::<add>(json!({"title": "Tea", "body": "green", "tags": ["shop"]})).unwrap();
        host
    }

    #[test]
    fn what_is_left_out_stays() {
        let host = host();
        let check = |change: serde_json::Value, title: &str, body: &str| {
            let note = host.call::<edit>(change).unwrap();
            assert_eq!((note.title.as_str(), note.start.as_str()), (title, body));
            assert_eq!(note.tags, ["shop"]);
        };
        check(json!({"id": 1, "title": "Black tea"}), "Black tea", "green");
        check(json!({"id": 1, "body": "black"}), "Black tea", "black");
        check(json!({"id": 1, "append": "strong"}), "Black tea", "black\nstrong");
        check(json!({"id": 1, "body": ""}), "Black tea", "");
        check(json!({"id": 1, "append": "new"}), "Black tea", "new");
    }

    #[test]
    fn what_is_gone_is_no_longer_found() {
        let host = host();
        host.call::<edit>(json!({"id": 1, "body": "black"})).unwrap();
        let total = |query: &str| host.call::<search>(json!({"query": query})).unwrap().total;
        assert_eq!((total("green"), total("black"), total("tea")), (0, 1, 1));
    }

    #[test]
    fn an_edit_that_makes_no_sense_is_refused() {
        let host = host();
        let check = |change: serde_json::Value, expected: ToolError| {
            assert_eq!(host.call::<edit>(change), Err(expected));
        };
        check(json!({"id": 1}), ToolError::invalid("nothing to change: give `title`, `body` or `append`"));
        check(
            json!({"id": 1, "body": "a", "append": "b"}),
            ToolError::invalid("`body` replaces all that `append` would add to: give one of them"),
        );
        check(
            json!({"id": 1, "append": "x".repeat(bounds::MAX_BODY)}),
            ToolError::invalid(
                "the body would have 100006 characters, expected at most 100000: begin another note",
            ),
        );
        check(
            json!({"id": 2, "title": "a"}),
            ToolError::not_found("there is no note 2: `list` and `search` show which there are"),
        );
    }
}

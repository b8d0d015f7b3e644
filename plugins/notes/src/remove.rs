//! The tool `remove`.

use cofferdam_sdk::prelude::*;

use crate::note::{Summary, summary};
use crate::store;

/// Which note.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Its number.
    #[schemars(range(min = 1))]
    id: i64,
}

/// Remove a note for good. Returns what was removed, in short.
#[tool(title = "Remove a note", read_only = false, destructive, idempotent, open_world = false)]
pub(crate) fn remove(args: Args, db: Db) -> Result<Summary> {
    store::open(&db)?;
    db.transaction(|tx| {
        let note = summary(tx, args.id)?.ok_or_else(|| store::not_found(args.id))?;
        tx.execute("delete from tag where note = ?1", (args.id,))?;
        tx.execute("delete from note where id = ?1", (args.id,))?;
        Ok(note)
    })
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock::Host;

    use super::*;
    use crate::{add::add, search::search, tags::tags};

    #[test]
    fn a_removed_note_is_found_nowhere_and_its_number_is_not_given_again() {
        let host = Host::new();
        host.call::<add>(json!({"title": "Tea", "body": "green", "tags": ["shop"]})).unwrap();
        assert_eq!(host.call::<remove>(json!({"id": 1})).unwrap().title, "Tea");
        assert_eq!(host.call::<search>(json!({"query": "tea"})).unwrap().total, 0);
        assert!(host.call::<tags>(json!({})).unwrap().tags.is_empty());
        assert_eq!(host.call::<remove>(json!({"id": 1})), Err(store::not_found(1)));
        assert_eq!(host.call::<add>(json!({"title": "Milk"})).unwrap().id, 2);
    }
}

//! The tool `tags`.

use cofferdam_sdk::prelude::*;

use crate::store;

/// Which tags.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Return at most this many, those with the most notes first.
    #[schemars(range(min = 1, max = 1000))]
    #[serde(default = "hundred")]
    limit: u32,
}

fn hundred() -> u32 {
    100
}

/// The tags.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Found {
    /// How many there are in all.
    pub(crate) total: u64,
    /// Those with the most notes first.
    pub(crate) tags: Vec<Tag>,
}

/// One tag.
#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Tag {
    /// Its name.
    pub(crate) name: String,
    /// How many notes have it.
    pub(crate) notes: u64,
}

/// List the tags that notes have, with how many notes have each.
#[tool(title = "List tags", read_only, idempotent, open_world = false)]
pub(crate) fn tags(args: Args, db: Db) -> Result<Found> {
    store::open(&db)?;
    let total = db.query("select count(distinct name) from tag", ())?.one()?;
    let by_count = "select name, count(*) as notes from tag group by name order by notes desc, name limit ?1";
    Ok(Found { total, tags: db.query(by_count, (args.limit,))?.rows()? })
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock::Host;

    use super::*;
    use crate::add::add;

    #[test]
    fn tags_are_counted_and_the_most_frequent_come_first() {
        let host = Host::new();
        for note_tags in [json!(["b", "c"]), json!(["c"]), json!(["a"])] {
            host.call::<add>(json!({"title": "n", "tags": note_tags})).unwrap();
        }
        let tag = |name: &str, notes| Tag { name: name.to_owned(), notes };
        let two = host.call::<tags>(json!({"limit": 2})).unwrap();
        assert_eq!(two, Found { total: 3, tags: vec![tag("c", 2), tag("a", 1)] });
        assert_eq!(host.call::<tags>(json!({})).unwrap().tags[2], tag("b", 1));
    }
}

use cofferdam_sdk::prelude::*;

/// Not a tuple.
#[tool]
fn not_a_tuple(_: NoArgs, db: Db) -> Result<u64> {
    db.execute("delete from note where id = ?1", 7)
}

struct Id(i64);

/// No value.
#[tool]
fn no_value(_: NoArgs, db: Db) -> Result<u64> {
    db.execute("delete from note where id = ?1", (Id(7),))
}

plugin!(not_a_tuple, no_value);

fn main() {}

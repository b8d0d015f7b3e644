//! A text for SQLite: whatever it is, it is read without a panic; what the gate takes for one statement, SQLite's own
//! parser takes for one at most, with as many values as the gate counted.

#![no_main]

use cofferdam_policy::sqlite::Statement;
use libfuzzer_sys::fuzz_target;
use rusqlite::{Connection, Error};

thread_local! {
    /// Tables of short names, so that much of what comes can be compiled.
    static TABLES: Connection = {
        let tables = Connection::open_in_memory().expect("a database in memory");
        tables.execute_batch("CREATE TABLE t (a, b, c); CREATE TABLE u (a, d)").expect("two tables");
        tables
    };
}

/// What SQLite's own parser says: how many values, or None if it doesn't take it at all.
///
/// To SQLite `$10` is a name; whoever binds values takes it for the tenth.
fn values(sql: &str) -> Option<usize> {
    TABLES.with(|tables| match tables.prepare(sql) {
        Ok(statement) => {
            let number = |index| match statement.parameter_name(index) {
                Some(name) => name[1..].parse().unwrap_or_else(|_| panic!("the value {name} in {sql:?}")),
                None => index,
            };
            Some((1..=statement.parameter_count()).map(number).max().unwrap_or(0))
        }
        Err(Error::MultipleStatement) => panic!("SQLite finds a second statement in {sql:?}"),
        Err(_) => None,
    })
}

fuzz_target!(|text: &str| {
    if let Ok(statement) = Statement::read(text)
        && let Some(values) = values(text)
    {
        assert_eq!(statement.parameters, values, "{text:?}");
    }
    let Ok(pieces) = Statement::split(text) else { return };
    for (piece, statement) in &pieces {
        assert_eq!(Statement::read(piece), Ok(*statement), "{piece:?} of {text:?}");
        values(piece);
    }
    let all: usize = pieces.iter().map(|(piece, _)| piece.len()).sum();
    assert!(all <= text.len(), "{text:?}");
});

//! What SQLite asks while it compiles a statement: may it do this? The list of what it may; all else is refused.
//!
//! See <https://www.sqlite.org/c3ref/c_alter_table.html> for the numbers and what comes with each.

use super::functions;
use crate::{DatabaseAccess, DatabaseDenial};

/// The numbers of SQLite's actions.
#[allow(missing_docs, reason = "named as in SQLite's manual, which says what they are")]
pub mod code {
    pub const CREATE_INDEX: i32 = 1;
    pub const CREATE_TABLE: i32 = 2;
    pub const CREATE_TRIGGER: i32 = 7;
    pub const CREATE_VIEW: i32 = 8;
    pub const DELETE: i32 = 9;
    pub const DROP_INDEX: i32 = 10;
    pub const DROP_TABLE: i32 = 11;
    pub const DROP_TRIGGER: i32 = 16;
    pub const DROP_VIEW: i32 = 17;
    pub const INSERT: i32 = 18;
    pub const PRAGMA: i32 = 19;
    pub const READ: i32 = 20;
    pub const SELECT: i32 = 21;
    pub const TRANSACTION: i32 = 22;
    pub const UPDATE: i32 = 23;
    pub const ATTACH: i32 = 24;
    pub const DETACH: i32 = 25;
    pub const ALTER_TABLE: i32 = 26;
    pub const REINDEX: i32 = 27;
    pub const ANALYZE: i32 = 28;
    pub const CREATE_VTABLE: i32 = 29;
    pub const DROP_VTABLE: i32 = 30;
    pub const FUNCTION: i32 = 31;
    pub const SAVEPOINT: i32 = 32;
    pub const RECURSIVE: i32 = 33;
}

/// One question of SQLite's.
#[derive(Debug, Clone, Copy, Default)]
pub struct Action<'a> {
    /// A number of [`code`].
    pub code: i32,
    /// What it is about: most often a table.
    pub first: Option<&'a str>,
    /// And further: a column, a function, a module.
    pub second: Option<&'a str>,
    /// The schema: `main` or `temp`.
    pub schema: Option<&'a str>,
}

/// Pragmas that describe tables. What they could set takes no value.
const PRAGMAS: [&str; 7] = [
    "foreign_key_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "table_info",
    "table_list",
    "table_xinfo",
];
/// The full-text index asks this of itself.
const OF_FULL_TEXT: &str = "data_version";
/// The only kind of virtual table that can be made.
const FULL_TEXT: &str = "fts5";
/// Tables that the library makes up, and that show more than rows.
const SHOWN_BY_NONE: [&str; 14] = [
    "bytecode",
    "carray",
    "completion",
    "csv",
    "dbstat",
    "fsdir",
    "fts3tokenize",
    "generate_series",
    "memstat",
    "sqlite_dbpage",
    "sqlite_memstat",
    "sqlite_stmt",
    "tables_used",
    "zipfile",
];
/// The schema of what stays.
const MAIN: &str = "main";
/// Tables of the host's begin so.
pub const HOST_TABLES: &str = "cofferdam_";
const OWN_TABLES: &str = "sqlite_";
/// Of SQLite's own tables those that can be read.
const READABLE: [&str; 6] = [
    "sqlite_master",
    "sqlite_schema",
    "sqlite_sequence",
    "sqlite_stat1",
    "sqlite_temp_master",
    "sqlite_temp_schema",
];
/// Of SQLite's own tables those that it writes itself when tables are made and changed, asking first.
const KEPT_BY_SQLITE: [&str; 5] =
    ["sqlite_master", "sqlite_schema", "sqlite_sequence", "sqlite_temp_master", "sqlite_temp_schema"];

/// Whether a statement of a plugin with this access may do this.
///
/// # Errors
/// What stands in the way.
pub fn judge(access: DatabaseAccess, action: &Action<'_>) -> Result<(), DatabaseDenial> {
    let first = action.first.unwrap_or_default();
    let second = action.second.unwrap_or_default();
    // `CREATE TABLE temp.t` is no temporary table to SQLite's numbers.
    // The fourth thing that comes with `ALTER TABLE` is a column.
    let schema = if action.code == code::ALTER_TABLE { action.first } else { action.schema };
    let elsewhere = schema.is_some_and(|schema| !schema.eq_ignore_ascii_case(MAIN));
    match action.code {
        _ if elsewhere && makes_things(action.code) => Err(temporaries()),
        code::SELECT | code::RECURSIVE => Ok(()),
        code::READ => read(first),
        code::FUNCTION => function(access, second),
        code::PRAGMA => pragma(first, action.second),
        code::INSERT | code::DELETE | code::UPDATE => write(access, first),
        code::CREATE_TABLE | code::DROP_TABLE | code::CREATE_VIEW | code::DROP_VIEW => change(access, first),
        // An index or a trigger, and its table.
        code::CREATE_INDEX | code::DROP_INDEX | code::CREATE_TRIGGER | code::DROP_TRIGGER => {
            change(access, first).and_then(|()| not_the_hosts(second))
        }
        // The schema, and the table.
        code::ALTER_TABLE => change(access, second),
        code::CREATE_VTABLE | code::DROP_VTABLE if second.eq_ignore_ascii_case(FULL_TEXT) => {
            change(access, first)
        }
        code::CREATE_VTABLE | code::DROP_VTABLE => Err(statement("virtual tables but those of fts5", None)),
        code::REINDEX => needs(access, DatabaseAccess::Schema),
        code::TRANSACTION | code::SAVEPOINT => Err(transactions()),
        code::ATTACH | code::DETACH => Err(statement("ATTACH, DETACH or VACUUM", None)),
        code::ANALYZE => Err(statement("ANALYZE", None)),
        _ => Err(temporaries()),
    }
}

/// Whether it makes, changes or removes a table or what belongs to one; each is a row of the schema's own table.
fn makes_things(code: i32) -> bool {
    use code::{ALTER_TABLE, CREATE_INDEX, CREATE_TABLE, CREATE_TRIGGER, CREATE_VIEW, CREATE_VTABLE};
    use code::{DROP_INDEX, DROP_TABLE, DROP_TRIGGER, DROP_VIEW, DROP_VTABLE, INSERT, REINDEX};
    matches!(
        code,
        ALTER_TABLE
            | CREATE_INDEX
            | CREATE_TABLE
            | CREATE_TRIGGER
            | CREATE_VIEW
            | CREATE_VTABLE
            | DROP_INDEX
            | DROP_TABLE
            | DROP_TRIGGER
            | DROP_VIEW
            | DROP_VTABLE
            | INSERT
            | REINDEX
    )
}

fn temporaries() -> DatabaseDenial {
    statement("statements on temporary tables, views, indexes and triggers", None)
}

/// The denial of what begins and ends transactions.
pub(super) fn transactions() -> DatabaseDenial {
    statement(
        "BEGIN, COMMIT, ROLLBACK, SAVEPOINT or RELEASE",
        Some("begin a transaction with `Db::transaction` of the SDK"),
    )
}

pub(super) fn statement(name: &str, instead: Option<&'static str>) -> DatabaseDenial {
    DatabaseDenial::Statement(name.to_owned(), instead)
}

fn needs(access: DatabaseAccess, needed: DatabaseAccess) -> Result<(), DatabaseDenial> {
    if access >= needed { Ok(()) } else { Err(DatabaseDenial::Access(needed)) }
}

fn read(table: &str) -> Result<(), DatabaseDenial> {
    let name = table.to_ascii_lowercase();
    let fits = match (name.strip_prefix("pragma_"), name.starts_with(OWN_TABLES)) {
        (Some(pragma), _) => PRAGMAS.contains(&pragma),
        (None, true) => READABLE.contains(&name.as_str()),
        (None, false) => !SHOWN_BY_NONE.contains(&name.as_str()),
    };
    if fits { Ok(()) } else { Err(DatabaseDenial::Table(table.to_owned())) }
}

fn function(access: DatabaseAccess, name: &str) -> Result<(), DatabaseDenial> {
    if functions::is_allowed(name) {
        return Ok(());
    }
    if functions::is_of_alter_table(name) {
        return needs(access, DatabaseAccess::Schema);
    }
    Err(DatabaseDenial::Function(name.to_owned()))
}

fn pragma(name: &str, value: Option<&str>) -> Result<(), DatabaseDenial> {
    let name = name.to_ascii_lowercase();
    if PRAGMAS.contains(&name.as_str()) || (name == OF_FULL_TEXT && value.is_none()) {
        return Ok(());
    }
    Err(statement(
        &format!("PRAGMA {name}"),
        Some("of pragmas there are table_info, index_list and their like"),
    ))
}

fn write(access: DatabaseAccess, table: &str) -> Result<(), DatabaseDenial> {
    let name = table.to_ascii_lowercase();
    if KEPT_BY_SQLITE.contains(&name.as_str()) {
        return needs(access, DatabaseAccess::Schema);
    }
    needs(access, DatabaseAccess::Write)?;
    ours(table, &name)
}

fn change(access: DatabaseAccess, name: &str) -> Result<(), DatabaseDenial> {
    needs(access, DatabaseAccess::Schema)?;
    let lower = name.to_ascii_lowercase();
    // What SQLite makes for itself: indexes of constraints, the sequence of AUTOINCREMENT.
    if lower.starts_with("sqlite_autoindex_") || lower == "sqlite_sequence" {
        return Ok(());
    }
    ours(name, &lower)
}

fn ours(table: &str, lower: &str) -> Result<(), DatabaseDenial> {
    if lower.starts_with(OWN_TABLES) {
        return Err(DatabaseDenial::Table(table.to_owned()));
    }
    not_the_hosts(table)
}

fn not_the_hosts(table: &str) -> Result<(), DatabaseDenial> {
    match table.to_ascii_lowercase().starts_with(HOST_TABLES) {
        true => Err(DatabaseDenial::Table(table.to_owned())),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests;

//! The list, by levels of access.

use DatabaseAccess::{Read, Schema, Write};

use super::*;

fn may(access: DatabaseAccess, code: i32, first: &str, second: &str) -> bool {
    let schema = if code == code::ALTER_TABLE { "a_column" } else { "main" };
    let action = Action { code, first: Some(first), second: Some(second), schema: Some(schema) };
    judge(access, &action).is_ok()
}

/// The least access that an action needs, none if no access is enough.
fn least(code: i32, first: &str, second: &str) -> Option<DatabaseAccess> {
    let enough: Vec<_> =
        [Read, Write, Schema].into_iter().filter(|access| may(*access, code, first, second)).collect();
    // Whoever may do more may do this too.
    assert!(enough.windows(2).all(|pair| pair[0] < pair[1]));
    assert!(enough.is_empty() || enough.last() == Some(&Schema));
    enough.first().copied()
}

#[test]
fn each_action_needs_its_level() {
    use code::*;
    for (code, first, second, expected) in [
        (SELECT, "", "", Read),
        (RECURSIVE, "", "", Read),
        (READ, "t", "a", Read),
        (READ, "sqlite_schema", "sql", Read),
        (READ, "pragma_table_info", "name", Read),
        (READ, "cofferdam_migrations", "step", Read),
        (READ, "json_each", "value", Read),
        (FUNCTION, "", "json_extract", Read),
        (PRAGMA, "table_info", "t", Read),
        (INSERT, "t", "", Write),
        (UPDATE, "t", "a", Write),
        (DELETE, "t", "", Write),
        (INSERT, "sqlite_master", "", Schema),
        (CREATE_TABLE, "t", "", Schema),
        (CREATE_INDEX, "i", "t", Schema),
        (CREATE_INDEX, "sqlite_autoindex_t_1", "t", Schema),
        (CREATE_TRIGGER, "r", "t", Schema),
        (CREATE_VIEW, "v", "", Schema),
        (DROP_TABLE, "t", "", Schema),
        (ALTER_TABLE, "main", "t", Schema),
        (REINDEX, "i", "", Schema),
        (CREATE_VTABLE, "t", "FTS5", Schema),
        (FUNCTION, "", "sqlite_rename_table", Schema),
    ] {
        assert_eq!(least(code, first, second), Some(expected), "{code} {first} {second}");
    }
}

#[test]
fn what_reaches_outside_needs_more_than_there_is() {
    use code::*;
    for (code, first, second) in [
        (ATTACH, "/tmp/x", ""),
        (DETACH, "x", ""),
        (TRANSACTION, "BEGIN", ""),
        (SAVEPOINT, "BEGIN", "s"),
        (ANALYZE, "t", ""),
        (PRAGMA, "writable_schema", "1"),
        (PRAGMA, "data_version", "1"),
        (PRAGMA, "journal_mode", ""),
        (FUNCTION, "", "load_extension"),
        (FUNCTION, "", "fts3_tokenizer"),
        (READ, "sqlite_dbpage", "data"),
        (READ, "DBSTAT", "name"),
        (READ, "pragma_database_list", "file"),
        (CREATE_VTABLE, "t", "fts3"),
        (CREATE_VTABLE, "t", "csv"),
        (INSERT, "sqlite_stat1", ""),
        (INSERT, "Cofferdam_Migrations", ""),
        (DROP_TABLE, "cofferdam_migrations", ""),
        (ALTER_TABLE, "main", "cofferdam_migrations"),
        (CREATE_TRIGGER, "r", "cofferdam_migrations"),
        (CREATE_TABLE, "sqlite_x", ""),
    ] {
        assert_eq!(least(code, first, second), None, "{code} {first} {second}");
    }
}

#[test]
fn temporary_things_and_numbers_to_come_are_refused() {
    for code in [0, 3, 4, 5, 6, 12, 13, 14, 15, 34, 99, -1] {
        assert_eq!(least(code, "t", "t"), None, "{code}");
    }
    for code in [code::CREATE_TABLE, code::CREATE_INDEX, code::CREATE_VIEW, code::DROP_TABLE, code::INSERT] {
        for schema in ["temp", "TEMP", "other"] {
            let action = Action { code, first: Some("t"), second: Some("t"), schema: Some(schema) };
            assert!(judge(Schema, &action).is_err(), "{code} {schema}");
        }
    }
}

#[test]
fn a_denial_says_which_level_is_missing() {
    let action = Action { code: code::INSERT, first: Some("t"), ..Action::default() };
    assert_eq!(judge(Read, &action), Err(DatabaseDenial::Access(Write)));
    let action = Action { code: code::CREATE_TABLE, first: Some("t"), ..Action::default() };
    assert_eq!(judge(Write, &action), Err(DatabaseDenial::Access(Schema)));
}

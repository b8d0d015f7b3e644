//! The settings of SQLite that sqlx doesn't expose: the authorizer, limits, the defensive switches, the heap.
//!
//! The only `unsafe` of this crate. Each call gets a connection's handle while its thread is locked out, so that nobody
//! else is in SQLite with it, and no pointer that it is given outlives what it points to.

#![expect(unsafe_code, reason = "SQLite is a C library, and sqlx has no safe way to these functions")]

use std::{
    ffi::{CStr, c_char, c_int, c_void},
    ptr,
    sync::{Arc, Once},
};

use cofferdam_policy::{
    DatabaseLimits,
    limits::database::SQLITE_HEAP,
    sqlite::{
        self as bounds, Action, COLUMNS, COMPOUND_SELECTS, EXPRESSION_DEPTH, FUNCTION_ARGUMENTS,
        INSTRUCTIONS, PATTERN,
    },
    units::Quantity as _,
};
use libsqlite3_sys as ffi;
use sqlx::sqlite::LockedSqliteHandle;

use super::gate::Gate;

/// Settings that are not as they should be, by SQLite's number for what went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("SQLite refused a setting with {0}")]
pub(super) struct Refused(c_int);

/// Under this name a connection keeps its gate.
const NAME: &CStr = c"cofferdam";

/// Switches of a connection, and how they stand.
const SWITCHES: [(c_int, c_int); 11] = [
    (ffi::SQLITE_DBCONFIG_DEFENSIVE, 1),
    (ffi::SQLITE_DBCONFIG_ENABLE_FKEY, 1),
    (ffi::SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),
    (ffi::SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0),
    (ffi::SQLITE_DBCONFIG_DQS_DML, 0),
    (ffi::SQLITE_DBCONFIG_DQS_DDL, 0),
    (ffi::SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0),
    (ffi::SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0),
    (ffi::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, 0),
    (ffi::SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE, 0),
    (ffi::SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, 0),
];

/// Limits of a connection.
pub(super) fn limits(limits: &DatabaseLimits) -> [(c_int, c_int); 12] {
    let int = |value: u64| c_int::try_from(value).unwrap_or(c_int::MAX);
    [
        (ffi::SQLITE_LIMIT_LENGTH, int(limits.value.value().max(limits.sql.value()))),
        (ffi::SQLITE_LIMIT_SQL_LENGTH, int(limits.sql.value())),
        (ffi::SQLITE_LIMIT_COLUMN, COLUMNS),
        (ffi::SQLITE_LIMIT_EXPR_DEPTH, EXPRESSION_DEPTH),
        (ffi::SQLITE_LIMIT_COMPOUND_SELECT, COMPOUND_SELECTS),
        (ffi::SQLITE_LIMIT_VDBE_OP, INSTRUCTIONS),
        (ffi::SQLITE_LIMIT_FUNCTION_ARG, FUNCTION_ARGUMENTS),
        (ffi::SQLITE_LIMIT_ATTACHED, 0),
        (ffi::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, PATTERN),
        (ffi::SQLITE_LIMIT_VARIABLE_NUMBER, int(limits.parameters.value())),
        (ffi::SQLITE_LIMIT_TRIGGER_DEPTH, bounds::TRIGGER_DEPTH),
        (ffi::SQLITE_LIMIT_WORKER_THREADS, 0),
    ]
}

/// Arms a connection that was just opened: after this, nothing is compiled on it without asking `gate`.
///
/// # Errors
/// [`Refused`] if a setting can't be made; then the connection must not be used.
pub(super) fn arm(
    handle: &mut LockedSqliteHandle<'_>,
    gate: &Arc<Gate>,
    values: &[(c_int, c_int)],
) -> Result<(), Refused> {
    static HEAP: Once = Once::new();
    // SAFETY: takes a number, and is safe to call from any thread.
    HEAP.call_once(|| unsafe {
        ffi::sqlite3_hard_heap_limit64(i64::try_from(SQLITE_HEAP).unwrap_or(i64::MAX));
    });
    let db = handle.as_raw_handle().as_ptr();
    for (switch, on) in SWITCHES {
        let mut now: c_int = -1;
        // SAFETY: `db` is open, and locked for us. These switches take an `int` and a pointer to one, which lives until
        // the call returns.
        let code = unsafe { ffi::sqlite3_db_config(db, switch, on, &raw mut now) };
        check(if code == ffi::SQLITE_OK && now != on { ffi::SQLITE_ERROR } else { code })?;
    }
    for (limit, value) in values {
        // SAFETY: `db` is open, and locked for us. SQLite keeps a limit within its own bounds.
        unsafe { ffi::sqlite3_limit(db, *limit, *value) };
    }
    let data = Arc::into_raw(Arc::clone(gate)).cast_mut().cast::<c_void>();
    // SAFETY: `db` is open, and locked for us; the name is a string that lives for ever. From here on SQLite owns this
    // count of the gate: it calls `release` once, when the connection is closed, or at once if it can't keep it.
    check(unsafe { ffi::sqlite3_set_clientdata(db, NAME.as_ptr(), data, Some(release)) })?;
    // SAFETY: `db` is open, and locked for us. `data` is valid until `release`, which SQLite calls after the last
    // statement was compiled.
    check(unsafe { ffi::sqlite3_set_authorizer(db, Some(authorize), data) })
}

/// Whether a transaction is open: SQLite ends one by itself after some errors.
pub(super) fn is_in_transaction(handle: &mut LockedSqliteHandle<'_>) -> bool {
    // SAFETY: the connection is open, and locked for us.
    unsafe { ffi::sqlite3_get_autocommit(handle.as_raw_handle().as_ptr()) == 0 }
}

fn check(code: c_int) -> Result<(), Refused> {
    if code == ffi::SQLITE_OK { Ok(()) } else { Err(Refused(code)) }
}

/// Gives back the count that a connection had of its gate.
unsafe extern "C" fn release(data: *mut c_void) {
    // SAFETY: `data` came from `Arc::into_raw` in `arm`, and SQLite calls this once for it.
    drop(unsafe { Arc::from_raw(data.cast_const().cast::<Gate>()) });
}

/// What SQLite asks while it compiles a statement.
unsafe extern "C" fn authorize(
    data: *mut c_void,
    code: c_int,
    first: *const c_char,
    second: *const c_char,
    schema: *const c_char,
    _: *const c_char,
) -> c_int {
    // SAFETY: `data` is the gate of `arm`, which lives until the connection is closed.
    let gate = unsafe { &*data.cast_const().cast::<Gate>() };
    // SAFETY: SQLite passes strings that end with NUL, or null, and keeps them until this returns.
    let texts = unsafe { (text(first), text(second), text(schema)) };
    let allowed = match texts {
        (Ok(first), Ok(second), Ok(schema)) => gate.allows(&Action { code, first, second, schema }),
        // A name that is not UTF-8, from a file that is damaged or made up.
        _ => false,
    };
    if allowed { ffi::SQLITE_OK } else { ffi::SQLITE_DENY }
}

/// A string of SQLite's, none for null.
///
/// # Safety
/// `text` is null, or ends with NUL and lives as long as the result.
unsafe fn text<'a>(text: *const c_char) -> Result<Option<&'a str>, std::str::Utf8Error> {
    if ptr::eq(text, ptr::null()) {
        return Ok(None);
    }
    // SAFETY: it isn't null; the rest is the caller's promise.
    unsafe { CStr::from_ptr(text) }.to_str().map(Some)
}

/// How a connection's limits and switches stand, and the heap.
#[cfg(test)]
pub(super) fn read_back(handle: &mut LockedSqliteHandle<'_>) -> (Vec<c_int>, Vec<c_int>, i64) {
    let db = handle.as_raw_handle().as_ptr();
    // SAFETY: the connection is open, and locked for us; a negative number changes nothing.
    let limit = |limit: c_int| unsafe { ffi::sqlite3_limit(db, limit, -1) };
    let switch = |(switch, _): (c_int, c_int)| {
        let mut now: c_int = -1;
        // SAFETY: as in `arm`; a negative number changes nothing.
        unsafe { ffi::sqlite3_db_config(db, switch, -1, &raw mut now) };
        now
    };
    // SAFETY: takes a number; a negative one changes nothing.
    let heap = unsafe { ffi::sqlite3_hard_heap_limit64(-1) };
    ((0..12).map(limit).collect(), SWITCHES.into_iter().map(switch).collect(), heap)
}

#[cfg(test)]
mod tests {
    use cofferdam_policy::sqlite::authorizer::code;

    use super::*;

    #[test]
    fn the_numbers_of_actions_are_those_of_the_library() {
        for (ours, theirs) in [
            (code::CREATE_INDEX, ffi::SQLITE_CREATE_INDEX),
            (code::CREATE_TABLE, ffi::SQLITE_CREATE_TABLE),
            (code::CREATE_TRIGGER, ffi::SQLITE_CREATE_TRIGGER),
            (code::CREATE_VIEW, ffi::SQLITE_CREATE_VIEW),
            (code::DELETE, ffi::SQLITE_DELETE),
            (code::DROP_INDEX, ffi::SQLITE_DROP_INDEX),
            (code::DROP_TABLE, ffi::SQLITE_DROP_TABLE),
            (code::DROP_TRIGGER, ffi::SQLITE_DROP_TRIGGER),
            (code::DROP_VIEW, ffi::SQLITE_DROP_VIEW),
            (code::INSERT, ffi::SQLITE_INSERT),
            (code::PRAGMA, ffi::SQLITE_PRAGMA),
            (code::READ, ffi::SQLITE_READ),
            (code::SELECT, ffi::SQLITE_SELECT),
            (code::TRANSACTION, ffi::SQLITE_TRANSACTION),
            (code::UPDATE, ffi::SQLITE_UPDATE),
            (code::ATTACH, ffi::SQLITE_ATTACH),
            (code::DETACH, ffi::SQLITE_DETACH),
            (code::ALTER_TABLE, ffi::SQLITE_ALTER_TABLE),
            (code::REINDEX, ffi::SQLITE_REINDEX),
            (code::ANALYZE, ffi::SQLITE_ANALYZE),
            (code::CREATE_VTABLE, ffi::SQLITE_CREATE_VTABLE),
            (code::DROP_VTABLE, ffi::SQLITE_DROP_VTABLE),
            (code::FUNCTION, ffi::SQLITE_FUNCTION),
            (code::SAVEPOINT, ffi::SQLITE_SAVEPOINT),
            (code::RECURSIVE, ffi::SQLITE_RECURSIVE),
        ] {
            assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn the_library_is_the_bundled_one_whose_limits_hold() {
        // SAFETY: takes nothing and gives a number.
        let version = unsafe { ffi::sqlite3_libversion_number() };
        assert!(
            version >= 3_051_003,
            "{version}: earlier ones burn processor time and memory under every limit"
        );
    }
}

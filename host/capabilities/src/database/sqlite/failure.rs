//! SQLite's errors as ours: what the guest may read of them, and what the log gets.

use std::fmt::Display;

use cofferdam_policy::{Code, DatabaseLimits, DatabasePermit};
use libsqlite3_sys as ffi;

use super::gate::Gate;
use crate::database::DatabaseError;

/// A bound that was hit, by the key that raises it.
pub(super) fn limit(found: &str, key: &str) -> DatabaseError {
    DatabaseError::Limit(format!("{found} (`{key}` of `database_limits`) [{}]", Code::DatabaseLimit))
}

/// A bound that can't be raised.
fn fixed(found: &str) -> DatabaseError {
    DatabaseError::Limit(format!("{found} [{}]", Code::DatabaseLimit))
}

/// A statement or a transaction that took too long.
pub(super) fn late(what: &str, limits: &DatabaseLimits) -> DatabaseError {
    let ceiling = if what == "transaction" { limits.transaction } else { limits.statement };
    DatabaseError::Limit(format!(
        "the {what} took too long: there is {ceiling} for it (`{what}` of `database_limits`), and no more than its call \
         has left [{}]",
        Code::DatabaseDeadline
    ))
}

/// What came of opening a connection, other than one. The reason is for the log: it has paths in it.
pub(super) fn unavailable(permit: &DatabasePermit, reason: &dyn Display) -> DatabaseError {
    let label = permit.label();
    tracing::warn!(plugin = %permit.plugin(), database = label, %reason, "a database can't be opened");
    DatabaseError::Unavailable(format!("the database `{label}` can't be opened; the host's log says why"))
}

/// An error of a statement.
pub(super) fn of(
    error: &sqlx::Error,
    gate: &Gate,
    permit: &DatabasePermit,
    limits: &DatabaseLimits,
) -> DatabaseError {
    if let Some(denial) = gate.take_denial() {
        return DatabaseError::Denied(permit.deny(denial).to_string());
    }
    match error {
        sqlx::Error::Database(error) => {
            let code = error.code().and_then(|code| code.parse::<i32>().ok()).unwrap_or(ffi::SQLITE_ERROR);
            by_code(code, error.message(), permit, limits)
        }
        sqlx::Error::Protocol(text) => DatabaseError::Invalid(text.clone()),
        // Its thread ended for want of memory.
        sqlx::Error::WorkerCrashed => fixed("the statement needs too much memory"),
        other => failed(permit, other),
    }
}

fn by_code(code: i32, message: &str, permit: &DatabasePermit, limits: &DatabaseLimits) -> DatabaseError {
    match code & 0xff {
        ffi::SQLITE_ERROR if is_bound(message) => fixed(message),
        ffi::SQLITE_ERROR | ffi::SQLITE_RANGE | ffi::SQLITE_MISMATCH => {
            DatabaseError::Invalid(message.to_owned())
        }
        ffi::SQLITE_CONSTRAINT => DatabaseError::Constraint(message.to_owned()),
        ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED | ffi::SQLITE_SCHEMA => {
            DatabaseError::Busy("someone else is writing to the database".to_owned())
        }
        ffi::SQLITE_INTERRUPT => late("statement", limits),
        ffi::SQLITE_TOOBIG => {
            limit(&format!("a value or a statement is larger than {}", limits.value), "value")
        }
        ffi::SQLITE_NOMEM => fixed("the statement needs too much memory"),
        ffi::SQLITE_FULL if permit.is_private() => DatabaseError::Limit(format!(
            "the plugin's database is full: it may have {} (`size` of `database_limits`), and less if the disk is full [{}]",
            limits.size,
            Code::DatabaseSize
        )),
        ffi::SQLITE_AUTH => {
            DatabaseError::Invalid("the statement can't be compiled under the plugin's grant".to_owned())
        }
        ffi::SQLITE_READONLY => DatabaseError::Failed("the database can't be written to".to_owned()),
        ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB => {
            failed(permit, &message);
            DatabaseError::Failed(format!("the file of the database `{}` is damaged", permit.label()))
        }
        ffi::SQLITE_CANTOPEN => unavailable(permit, &message),
        _ => failed(permit, &format_args!("{code}: {message}")),
    }
}

/// Whether SQLite's words are those of one of its limits.
fn is_bound(message: &str) -> bool {
    let starts = [
        "too many ",
        "Expression tree is too large",
        "LIKE or GLOB pattern too complex",
        "parser stack overflow",
    ];
    starts.iter().any(|start| message.starts_with(start))
}

fn failed(permit: &DatabasePermit, reason: &dyn Display) -> DatabaseError {
    tracing::warn!(plugin = %permit.plugin(), database = permit.label(), %reason, "a statement failed");
    DatabaseError::Failed("the database couldn't do it; the host's log says why".to_owned())
}

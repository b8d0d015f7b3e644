//! The driver's errors as ours: one table. The server's own words reach a guest only where they are about its statement.

use cofferdam_policy::Code;
use sqlx::postgres::{PgDatabaseError, PgErrorPosition, PgSeverity};

use super::super::DatabaseError;

/// The longest text of the server's that is repeated.
const LONGEST: usize = 300;

const UNPROVEN: &str = "the database could not prove who it is, or speaks no TLS";

/// An error, and whether its session can be used on.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: DatabaseError,
    pub(super) usable: bool,
    /// A table is no longer what it was when the statement was prepared. Nothing was done.
    pub(super) stale: bool,
}

impl Failure {
    /// The session is in the middle of something.
    pub(super) fn midway(error: DatabaseError) -> Self {
        Self { error, usable: false, stale: false }
    }

    /// A table isn't what it was when the statement was prepared.
    pub(super) fn stale() -> Self {
        let error = DatabaseError::Busy("a table was changed meanwhile, try again".to_owned());
        Self { error, usable: true, stale: true }
    }

    /// Nothing was sent, or all was answered.
    pub(super) fn clean(error: DatabaseError) -> Self {
        Self { error, usable: true, stale: false }
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error().and_then(|error| error.try_downcast_ref::<PgDatabaseError>()) {
            Some(database) => {
                let fatal = matches!(database.severity(), PgSeverity::Fatal | PgSeverity::Panic);
                // After an error within the server, what its session remembers isn't trusted.
                let usable = !fatal && !database.code().starts_with("XX");
                let stale = database.routine() == Some("RevalidateCachedQuery")
                    || (database.code() == "42P10" && super::guard::is_out_of_date(database.message()));
                let failure = if stale { Self::stale() } else { Self::clean(of_server(database)) };
                Self { usable, ..failure }
            }
            None => {
                tracing::debug!(target: "cofferdam::database", %error, "a session with Postgres broke");
                Self::midway(of_driver(&error))
            }
        }
    }
}

impl From<sqlx::Error> for Box<Failure> {
    fn from(error: sqlx::Error) -> Self {
        Self::new(error.into())
    }
}

fn of_driver(error: &sqlx::Error) -> DatabaseError {
    match error {
        sqlx::Error::Io(error) if error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) => {
            unavailable(UNPROVEN)
        }
        sqlx::Error::Io(_) => unavailable("the connection to the database broke"),
        sqlx::Error::Tls(_) => unavailable(UNPROVEN),
        sqlx::Error::Protocol(_) => DatabaseError::Failed("the database sent what is no answer".to_owned()),
        _ => DatabaseError::Failed("the database's answer could not be read".to_owned()),
    }
}

pub(super) fn unavailable(words: &str) -> DatabaseError {
    DatabaseError::Unavailable(words.to_owned())
}

/// It took too long.
pub(super) fn late() -> DatabaseError {
    DatabaseError::Limit(format!("the statement was ended at its deadline [{}]", Code::DatabaseDeadline))
}

/// By SQLSTATE.
fn of_server(error: &PgDatabaseError) -> DatabaseError {
    let code = error.code();
    let class = code.get(..2).unwrap_or_default();
    match (class, code) {
        (_, "22P02") if super::guard::is_hit(error.message()) => DatabaseError::Limit(format!(
            "one row alone has more bytes than may come back: {} [{}]",
            super::guard::found(error.message()),
            Code::DatabaseLimit
        )),
        ("23", _) => DatabaseError::Constraint(own_words(error)),
        (_, "40001" | "40P01" | "55P03" | "55006") => DatabaseError::Busy(own_words(error)),
        (_, "57014") => late(),
        (_, "25006") => DatabaseError::Denied(format!(
            "the database allows this session only to read: {} [{}]",
            own_words(error),
            Code::DatabaseRole
        )),
        (_, "42501") => DatabaseError::Denied(format!(
            "the database refused it to the role of this label: {} [{}]",
            own_words(error),
            Code::DatabaseRole
        )),
        ("22" | "42" | "0A" | "21" | "25" | "2F" | "44", _) => DatabaseError::Invalid(own_words(error)),
        (_, "54000" | "54001" | "54011" | "54023") => DatabaseError::Invalid(own_words(error)),
        (_, "53400") => DatabaseError::Limit(format!(
            "the statement needs more temporary room than the database gives its role [{}]",
            Code::DatabaseLimit
        )),
        (_, "53100") => DatabaseError::Failed("the database has no room left".to_owned()),
        (_, "53200") => DatabaseError::Failed("the database has no memory left for this".to_owned()),
        (_, "53300") => unavailable("the database takes no more connections now"),
        ("57" | "08", _) => unavailable("the database ended the connection"),
        ("28", _) => unavailable("the database refused the host's credentials"),
        ("3D", _) => unavailable("the database is not there"),
        _ => {
            tracing::warn!(target: "cofferdam::database", code, message = error.message(), "Postgres failed");
            DatabaseError::Failed(format!("the database failed with the code {code}"))
        }
    }
}

fn own_words(error: &PgDatabaseError) -> String {
    let mut words = cut(error.message());
    if let Some(hint) = error.hint() {
        words.push_str(&format!(" ({})", cut(hint)));
    }
    if let Some(PgErrorPosition::Original(at)) = error.position() {
        words.push_str(&format!(", at character {at}"));
    }
    words
}

fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

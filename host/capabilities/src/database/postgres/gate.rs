//! Judges what a guest wants to run, before any of it is sent: an allow-list of statements, functions and catalogs.
//!
//! The role that the operator made for the plugin is the other layer, and each is meant to hold alone. This one is there
//! because a role can't forbid everything: `SET` takes no privilege, and a role may change its own password.
//! What the parser doesn't understand is refused. So is what it might understand otherwise than the server: see
//! [`lex`]. The text that was judged is the text that is sent.

mod catalogs;
mod functions;
mod lex;
mod statement;
#[cfg(test)]
mod tests;
mod visit;

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use cofferdam_policy::Code;
use sqlparser::{dialect::PostgreSqlDialect, parser::Parser};

use super::{super::DatabaseError, DatabaseAccess};

/// How deep a statement may nest.
const DEPTH: usize = 50;
/// Statements that are remembered as judged, and how long one of them may be.
const REMEMBERED: usize = 128;
const REMEMBERED_BYTES: usize = 4 << 10;

/// Whose statements are judged, and by what.
#[derive(Debug)]
pub(super) struct Gate {
    /// The plugin's id.
    pub(super) plugin: String,
    /// The database's label.
    pub(super) label: String,
    /// What the plugin may do.
    pub(super) access: DatabaseAccess,
    /// What may run, by its text: the verdict depends on nothing else.
    judged: Mutex<HashMap<String, Judged>>,
}

/// A statement that may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Judged {
    /// Its text, without what ends it.
    pub(super) sql: String,
    /// What it gives.
    pub(super) shape: Shape,
}

/// What a statement gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Rows of tables: a query.
    Rows,
    /// Rows that it wrote: `RETURNING`.
    Returning,
    /// Nothing, or rows that the server makes up, as a plan.
    Plain,
}

impl Gate {
    pub(super) fn new(plugin: String, label: String, access: DatabaseAccess) -> Self {
        Self { plugin, label, access, judged: Mutex::default() }
    }

    /// Judges exactly one statement.
    pub(super) fn judge(&self, sql: &str) -> Result<Judged, DatabaseError> {
        let known = self.judged.lock().unwrap_or_else(PoisonError::into_inner).get(sql).cloned();
        if let Some(judged) = known {
            return Ok(judged);
        }
        let judged = self.judge_one(sql)?;
        if sql.len() <= REMEMBERED_BYTES {
            let mut known = self.judged.lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= REMEMBERED {
                known.clear();
            }
            known.insert(sql.to_owned(), judged.clone());
        }
        Ok(judged)
    }

    fn judge_one(&self, sql: &str) -> Result<Judged, DatabaseError> {
        let mut pieces = lex::pieces(sql)?;
        match (pieces.pop(), pieces.len()) {
            (Some(piece), 0) => self.judge_piece(piece),
            (None, _) => Err(invalid("expected an SQL statement, found none")),
            (Some(_), before) => Err(invalid(format!(
                "expected exactly one SQL statement, found {}: send them one by one",
                before + 1
            ))),
        }
    }

    /// Judges all statements of a migration's step.
    pub(super) fn judge_script(&self, sql: &str) -> Result<Vec<Judged>, DatabaseError> {
        lex::pieces(sql)?.into_iter().map(|piece| self.judge_piece(piece)).collect()
    }

    fn judge_piece(&self, piece: lex::Piece<'_>) -> Result<Judged, DatabaseError> {
        let words = lex::check(&piece)?;
        let dialect = PostgreSqlDialect {};
        let mut parser =
            Parser::new(&dialect).with_recursion_limit(DEPTH).with_tokens_with_locations(piece.tokens);
        let mut statements = parser.parse_statements().map_err(unclear)?;
        let statement = match (statements.pop(), statements.is_empty()) {
            (Some(statement), true) => statement,
            _ => return Err(unclear("not one statement")),
        };
        let shape = statement::judge(self, &statement)?;
        catalogs::judge(&words, shape == Shape::Rows || statement::is_explanation(&statement))?;
        visit::judge(self, &statement)?;
        Ok(Judged { sql: piece.text.to_owned(), shape })
    }

    /// Checks that the grant covers what a statement needs.
    pub(super) fn need(&self, needed: DatabaseAccess, what: &str) -> Result<(), DatabaseError> {
        if self.access >= needed {
            return Ok(());
        }
        let Self { plugin, label, access, .. } = self;
        Err(DatabaseError::Denied(format!(
            "`{plugin}` may not run {what} in `{label}`: it is granted `{access}`, and this needs `{needed}` [{}]; to \
             allow it, run: cofferdam grant {plugin} database {label} {needed}",
            Code::DatabaseAccess
        )))
    }
}

/// What no grant covers.
fn refused(code: Code, words: impl std::fmt::Display) -> DatabaseError {
    DatabaseError::Denied(format!("{words} [{code}]"))
}

fn invalid(words: impl Into<String>) -> DatabaseError {
    DatabaseError::Invalid(words.into())
}

/// What could be read in more than one way, or in none.
fn unclear(why: impl std::fmt::Display) -> DatabaseError {
    let why = why.to_string();
    let why = why.strip_prefix("sql parser error: ").unwrap_or(&why);
    let why: String = why.chars().filter(|c| !c.is_control()).take(200).collect();
    DatabaseError::Invalid(format!(
        "this statement can't be judged, so it is not run: {why} [{}]",
        Code::DatabaseUnclear
    ))
}

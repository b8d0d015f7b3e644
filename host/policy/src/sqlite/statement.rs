//! The text of a statement, read as far as is needed before SQLite reads it: is it one, of which kind, with how many
//! values?
//!
//! Words, quotes and comments are told apart exactly as SQLite does; where its own reader would go on after the end of
//! the first statement, this refuses. What is wrong in other ways is left to SQLite to say.

mod token;

use self::token::{Token, Tokens};
use super::authorizer;
use crate::DatabaseDenial;

/// What a statement does, by its first word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It gives rows, and changes none.
    Query,
    /// It changes rows.
    Change,
    /// It changes tables.
    Schema,
}

/// One statement that may be given to SQLite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    /// What it does.
    pub kind: Kind,
    /// How many values it takes.
    pub parameters: usize,
}

/// Why a text is no statement for SQLite.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// Nothing, or comments only.
    #[error("the statement is empty")]
    Empty,
    /// More than one.
    #[error("expected one statement, found more after its `;`")]
    Many,
    /// A NUL character.
    #[error("the statement has a NUL character")]
    Nul,
    /// A value that has no number.
    #[error("expected values as `?1`, `?` or `$1`, found {0:?}")]
    Parameter(String),
    /// Both ways of writing values.
    #[error("expected values all with numbers or all without, found `?` beside `?1`")]
    Mixed,
    /// No plugin may run it.
    #[error("no plugin may run such a statement")]
    Denied(DatabaseDenial),
}

impl Statement {
    /// Reads the text of one statement.
    ///
    /// # Errors
    /// [`Wrong`] if it is not one, or of a kind that no plugin may run.
    pub fn read(sql: &str) -> Result<Self, Wrong> {
        if sql.contains('\0') {
            return Err(Wrong::Nul);
        }
        Self::of(&mut Tokens::of(sql), |_| Err(Wrong::Many))
    }

    /// Reads a text of one or more statements, and gives each by itself.
    ///
    /// # Errors
    /// [`Wrong`] for the first that is not one.
    pub fn split(sql: &str) -> Result<Vec<(&str, Self)>, Wrong> {
        if sql.contains('\0') {
            return Err(Wrong::Nul);
        }
        let mut found = Vec::new();
        let mut rest = sql;
        loop {
            let mut end = None;
            let more = |left: &str| {
                end = Some(rest.len() - left.len());
                Ok(())
            };
            match Self::of(&mut Tokens::of(rest), more) {
                Ok(statement) => {
                    let (text, after) =
                        rest.split_at_checked(end.unwrap_or(rest.len())).unwrap_or((rest, ""));
                    // Nothing is cut from the end: `/*` begins a comment only if something follows.
                    found.push((text.trim_start_matches([' ', '\t', '\n', '\x0c', '\r']), statement));
                    rest = after;
                }
                // Nothing but blanks after the last one.
                Err(Wrong::Empty) if !found.is_empty() => return Ok(found),
                Err(wrong) => return Err(wrong),
            }
        }
    }

    /// Reads one statement; what is left when another one begins goes to `more`.
    fn of<'a>(
        tokens: &mut Tokens<'a>,
        more: impl FnOnce(&'a str) -> Result<(), Wrong>,
    ) -> Result<Self, Wrong> {
        let Some(first) = tokens.next() else { return Err(Wrong::Empty) };
        let Token::Word(word) = first else {
            return Err(if first == Token::End {
                Wrong::Empty
            } else {
                Wrong::Denied(unknown(first.text()))
            });
        };
        let mut reader = Reader::new(Head::of(word)?);
        loop {
            let left = tokens.rest();
            let Some(token) = tokens.next() else { break };
            if reader.ended && token != Token::End {
                more(left)?;
                break;
            }
            reader.take(token)?;
        }
        Ok(Self { kind: reader.kind(), parameters: reader.parameters })
    }
}

/// What the first word tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Head {
    Query,
    With,
    Explain,
    Change,
    Create,
    Schema,
}

impl Head {
    fn of(word: &str) -> Result<Self, Wrong> {
        Ok(match word.to_ascii_uppercase().as_str() {
            "SELECT" | "VALUES" | "PRAGMA" => Self::Query,
            "WITH" => Self::With,
            "EXPLAIN" => Self::Explain,
            "INSERT" | "REPLACE" | "UPDATE" | "DELETE" => Self::Change,
            "CREATE" => Self::Create,
            "ALTER" | "DROP" | "REINDEX" => Self::Schema,
            "BEGIN" | "COMMIT" | "END" | "ROLLBACK" | "SAVEPOINT" | "RELEASE" => {
                return Err(Wrong::Denied(authorizer::transactions()));
            }
            _ => return Err(Wrong::Denied(unknown(word))),
        })
    }
}

fn unknown(word: &str) -> DatabaseDenial {
    let instead =
        "expected SELECT, WITH, VALUES, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, REINDEX or EXPLAIN";
    DatabaseDenial::Statement(word.to_ascii_uppercase(), Some(instead))
}

/// What has been read of a statement.
struct Reader<'a> {
    head: Head,
    /// Words since the first, as long as they can make it a trigger.
    words: usize,
    trigger: bool,
    /// For `WITH`: how deep in parentheses, and what comes after the tables.
    depth: usize,
    changes: bool,
    decided: bool,
    /// The last two tokens, for the end of a trigger.
    before: [Option<Token<'a>>; 2],
    ended: bool,
    unnumbered: usize,
    numbered: bool,
    parameters: usize,
}

impl<'a> Reader<'a> {
    fn new(head: Head) -> Self {
        Self {
            head,
            words: 0,
            trigger: false,
            depth: 0,
            changes: false,
            decided: false,
            before: [None; 2],
            ended: false,
            unnumbered: 0,
            numbered: false,
            parameters: 0,
        }
    }

    fn take(&mut self, token: Token<'a>) -> Result<(), Wrong> {
        match token {
            Token::End => self.ended |= !self.trigger || self.is_end_of_trigger(),
            Token::Word(word) => self.word(word),
            Token::Open => self.depth += 1,
            Token::Close => self.depth = self.depth.saturating_sub(1),
            Token::Parameter(text) => self.parameter(text)?,
            Token::Other(_) => {}
        }
        self.before = [self.before[1], Some(token)];
        Ok(())
    }

    /// A trigger has statements with semicolons of their own in it, and ends with `; END`.
    fn is_end_of_trigger(&self) -> bool {
        matches!(self.before, [Some(Token::End), Some(Token::Word(word))] if word.eq_ignore_ascii_case("END"))
    }

    fn word(&mut self, word: &str) {
        let word = word.to_ascii_uppercase();
        self.words += 1;
        match self.head {
            // CREATE [TEMP | TEMPORARY] TRIGGER
            Head::Create if self.words <= 2 => {
                self.trigger |= word == "TRIGGER" && (self.words == 1 || self.decided);
                self.decided = word == "TEMP" || word == "TEMPORARY";
            }
            // EXPLAIN [QUERY PLAN] CREATE [TEMP | TEMPORARY] TRIGGER
            Head::Explain if self.words <= 5 => self.trigger |= word == "TRIGGER",
            Head::With if self.depth == 0 && !self.decided => {
                self.changes = matches!(word.as_str(), "INSERT" | "REPLACE" | "UPDATE" | "DELETE");
                self.decided = self.changes || matches!(word.as_str(), "SELECT" | "VALUES");
            }
            _ => {}
        }
    }

    fn parameter(&mut self, text: &str) -> Result<(), Wrong> {
        let number = match text {
            "?" => {
                self.unnumbered += 1;
                self.unnumbered
            }
            _ => match text.get(1..).map(str::parse::<usize>) {
                Some(Ok(number)) if number >= 1 && !text.starts_with(['@', ':', '#']) => number,
                _ => return Err(Wrong::Parameter(text.chars().take(40).collect())),
            },
        };
        self.numbered |= text != "?";
        // SQLite counts `?` on from the largest number so far, others count them alone: so not both in one statement.
        if self.numbered && self.unnumbered > 0 {
            return Err(Wrong::Mixed);
        }
        self.parameters = self.parameters.max(number);
        Ok(())
    }

    fn kind(&self) -> Kind {
        match self.head {
            Head::Query | Head::Explain => Kind::Query,
            Head::With if self.changes => Kind::Change,
            Head::With => Kind::Query,
            Head::Change => Kind::Change,
            Head::Create | Head::Schema => Kind::Schema,
        }
    }
}

#[cfg(test)]
mod tests;

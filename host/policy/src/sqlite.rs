//! What a plugin's statements may do in SQLite, which allows far too much by itself: attach files, load code, rewrite the
//! schema, change its own settings.
//!
//! There are two layers, each tested alone. [`statement`] reads the text before SQLite does: exactly one statement, of a
//! kind that is on a list. [`authorizer`] answers SQLite while it compiles: each action, function and table.
//! Nothing here knows SQLite but by the numbers and names of its manual.

pub mod authorizer;
pub mod functions;
pub mod statement;

pub use self::{
    authorizer::{Action, judge},
    statement::{Kind, Statement, Wrong},
};

/// Nesting of an expression.
pub const EXPRESSION_DEPTH: i32 = 100;
/// Columns of a table, a result or an index.
pub const COLUMNS: i32 = 100;
/// `SELECT`s joined by `UNION` and its like.
pub const COMPOUND_SELECTS: i32 = 10;
/// Instructions of one compiled statement.
pub const INSTRUCTIONS: i32 = 25_000;
/// Arguments of a function.
pub const FUNCTION_ARGUMENTS: i32 = 100;
/// Length of a pattern of `LIKE` and `GLOB`: matching takes time in its square.
pub const PATTERN: i32 = 50;
/// Triggers that set off each other.
pub const TRIGGER_DEPTH: i32 = 10;

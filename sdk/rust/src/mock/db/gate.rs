//! What a statement may do: the host's own lists, asked in the host's two places, before SQLite reads a statement and while
//! it does.

use std::sync::{Arc, Mutex, PoisonError};

use cofferdam_policy::sqlite::authorizer::code;
use cofferdam_policy::sqlite::{Action, Statement, Wrong, judge};
use cofferdam_policy::{DatabaseDenial, DatabasePermit};
use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization, TransactionOperation};

use crate::db::Problem;

/// Reads a statement before SQLite does.
pub(super) fn read(sql: &str, permit: &DatabasePermit) -> Result<Statement, Problem> {
    Statement::read(sql).map_err(|wrong| refused(wrong, permit))
}

/// Reads a step of a migration, which may be several statements.
pub(super) fn split<'a>(sql: &'a str, permit: &DatabasePermit) -> Result<Vec<&'a str>, Problem> {
    let statements = Statement::split(sql).map_err(|wrong| refused(wrong, permit))?;
    Ok(statements.into_iter().map(|(text, _)| text).collect())
}

fn refused(wrong: Wrong, permit: &DatabasePermit) -> Problem {
    match wrong {
        Wrong::Denied(denial) => denied(denial, permit),
        other => Problem::Invalid(other.to_string()),
    }
}

/// A denial in the host's words.
pub(super) fn denied(denial: DatabaseDenial, permit: &DatabasePermit) -> Problem {
    Problem::Denied(permit.deny(denial).to_string())
}

/// Runs a statement of the plugin's. What SQLite says of one that is refused is replaced by why.
pub(super) fn gated<T>(
    sqlite: &Connection,
    permit: &DatabasePermit,
    run: impl FnOnce() -> Result<T, Problem>,
) -> Result<T, Problem> {
    let found = Arc::new(Mutex::new(None));
    let (access, reason) = (permit.access(), Arc::clone(&found));
    let answer = move |context: AuthContext<'_>| match judge(access, &action(&context)) {
        Ok(()) => Authorization::Allow,
        Err(denial) => {
            // The first one: what follows may only follow from it.
            reason.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(denial);
            Authorization::Deny
        }
    };
    sqlite.authorizer(Some(answer)).map_err(super::run::problem)?;
    let result = run();
    sqlite.authorizer(None::<fn(AuthContext<'_>) -> Authorization>).map_err(super::run::problem)?;
    let found = found.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (result, found) {
        (Err(_), Some(denial)) => Err(denied(denial, permit)),
        (result, _) => result,
    }
}

/// SQLite's question as the host's lists know it, by the number in SQLite's manual. What has none there is refused.
fn action<'a>(context: &AuthContext<'a>) -> Action<'a> {
    let (code, first, second) = match context.action {
        AuthAction::Select => (code::SELECT, None, None),
        AuthAction::Recursive => (code::RECURSIVE, None, None),
        AuthAction::Read { table_name, column_name } => (code::READ, Some(table_name), Some(column_name)),
        AuthAction::Function { function_name } => (code::FUNCTION, None, Some(function_name)),
        AuthAction::Pragma { pragma_name, pragma_value } => (code::PRAGMA, Some(pragma_name), pragma_value),
        AuthAction::Insert { table_name } => (code::INSERT, Some(table_name), None),
        AuthAction::Delete { table_name } => (code::DELETE, Some(table_name), None),
        AuthAction::Update { table_name, column_name } => (code::UPDATE, Some(table_name), Some(column_name)),
        AuthAction::CreateTable { table_name } => (code::CREATE_TABLE, Some(table_name), None),
        AuthAction::DropTable { table_name } => (code::DROP_TABLE, Some(table_name), None),
        AuthAction::CreateView { view_name } => (code::CREATE_VIEW, Some(view_name), None),
        AuthAction::DropView { view_name } => (code::DROP_VIEW, Some(view_name), None),
        AuthAction::CreateIndex { index_name, table_name } => {
            (code::CREATE_INDEX, Some(index_name), Some(table_name))
        }
        AuthAction::DropIndex { index_name, table_name } => {
            (code::DROP_INDEX, Some(index_name), Some(table_name))
        }
        AuthAction::CreateTrigger { trigger_name, table_name } => {
            (code::CREATE_TRIGGER, Some(trigger_name), Some(table_name))
        }
        AuthAction::DropTrigger { trigger_name, table_name } => {
            (code::DROP_TRIGGER, Some(trigger_name), Some(table_name))
        }
        AuthAction::AlterTable { database_name, table_name } => {
            (code::ALTER_TABLE, Some(database_name), Some(table_name))
        }
        AuthAction::CreateVtable { table_name, module_name } => {
            (code::CREATE_VTABLE, Some(table_name), Some(module_name))
        }
        AuthAction::DropVtable { table_name, module_name } => {
            (code::DROP_VTABLE, Some(table_name), Some(module_name))
        }
        AuthAction::Reindex { index_name } => (code::REINDEX, Some(index_name), None),
        AuthAction::Analyze { table_name } => (code::ANALYZE, Some(table_name), None),
        AuthAction::Attach { filename } => (code::ATTACH, Some(filename), None),
        AuthAction::Detach { database_name } => (code::DETACH, Some(database_name), None),
        AuthAction::Transaction { operation } => (code::TRANSACTION, Some(name(operation)), None),
        AuthAction::Savepoint { operation, savepoint_name } => {
            (code::SAVEPOINT, Some(name(operation)), Some(savepoint_name))
        }
        _ => (0, None, None),
    };
    Action { code, first, second, schema: context.database_name }
}

fn name(operation: TransactionOperation) -> &'static str {
    match operation {
        TransactionOperation::Begin => "BEGIN",
        TransactionOperation::Release => "RELEASE",
        TransactionOperation::Rollback => "ROLLBACK",
        _ => "",
    }
}

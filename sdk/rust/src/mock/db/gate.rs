//! What a statement may do, as SQLite itself sees it while it prepares one.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

use crate::db::Problem;

/// What was granted: each includes the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Access {
    Read,
    Write,
    Schema,
}

impl Access {
    fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Schema => "schema",
        }
    }
}

/// Runs a statement of the plugin's. What SQLite says of one that is refused is replaced by why.
pub(super) fn gated<T>(
    sqlite: &Connection,
    access: Access,
    run: impl FnOnce() -> Result<T, Problem>,
) -> Result<T, Problem> {
    let refused = Arc::new(Mutex::new(None));
    let reason = Arc::clone(&refused);
    let judge = move |context: AuthContext<'_>| match allowed(access, &context) {
        Ok(()) => Authorization::Allow,
        Err(why) => {
            reason.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
            Authorization::Deny
        }
    };
    sqlite.authorizer(Some(judge)).map_err(super::run::problem)?;
    let result = run();
    sqlite.authorizer(None::<fn(AuthContext<'_>) -> Authorization>).map_err(super::run::problem)?;
    let refused = refused.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (result, refused) {
        (Err(_), Some(why)) => Err(Problem::Denied(why)),
        (result, _) => result,
    }
}

/// Whether a statement may do this.
fn allowed(access: Access, context: &AuthContext<'_>) -> Result<(), String> {
    let needs = needed(&context.action)?;
    if context.database_name == Some("temp") && needs > Access::Read {
        return Err("temporary tables, views and triggers are not available".to_owned());
    }
    if access >= needs {
        return Ok(());
    }
    Err(format!(
        "the plugin may only {} in this database, and the statement needs the access `{}`",
        access.name(),
        needs.name()
    ))
}

/// The access that an action needs, or why no access is enough.
fn needed(action: &AuthAction<'_>) -> Result<Access, String> {
    Ok(match *action {
        AuthAction::Select | AuthAction::Read { .. } | AuthAction::Recursive => Access::Read,
        AuthAction::Function { function_name } => function(function_name)?,
        AuthAction::Pragma { pragma_name, pragma_value } => pragma(pragma_name, pragma_value)?,
        AuthAction::Insert { table_name }
        | AuthAction::Delete { table_name }
        | AuthAction::Update { table_name, .. } => change(table_name)?,
        AuthAction::CreateIndex { table_name, .. }
        | AuthAction::CreateTable { table_name }
        | AuthAction::CreateTrigger { table_name, .. }
        | AuthAction::DropIndex { table_name, .. }
        | AuthAction::DropTable { table_name }
        | AuthAction::DropTrigger { table_name, .. }
        | AuthAction::AlterTable { table_name, .. } => recorded(table_name, Access::Schema)?,
        AuthAction::CreateView { .. }
        | AuthAction::DropView { .. }
        | AuthAction::Reindex { .. }
        | AuthAction::Analyze { .. }
        | AuthAction::DropVtable { .. } => Access::Schema,
        AuthAction::CreateVtable { module_name, .. } => module(module_name)?,
        AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => {
            return Err("transactions are begun and ended by the host: use `Db::transaction`".to_owned());
        }
        AuthAction::Attach { .. } | AuthAction::Detach { .. } => {
            return Err("a plugin can't attach or detach databases".to_owned());
        }
        _ => return Err("temporary tables, views and triggers are not available".to_owned()),
    })
}

fn change(table: &str) -> Result<Access, String> {
    match table {
        // A change of the schema is one of SQLite's own tables; by hand SQLite allows none.
        "sqlite_master" | "sqlite_schema" | "sqlite_temp_master" => Ok(Access::Schema),
        _ => recorded(table, Access::Write),
    }
}

/// What `migrate` records is not for the plugin to change.
fn recorded(table: &str, access: Access) -> Result<Access, String> {
    if table.eq_ignore_ascii_case(super::migrate::TABLE) {
        return Err(format!("`{table}` is where `Db::migrate` records its steps, a plugin may only read it"));
    }
    Ok(access)
}

fn function(name: &str) -> Result<Access, String> {
    match name.to_ascii_lowercase().as_str() {
        "load_extension" | "fts3_tokenizer" | "readfile" | "writefile" | "edit" => {
            Err(format!("a plugin can't use the function `{name}`"))
        }
        _ => Ok(Access::Read),
    }
}

/// Those that only show something; `data_version` is for full-text search, which asks for it itself.
fn pragma(name: &str, value: Option<&str>) -> Result<Access, String> {
    match (name.to_ascii_lowercase().as_str(), value) {
        (
            "table_info" | "table_xinfo" | "table_list" | "index_list" | "index_info" | "index_xinfo"
            | "foreign_key_list" | "foreign_key_check",
            _,
        )
        | ("data_version" | "foreign_keys" | "encoding" | "user_version", None) => Ok(Access::Read),
        _ => Err(format!("a plugin can't use the pragma `{name}` in this way")),
    }
}

fn module(name: &str) -> Result<Access, String> {
    match name.to_ascii_lowercase().as_str() {
        "fts5" | "fts5vocab" | "rtree" => Ok(Access::Schema),
        _ => Err(format!("a plugin can't make tables with the module `{name}`")),
    }
}

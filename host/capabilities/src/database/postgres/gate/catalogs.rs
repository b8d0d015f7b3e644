//! Which of the server's own tables may be read.
//!
//! Judged by words, wherever they stand: no table, column or function of a plugin's begins with `pg_`, so nothing that
//! does slips through as something else.

use cofferdam_policy::Code;

use super::{super::super::DatabaseError, functions, lex::Name, refused};

/// What describes tables, to those who may see them; nothing about roles, sessions, settings or files.
const PG_CATALOG: &[&str] = &[
    "pg_attribute",
    "pg_class",
    "pg_constraint",
    "pg_description",
    "pg_enum",
    "pg_index",
    "pg_indexes",
    "pg_namespace",
    "pg_tables",
    "pg_type",
];

/// The same, in the words of the standard.
const INFORMATION_SCHEMA: &[&str] = &[
    "check_constraints",
    "columns",
    "constraint_column_usage",
    "constraint_table_usage",
    "domains",
    "element_types",
    "key_column_usage",
    "referential_constraints",
    "schemata",
    "sequences",
    "table_constraints",
    "tables",
    "view_column_usage",
    "view_table_usage",
    "views",
];

/// Judges all names of a statement; only those that just read may name catalogs.
pub(super) fn judge(names: &[Name], reads: bool) -> Result<(), DatabaseError> {
    names.iter().try_for_each(|name| judge_name(name, reads))
}

fn judge_name(name: &Name, reads: bool) -> Result<(), DatabaseError> {
    let allowed = match name.name.as_str() {
        "information_schema" => {
            reads && name.member.as_deref().is_some_and(|view| INFORMATION_SCHEMA.contains(&view))
        }
        // What follows is judged as a name of its own.
        "pg_catalog" => name.member.as_deref().is_some_and(|member| reads || functions::is_allowed(member)),
        // The types whose text is a name of something that need not concern a plugin.
        "regrole" | "regproc" | "regprocedure" | "regconfig" | "regdictionary" | "aclitem" => false,
        own if own.starts_with("pg_") && name.called => functions::is_allowed(own),
        own if own.starts_with("pg_") => reads && PG_CATALOG.contains(&own),
        called if name.called => !functions::reaches_outside(called),
        _ => true,
    };
    if allowed {
        return Ok(());
    }
    if name.called && !PG_CATALOG.contains(&name.name.as_str()) {
        return Err(functions::refused(&name.name));
    }
    let full = match &name.member {
        Some(member) => format!("{}.{member}", name.name),
        None => name.name.clone(),
    };
    let full: String = full.chars().filter(|c| !c.is_control()).take(100).collect();
    Err(refused(
        Code::DatabaseTable,
        format!(
            "`{full}` belongs to the server and is not open to plugins: tables can be explored in \
             information_schema.tables and information_schema.columns, names that begin with `pg_` are the server's"
        ),
    ))
}

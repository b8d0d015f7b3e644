//! Which kinds of statements may run, by what a plugin is granted.

use cofferdam_policy::Code;
use sqlparser::ast::{
    AlterTableOperation, AlterTypeOperation, CommentObject, CreateTable, Delete, Expr, FromTable, Insert,
    ObjectType, SetExpr, Statement, TableObject, UserDefinedTypeRepresentation, UtilityOption,
};

use super::{super::super::DatabaseError, DatabaseAccess, Gate, Shape, refused, unclear};

/// Settings that may be shown.
const SHOWN: &[&str] =
    &["server_version", "server_version_num", "server_encoding", "timezone", "lc_collate", "datestyle"];
/// What a plan may be asked to say.
const EXPLAINED: &[&str] =
    &["analyze", "verbose", "costs", "buffers", "timing", "summary", "format", "generic_plan"];

/// Judges the kind of a statement; what it gives.
pub(super) fn judge(gate: &Gate, statement: &Statement) -> Result<Shape, DatabaseError> {
    let returning = |given: bool| if given { Shape::Returning } else { Shape::Plain };
    match statement {
        Statement::Query(query) => judge_query(gate, &query.body),
        Statement::Insert(insert) => {
            gate.need(DatabaseAccess::Write, "INSERT")?;
            judge_insert(insert)?;
            Ok(returning(insert.returning.is_some()))
        }
        Statement::Update(update) => {
            gate.need(DatabaseAccess::Write, "UPDATE")?;
            Ok(returning(update.returning.is_some()))
        }
        Statement::Delete(delete) => {
            gate.need(DatabaseAccess::Write, "DELETE")?;
            judge_delete(delete)?;
            Ok(returning(delete.returning.is_some()))
        }
        Statement::Merge(merge) => {
            gate.need(DatabaseAccess::Write, "MERGE")?;
            Ok(returning(merge.output.is_some()))
        }
        Statement::Explain { analyze, statement, options, .. } => {
            judge_explain(gate, *analyze, statement, options.as_deref().unwrap_or_default())?;
            Ok(Shape::Plain)
        }
        Statement::ShowVariable { variable } => {
            let name =
                variable.iter().map(|word| word.value.to_ascii_lowercase()).collect::<Vec<_>>().join(".");
            if SHOWN.contains(&name.as_str()) {
                return Ok(Shape::Plain);
            }
            Err(never("SHOW", &format!("of settings, only these can be shown: {}", SHOWN.join(", "))))
        }
        other => judge_schema(gate, other).map(|()| Shape::Plain),
    }
}

/// Whether it asks for a plan.
pub(super) fn is_explanation(statement: &Statement) -> bool {
    matches!(statement, Statement::Explain { statement, .. } if matches!(**statement, Statement::Query(_)))
}

fn judge_query(gate: &Gate, body: &SetExpr) -> Result<Shape, DatabaseError> {
    match body {
        // `WITH … INSERT`: the parser makes a query of it, and the server an INSERT.
        SetExpr::Insert(inner) | SetExpr::Update(inner) | SetExpr::Delete(inner) | SetExpr::Merge(inner) => {
            judge(gate, inner)
        }
        _ => Ok(Shape::Rows),
    }
}

fn judge_insert(insert: &Insert) -> Result<(), DatabaseError> {
    match insert.table {
        TableObject::TableName(_) if insert.multi_table_insert_type.is_none() => Ok(()),
        _ => Err(unclear("expected INSERT into one table by its name")),
    }
}

fn judge_delete(delete: &Delete) -> Result<(), DatabaseError> {
    match &delete.from {
        FromTable::WithFromKeyword(_) if delete.tables.is_empty() => Ok(()),
        _ => Err(unclear("expected DELETE FROM and one table")),
    }
}

fn judge_explain(
    gate: &Gate,
    analyze: bool,
    statement: &Statement,
    options: &[UtilityOption],
) -> Result<(), DatabaseError> {
    for option in options {
        let name = option.name.value.to_ascii_lowercase();
        if !EXPLAINED.contains(&name.as_str()) {
            return Err(never("EXPLAIN", &format!("its options are {}", EXPLAINED.join(", "))));
        }
        if matches!(option.arg, Some(Expr::Subquery(_) | Expr::Function(_))) {
            return Err(unclear("expected a plain value as an option of EXPLAIN"));
        }
    }
    let analyze = analyze || options.iter().any(|option| option.name.value.eq_ignore_ascii_case("analyze"));
    match (changes(statement), statement) {
        (true, _) if analyze => {
            Err(never("EXPLAIN ANALYZE", "only queries can be analysed, as it runs them"))
        }
        (true, _) | (false, Statement::Query(_)) => judge(gate, statement).map(|_| ()),
        _ => Err(never("EXPLAIN", "expected a query, INSERT, UPDATE, DELETE or MERGE in it")),
    }
}

fn changes(statement: &Statement) -> bool {
    match statement {
        Statement::Insert(_) | Statement::Update(_) | Statement::Delete(_) | Statement::Merge(_) => true,
        Statement::Query(query) => {
            matches!(
                *query.body,
                SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_)
            )
        }
        _ => false,
    }
}

/// What changes tables, or else is never allowed.
fn judge_schema(gate: &Gate, statement: &Statement) -> Result<(), DatabaseError> {
    let what = keywords(statement);
    let allowed = match statement {
        Statement::CreateTable(table) => lasts(table),
        Statement::CreateView(view) => !view.temporary,
        Statement::CreateSequence { temporary, .. } => !temporary,
        Statement::CreateIndex(index) => !index.concurrently,
        Statement::CreateType { representation, .. } => matches!(
            representation,
            Some(
                UserDefinedTypeRepresentation::Enum { .. } | UserDefinedTypeRepresentation::Composite { .. }
            )
        ),
        Statement::AlterTable(table) => table.operations.iter().all(may_alter),
        Statement::AlterIndex { .. } | Statement::AlterView { .. } => true,
        Statement::AlterType(alter) => matches!(
            alter.operation,
            AlterTypeOperation::Rename(_)
                | AlterTypeOperation::AddValue(_)
                | AlterTypeOperation::RenameValue(_)
        ),
        Statement::Truncate(_) => true,
        Statement::Comment { object_type, .. } => matches!(
            object_type,
            CommentObject::Table | CommentObject::Column | CommentObject::View | CommentObject::Index
        ),
        Statement::Drop { object_type, .. } => matches!(
            object_type,
            ObjectType::Table
                | ObjectType::View
                | ObjectType::MaterializedView
                | ObjectType::Index
                | ObjectType::Sequence
                | ObjectType::Type
        ),
        _ => false,
    };
    if !allowed {
        return Err(never(&what, why_never(statement)));
    }
    gate.need(DatabaseAccess::Schema, &what)
}

fn lasts(table: &CreateTable) -> bool {
    !table.temporary && table.global.is_none() && table.on_commit.is_none() && !table.external
}

fn may_alter(operation: &AlterTableOperation) -> bool {
    use AlterTableOperation as Operation;
    matches!(
        operation,
        Operation::AddConstraint { .. }
            | Operation::AddColumn { .. }
            | Operation::DropConstraint { .. }
            | Operation::DropColumn { .. }
            | Operation::RenameColumn { .. }
            | Operation::RenameTable { .. }
            | Operation::RenameConstraint { .. }
            | Operation::AlterColumn { .. }
            | Operation::ValidateConstraint { .. }
    )
}

fn why_never(statement: &Statement) -> &'static str {
    match statement {
        Statement::StartTransaction { .. }
        | Statement::Commit { .. }
        | Statement::Rollback { .. }
        | Statement::Savepoint { .. }
        | Statement::ReleaseSavepoint { .. } => "begin a transaction through the interface, not in SQL",
        Statement::CreateTable(_) | Statement::CreateView(_) | Statement::CreateSequence { .. } => {
            "a session is shared by calls, so nothing in it is temporary"
        }
        Statement::AlterTable(_) => "only columns, constraints and names of a table can be altered",
        Statement::CreateIndex(_) => {
            "an index can't be created concurrently within a transaction: leave that word out"
        }
        Statement::CreateType { .. } => "only enums and composite types can be created",
        _ => {
            "only queries, INSERT, UPDATE, DELETE, MERGE, and what creates, alters and drops tables, views, indexes, \
              sequences and enums can be run"
        }
    }
}

/// What no grant covers.
fn never(what: &str, why: &str) -> DatabaseError {
    refused(Code::DatabaseStatement, format!("{what} can't be run by plugins: {why}"))
}

/// The words that a statement begins with: what it is, and nothing of what it says.
fn keywords(statement: &Statement) -> String {
    let text = statement.to_string();
    let keyword = |word: &&str| word.bytes().all(|b| b.is_ascii_uppercase());
    let words: Vec<&str> = text.split_ascii_whitespace().take_while(keyword).take(2).collect();
    if words.is_empty() { "such a statement".to_owned() } else { words.join(" ") }
}

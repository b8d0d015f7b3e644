//! What stands within a statement: functions, tables, queries.

use std::ops::ControlFlow;

use cofferdam_policy::Code;
use sqlparser::ast::{
    BinaryOperator, Expr, ObjectName, ObjectNamePart, Query, Select, SetExpr, Statement, TableFactor,
    Visit as _, Visitor,
};

use super::{super::super::DatabaseError, DatabaseAccess, Gate, functions, refused, unclear};

/// Judges all that a statement is made of.
pub(super) fn judge(gate: &Gate, statement: &Statement) -> Result<(), DatabaseError> {
    let mut inner = Inner { gate, statements: 0, most: statements_within(statement) };
    match statement.visit(&mut inner) {
        ControlFlow::Break(error) => Err(error),
        ControlFlow::Continue(()) => Ok(()),
    }
}

/// How many statements are judged by their kind: itself, and what an EXPLAIN or a WITH stands before.
fn statements_within(statement: &Statement) -> usize {
    match statement {
        Statement::Explain { statement, .. } => 1 + statements_within(statement),
        Statement::Query(query) => match &*query.body {
            SetExpr::Insert(inner)
            | SetExpr::Update(inner)
            | SetExpr::Delete(inner)
            | SetExpr::Merge(inner) => 1 + statements_within(inner),
            _ => 1,
        },
        _ => 1,
    }
}

struct Inner<'a> {
    gate: &'a Gate,
    statements: usize,
    most: usize,
}

impl Inner<'_> {
    fn judge_query(&self, query: &Query) -> Result<(), DatabaseError> {
        if !query.locks.is_empty() {
            self.gate.need(DatabaseAccess::Write, "SELECT … FOR UPDATE or SHARE")?;
        }
        if query.for_clause.is_some()
            || query.settings.is_some()
            || query.format_clause.is_some()
            || !query.pipe_operators.is_empty()
        {
            return Err(unclear("the query has clauses that the server doesn't know"));
        }
        judge_body(&query.body)
    }

    fn judge_function(&self, name: &ObjectName) -> Result<(), DatabaseError> {
        let name = plain_name(name)?;
        if functions::is_allowed(&name) {
            return Ok(());
        }
        if functions::is_sequence(&name) {
            return self.gate.need(DatabaseAccess::Write, &format!("`{name}`"));
        }
        Err(functions::refused(&name))
    }

    fn judge_factor(&self, factor: &TableFactor) -> Result<(), DatabaseError> {
        match factor {
            TableFactor::Table { name, args: Some(_), .. } => self.judge_function(name),
            TableFactor::Function { name, .. } => self.judge_function(name),
            TableFactor::Table { .. }
            | TableFactor::Derived { .. }
            | TableFactor::UNNEST { .. }
            | TableFactor::NestedJoin { .. } => Ok(()),
            _ => Err(refused(
                Code::DatabaseStatement,
                "such a source of rows can't be used by plugins: expected tables, queries and functions",
            )),
        }
    }

    fn judge_expr(&self, expr: &Expr) -> Result<(), DatabaseError> {
        match expr {
            Expr::Function(function) => self.judge_function(&function.name),
            Expr::BinaryOp {
                op: BinaryOperator::PGCustomBinaryOperator(_) | BinaryOperator::Custom(_),
                ..
            } => Err(unclear("it names an operator with its schema")),
            _ => Ok(()),
        }
    }
}

/// A function's name as the server compares it; of the server's own only.
fn plain_name(name: &ObjectName) -> Result<String, DatabaseError> {
    let mut parts = Vec::with_capacity(name.0.len());
    for part in &name.0 {
        let ObjectNamePart::Identifier(ident) = part else {
            return Err(unclear("it calls what isn't a plain name"));
        };
        parts.push(match ident.quote_style {
            Some(_) => ident.value.clone(),
            None => ident.value.to_ascii_lowercase(),
        });
    }
    match parts.as_slice() {
        [name] => Ok(name.clone()),
        [schema, name] if schema == "pg_catalog" => Ok(name.clone()),
        _ => Err(functions::refused(&parts.join("."))),
    }
}

fn judge_body(body: &SetExpr) -> Result<(), DatabaseError> {
    match body {
        SetExpr::Select(select) => judge_select(select),
        // Its name isn't read as one, so it couldn't be judged.
        SetExpr::Table(_) => Err(unclear("write SELECT * FROM instead of TABLE")),
        SetExpr::SetOperation { left, right, .. } => {
            judge_body(left)?;
            judge_body(right)
        }
        // Queries and statements within are visited on their own.
        _ => Ok(()),
    }
}

fn judge_select(select: &Select) -> Result<(), DatabaseError> {
    if select.into.is_some() {
        return Err(refused(
            Code::DatabaseStatement,
            "SELECT INTO can't be run by plugins: expected CREATE TABLE … AS",
        ));
    }
    if !select.lateral_views.is_empty()
        || !select.connect_by.is_empty()
        || select.prewhere.is_some()
        || select.value_table_mode.is_some()
    {
        return Err(unclear("the query has clauses that the server doesn't know"));
    }
    Ok(())
}

fn flow(judged: Result<(), DatabaseError>) -> ControlFlow<DatabaseError> {
    match judged {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => ControlFlow::Break(error),
    }
}

impl Visitor for Inner<'_> {
    type Break = DatabaseError;

    fn pre_visit_statement(&mut self, _: &Statement) -> ControlFlow<DatabaseError> {
        self.statements += 1;
        if self.statements <= self.most {
            return ControlFlow::Continue(());
        }
        ControlFlow::Break(refused(
            Code::DatabaseStatement,
            "statements that write can't be run by plugins within others: run them one by one, in a transaction",
        ))
    }

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<DatabaseError> {
        flow(self.judge_query(query))
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<DatabaseError> {
        flow(self.judge_factor(factor))
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<DatabaseError> {
        flow(self.judge_expr(expr))
    }
}

//! One statement on one session: prepared, its values in the types that the server asks for, its rows counted as they come.

use cofferdam_policy::Code;
use futures::TryStreamExt as _;
use sqlx::{
    AssertSqlSafe, Column as _, Either, Executor as _, PgConnection, Row as _, SqlSafeStr as _,
    Statement as _,
    postgres::{PgArguments, PgColumn, PgRow, PgStatement},
};

use super::{
    super::{DatabaseError, Table, Value, backend::Statement},
    codec::{self, Encoded},
    error::Failure,
    gate::{Judged, Shape},
    guard,
};

/// What a statement did.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// What it found.
    pub(super) table: Table,
    /// How many rows it changed.
    pub(super) changed: u64,
}

/// Runs a judged statement.
pub(super) async fn run(
    connection: &mut PgConnection,
    judged: &Judged,
    statement: Statement<'_>,
) -> Result<Outcome, Failure> {
    // The one place where a guest's text is sent: as a prepared statement, which the server takes only one of.
    let sql = AssertSqlSafe(judged.sql.clone()).into_sql_str();
    let prepared: PgStatement = (&mut *connection).prepare(sql.clone()).await?;
    let arguments = arguments(&prepared, statement.params).map_err(Failure::clean)?;
    let columns = prepared.columns();
    let sent = match guard::guarded(judged, columns, statement.bytes) {
        Some(text) => {
            let text = AssertSqlSafe(text).into_sql_str();
            let around: PgStatement = (&mut *connection).prepare(text.clone()).await?;
            // What is measured has to be what comes: the two may have been prepared at different times.
            let types = |columns: &[PgColumn]| {
                columns.iter().map(|column| column.type_info().clone()).collect::<Vec<_>>()
            };
            if types(around.columns()) != types(columns) {
                return Err(Failure::stale());
            }
            text
        }
        None => sql,
    };
    let mut bounds = Bounds { rows: statement.rows, bytes: statement.bytes, statement };
    let mut outcome = Outcome::default();
    outcome.table.columns =
        columns.iter().map(|column| codec::column(column.name(), column.type_info())).collect();
    let mut stream = connection.fetch_many(sqlx::query_with(sent, arguments));
    while let Some(part) = stream.try_next().await? {
        match part {
            Either::Left(done) if judged.shape != Shape::Rows => outcome.changed = done.rows_affected(),
            Either::Left(_) => {}
            Either::Right(row) => {
                outcome.table.rows.push(values(&row, columns, &mut bounds).map_err(Failure::midway)?);
            }
        }
    }
    Ok(outcome)
}

fn arguments(prepared: &PgStatement, params: &[Value]) -> Result<PgArguments, DatabaseError> {
    let types = match prepared.parameters() {
        Some(Either::Left(types)) => types,
        _ => &[],
    };
    if types.len() != params.len() {
        return Err(DatabaseError::Invalid(format!(
            "the statement has {} values, found {}",
            types.len(),
            params.len()
        )));
    }
    let mut arguments = PgArguments::default();
    for (at, (value, type_info)) in params.iter().zip(types).enumerate() {
        let encoded = Encoded::new(value, type_info, at + 1)?;
        sqlx::Arguments::add(&mut arguments, encoded)
            .map_err(|_| DatabaseError::Invalid(format!("the value ${} is too large", at + 1)))?;
    }
    Ok(arguments)
}

/// What may still come back.
struct Bounds<'a> {
    rows: u64,
    bytes: u64,
    statement: Statement<'a>,
}

impl Bounds<'_> {
    fn row(&mut self) -> Result<(), DatabaseError> {
        self.rows = self.rows.checked_sub(1).ok_or_else(|| {
            DatabaseError::Limit(format!(
                "more than {} rows came back: ask for fewer, page by page [{}]",
                self.statement.rows,
                Code::DatabaseLimit
            ))
        })?;
        Ok(())
    }

    fn value(&mut self, value: &Value) -> Result<(), DatabaseError> {
        let size = u64::try_from(value.size()).unwrap_or(u64::MAX);
        self.bytes = self.bytes.checked_sub(size).ok_or_else(|| {
            DatabaseError::Limit(format!(
                "more than {} bytes came back: ask for fewer rows or columns [{}]",
                self.statement.bytes,
                Code::DatabaseLimit
            ))
        })?;
        Ok(())
    }
}

fn values(row: &PgRow, columns: &[PgColumn], bounds: &mut Bounds<'_>) -> Result<Vec<Value>, DatabaseError> {
    bounds.row()?;
    let mut values = Vec::with_capacity(columns.len());
    for (at, column) in columns.iter().enumerate() {
        let raw = row
            .try_get_raw(at)
            .map_err(|_| DatabaseError::Failed("the database sent a row with too few columns".to_owned()))?;
        let value = codec::value(column.name(), &raw)?;
        bounds.value(&value)?;
        values.push(value);
    }
    Ok(values)
}

//! The tool `schema`: all tables in short, or one in full.

use cofferdam_sdk::db::Dialect;
use cofferdam_sdk::prelude::*;

use crate::{bounds, target};

mod postgres;
mod sqlite;

/// What to look at.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// One table or view, as the list of all names it, for all that there is to know of it. Left out: all of them in
    /// short.
    #[schemars(length(min = 1, max = 200))]
    table: Option<String>,
    /// The label of the database; may be left out where there is only one.
    database: Option<String>,
}

/// The tables.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Tables {
    /// `sqlite` or `postgres`.
    pub(crate) dialect: &'static str,
    /// By name.
    pub(crate) tables: Vec<Table>,
    /// Whether there are too many columns to show all: ask for the other tables by name.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) truncated: bool,
}

/// One table.
#[derive(Debug, Default, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Table {
    /// Its name. Statements write it in double quotes where it has capitals, or is a word of SQL.
    pub(crate) name: String,
    /// `table` or `view`; in SQLite also `virtual`.
    pub(crate) kind: String,
    /// Its columns, in their order.
    pub(crate) columns: Vec<Column>,
    /// Its keys and other constraints, where one table was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) constraints: Vec<String>,
    /// Its indexes, where one table was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) indexes: Vec<String>,
    /// The statement that made it, where the database keeps that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) definition: Option<String>,
}

/// One column.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Column {
    /// Its name.
    pub(crate) name: String,
    /// Its type, as the database writes it; none where it has none.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Whether it always has a value.
    pub(crate) required: bool,
    /// What it has where nothing was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) default: Option<String>,
}

/// Show the tables of a database with their columns, or one table with its keys, constraints and indexes too. Look here
/// before writing a statement.
#[tool(title = "Show tables", read_only, idempotent, open_world = false)]
pub(crate) fn schema(args: Args, db: Db, config: Config) -> Result<Tables> {
    let db = target::open(&db, &config, args.database.as_deref())?;
    let table = args.table.as_deref();
    let (dialect, rows) = match db.dialect()? {
        Dialect::Sqlite => ("sqlite", sqlite::columns(&db, table)?),
        Dialect::Postgres => ("postgres", postgres::columns(&db, table)?),
    };
    let truncated = rows.len() > bounds::MAX_COLUMNS as usize;
    let mut tables = tables(rows);
    if let Some(name) = table {
        let one = tables.first_mut().ok_or_else(|| {
            ToolError::not_found(format!(
                "there is no table {name:?}: call this without `table` to see which there are"
            ))
        })?;
        match dialect {
            "sqlite" => sqlite::complete(&db, one)?,
            _ => postgres::complete(&db, one)?,
        }
    }
    Ok(Tables { dialect, tables, truncated })
}

/// One column with its table, as both dialects find it. One more than [`bounds::MAX_COLUMNS`] comes where there are more.
#[derive(Deserialize)]
struct Row {
    table_name: String,
    kind: String,
    column_name: String,
    column_type: String,
    required: bool,
    column_default: Option<String>,
}

/// Columns that follow each other are of one table.
fn tables(rows: Vec<Row>) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    for row in rows.into_iter().take(bounds::MAX_COLUMNS as usize) {
        let Row { table_name, kind, column_name, column_type, required, column_default } = row;
        if tables.last().is_none_or(|last| last.name != table_name) {
            tables.push(Table { name: table_name, kind, ..Table::default() });
        }
        if let Some(table) = tables.last_mut() {
            let column = Column { name: column_name, kind: column_type, required, default: column_default };
            table.columns.push(column);
        }
    }
    tables
}

//! Objects and arrays within cells, spread over columns of their own.

use cofferdam_sdk::prelude::*;
use indexmap::IndexMap;

use crate::bounds;
use crate::json::Json;
use crate::table::Table;

/// The table with a column for every part of its objects and arrays; empty ones stay as they are.
pub(super) fn flatten(table: Table) -> Result<Table> {
    let mut names: IndexMap<String, ()> = IndexMap::new();
    let mut rows = Vec::with_capacity(table.rows.len());
    for row in table.rows {
        let mut cells = IndexMap::new();
        for (name, cell) in table.columns.iter().zip(row) {
            spread(name, cell, &mut cells);
        }
        rows.push(cells);
    }
    // Column by column of the source, so that parts stay together whichever row they come from.
    for source in &table.columns {
        let prefix = format!("{source}.");
        for name in
            rows.iter().flat_map(IndexMap::keys).filter(|name| *name == source || name.starts_with(&prefix))
        {
            if !names.contains_key(name) {
                names.insert(name.clone(), ());
            }
        }
        check(names.len(), rows.len())?;
    }
    let row = |mut cells: IndexMap<String, Json>| {
        names.keys().map(|name| cells.swap_remove(name).unwrap_or(Json::Null)).collect()
    };
    Ok(Table { rows: rows.into_iter().map(row).collect(), columns: names.into_keys().collect() })
}

fn spread(name: &str, cell: Json, cells: &mut IndexMap<String, Json>) {
    match cell {
        Json::Object(members) if !members.is_empty() => {
            for (key, value) in *members {
                spread(&format!("{name}.{key}"), value, cells);
            }
        }
        Json::Array(elements) if !elements.is_empty() => {
            for (index, value) in elements.into_iter().enumerate() {
                spread(&format!("{name}.{index}"), value, cells);
            }
        }
        other => {
            cells.insert(name.to_owned(), other);
        }
    }
}

fn check(columns: usize, rows: usize) -> Result<()> {
    if columns <= bounds::MAX_COLUMNS && columns.saturating_mul(rows) <= bounds::MAX_CELLS {
        return Ok(());
    }
    Err(ToolError::invalid(format!(
        "flattened, the data has {columns} columns, expected at most {}: set `nested` to `json`, or a lower `limit`",
        bounds::MAX_COLUMNS
    )))
}

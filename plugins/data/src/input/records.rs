//! From JSON to a table and back: objects are rows, their keys are columns.

use cofferdam_sdk::prelude::*;
use indexmap::IndexSet;

use crate::bounds;
use crate::json::{Json, Object};
use crate::table::Table;

/// How many places of arrays an error lists.
const LISTED: usize = 5;

/// The table of an array of objects, of arrays or of plain values, or of a single object.
pub(super) fn table(json: Json, header: bool) -> Result<Table> {
    let records = match json {
        Json::Array(records) => records,
        Json::Object(object) if !object.values().any(is_array_of_objects) => vec![Json::Object(object)],
        other => {
            return Err(ToolError::invalid(format!(
                "the JSON is {}, expected an array of records: {}",
                other.kind(),
                hint(&other)
            )));
        }
    };
    match records.first() {
        Some(Json::Array(_)) => of_arrays(records, header),
        Some(Json::Object(_)) | None => of_objects(records),
        Some(_) => of_values(records),
    }
}

/// What to write into `records`, from the arrays that there are.
pub(super) fn hint(root: &Json) -> String {
    let mut found = Vec::new();
    arrays(root, "", &mut found);
    match found.as_slice() {
        [] => "there is no array in it".to_owned(),
        [only] => format!("set `records` to `{only}`"),
        several => format!("set `records` to one of `{}`", several.join("`, `")),
    }
}

/// A table as an array of objects.
pub(super) fn objects(table: Table) -> Json {
    let Table { columns, rows } = table;
    let object = |row: Vec<Json>| Json::Object(Box::new(columns.iter().cloned().zip(row).collect()));
    Json::Array(rows.into_iter().map(object).collect())
}

fn is_array_of_objects(json: &Json) -> bool {
    matches!(json, Json::Array(elements) if matches!(elements.first(), Some(Json::Object(_))))
}

fn arrays(json: &Json, path: &str, found: &mut Vec<String>) {
    let Json::Object(members) = json else { return };
    for (key, value) in members.as_ref() {
        if found.len() == LISTED {
            return;
        }
        let path = format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"));
        match value {
            Json::Array(_) => found.push(path),
            _ => arrays(value, &path, found),
        }
    }
}

fn of_objects(records: Vec<Json>) -> Result<Table> {
    let records: Vec<Object> = records.into_iter().enumerate().map(object).collect::<Result<_>>()?;
    let mut columns = IndexSet::new();
    for key in records.iter().flat_map(Object::keys) {
        if !columns.contains(key) {
            columns.insert(key.clone());
        }
    }
    let columns: Vec<String> = columns.into_iter().collect();
    check_size(columns.len(), records.len())?;
    let row = |mut record: Object| {
        columns.iter().map(|column| record.swap_remove(column).unwrap_or(Json::Null)).collect()
    };
    Ok(Table { rows: records.into_iter().map(row).collect(), columns })
}

/// Refuses records that are small as text and huge as a table, such as thousands with a key of their own each.
fn check_size(columns: usize, rows: usize) -> Result<()> {
    if columns > bounds::MAX_COLUMNS || columns.saturating_mul(rows) > bounds::MAX_CELLS {
        return Err(ToolError::invalid(format!(
            "`data` has {columns} columns in {rows} records, expected at most {} columns and {} cells: pass fewer records or keys",
            bounds::MAX_COLUMNS,
            bounds::MAX_CELLS
        )));
    }
    Ok(())
}

fn object((index, record): (usize, Json)) -> Result<Object> {
    match record {
        Json::Object(object) => Ok(*object),
        other => Err(unlike(index, &other, "an object")),
    }
}

fn of_arrays(records: Vec<Json>, header: bool) -> Result<Table> {
    let mut rows = records.into_iter().enumerate().map(row).collect::<Result<Vec<_>>>()?;
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    check_size(width, rows.len())?;
    let names = if header && !rows.is_empty() { rows.remove(0) } else { Vec::new() };
    let mut columns = IndexSet::new();
    for index in 0..width {
        let name = names.get(index).map(Json::plain).filter(|name| !name.is_empty());
        let name = name.map_or_else(|| format!("column_{}", index + 1), std::borrow::Cow::into_owned);
        if !columns.insert(name.clone()) {
            return Err(ToolError::invalid(format!(
                "the first row has `{name}` twice, expected different names: set `header` to false if it has no names"
            )));
        }
    }
    for row in &mut rows {
        row.resize(width, Json::Null);
    }
    Ok(Table { columns: columns.into_iter().collect(), rows })
}

fn row((index, record): (usize, Json)) -> Result<Vec<Json>> {
    match record {
        Json::Array(row) => Ok(row),
        other => Err(unlike(index, &other, "an array")),
    }
}

fn of_values(records: Vec<Json>) -> Result<Table> {
    let wrong =
        records.iter().enumerate().find(|(_, value)| matches!(value, Json::Array(_) | Json::Object(_)));
    match wrong {
        Some((index, other)) => Err(unlike(index, other, "a plain value")),
        None => Ok(Table {
            columns: vec!["value".to_owned()],
            rows: records.into_iter().map(|value| vec![value]).collect(),
        }),
    }
}

fn unlike(index: usize, found: &Json, expected: &str) -> ToolError {
    ToolError::invalid(format!(
        "record {} is {}, expected {expected} like the first one: make all records alike",
        index + 1,
        found.kind()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::table as expected;

    fn read(json: &str) -> Result<Table> {
        table(Json::parse(json).unwrap(), true)
    }

    #[test]
    fn records_become_rows() {
        for (json, columns, rows) in [
            (r#"[{"b":1,"a":2},{"c":3,"a":4}]"#, vec!["b", "a", "c"], "[[1,2,null],[null,4,3]]"),
            (r#"[["x",""],[1,2],[3]]"#, vec!["x", "column_2"], "[[1,2],[3,null]]"),
            ("[1,2.0,null]", vec!["value"], "[[1],[2.0],[null]]"),
            (r#"{"a":1,"list":[1,2]}"#, vec!["a", "list"], "[[1,[1,2]]]"),
        ] {
            assert_eq!(read(json).unwrap(), expected(&columns, rows), "{json}");
        }
        assert_eq!(
            table(Json::parse("[[1,2]]").unwrap(), false).unwrap(),
            expected(&["column_1", "column_2"], "[[1,2]]")
        );
    }

    #[test]
    fn a_table_that_explodes_is_refused() {
        let wide: Vec<_> = (0..1001).map(|key| format!("{{\"k{key}\":1}}")).collect();
        let error = read(&format!("[{}]", wide.join(","))).unwrap_err().to_string();
        assert_eq!(
            error,
            "`data` has 1001 columns in 1001 records, expected at most 1000 columns and 1000000 cells: pass fewer records or keys"
        );
        let row = format!("[{}]", vec!["1"; 900].join(","));
        assert!(read(&format!("[{row}{}]", ",[]".repeat(2000))).is_err());
    }

    #[test]
    fn what_is_not_records_is_refused_with_the_way_out() {
        for (json, message) in [
            (
                r#"{"a":{"rows":[{"x":1}]},"b/c":[{"y":2}]}"#,
                "the JSON is an object, expected an array of records: set `records` to one of `/a/rows`, `/b~1c`",
            ),
            ("5", "the JSON is a number, expected an array of records: there is no array in it"),
            (
                r#"[{"a":1},2]"#,
                "record 2 is a number, expected an object like the first one: make all records alike",
            ),
            (
                "[1,[2]]",
                "record 2 is an array, expected a plain value like the first one: make all records alike",
            ),
            (
                r#"[["a","a"],[1,2]]"#,
                "the first row has `a` twice, expected different names: set `header` to false if it has no names",
            ),
        ] {
            assert_eq!(read(json).unwrap_err().to_string(), message);
        }
    }
}

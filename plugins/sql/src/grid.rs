//! A page of rows: as a Markdown table, which models read best, and as JSON for programs.

use cofferdam_sdk::db::{Column, Value};
use cofferdam_sdk::prelude::*;

use crate::bounds::PAGE_BYTES;
use crate::cell;

/// The rows of a page, and whether there are more.
pub(crate) struct Grid {
    columns: Vec<Column>,
    rows: Vec<Vec<serde_json::Value>>,
    /// The offset of the next page, if there is one.
    next: Option<u64>,
}

impl Grid {
    /// The first `limit` of some rows, and fewer if they are large. `offset` is the place of the first.
    pub(crate) fn of(columns: Vec<Column>, found: Vec<Vec<Value>>, limit: usize, offset: u64) -> Self {
        let total = found.len();
        let mut room = PAGE_BYTES;
        let mut rows = Vec::new();
        for row in found.into_iter().take(limit) {
            let row: Vec<_> = row.into_iter().map(cell::json).collect();
            let size: usize = row.iter().map(|value| value.to_string().len() + 1).sum();
            // One row always fits, or a page could be empty for ever.
            if size > room && !rows.is_empty() {
                break;
            }
            room = room.saturating_sub(size);
            rows.push(row);
        }
        let next = (rows.len() < total).then_some(offset + rows.len() as u64);
        Self { columns, rows, next }
    }

    /// The reply of a tool.
    pub(crate) fn reply(self) -> Reply {
        let columns: Vec<_> = self
            .columns
            .iter()
            .map(|column| match column.type_name.as_str() {
                "" => json!({"name": column.name}),
                kind => json!({"name": column.name, "type": kind}),
            })
            .collect();
        let mut structured = json!({"columns": columns, "rows": self.rows});
        if let (Some(next), Some(object)) = (self.next, structured.as_object_mut()) {
            object.insert("next_offset".to_owned(), next.into());
        }
        Reply::new().text(self.markdown()).structured(structured)
    }

    fn markdown(&self) -> String {
        let names = self.columns.iter().map(|column| cell::shown(&column.name.clone().into()));
        let mut text = line(names) + &line(self.columns.iter().map(|_| "---".to_owned()));
        for row in &self.rows {
            text += &line(row.iter().map(cell::shown));
        }
        let count = match self.rows.len() {
            1 => "1 row".to_owned(),
            count => format!("{count} rows"),
        };
        text += &match self.next {
            None => format!("\n{count}"),
            Some(next) => format!("\n{count}, and there are more: pass `offset` {next} for the next ones"),
        };
        text
    }
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<_> = cells.collect();
    format!("| {} |\n", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(rows: Vec<Vec<Value>>, limit: usize) -> Grid {
        let column = |name: &str| Column { name: name.to_owned(), type_name: String::new() };
        Grid::of(vec![column("a"), column("b|c")], rows, limit, 10)
    }

    #[test]
    fn a_page_is_a_table_that_says_when_there_is_more() {
        let row = |number| vec![Value::Int64(number), Value::Null];
        let page = grid(vec![row(1), row(2), row(3)], 2).reply();
        let text = "| a | b\\|c |\n| --- | --- |\n| 1 |  |\n| 2 |  |\n\n2 rows, and there are more: pass `offset` 12 for the next ones";
        assert_eq!(page.all_text(), text);
        let columns = json!([{"name": "a"}, {"name": "b|c"}]);
        let expected = json!({"columns": columns, "rows": [[1, null], [2, null]], "next_offset": 12});
        assert_eq!(page.structured_value(), Some(expected));
        assert!(grid(vec![row(1)], 2).markdown().ends_with("\n\n1 row"));
    }

    #[test]
    fn a_page_of_large_rows_ends_early_but_is_never_empty() {
        let large = || vec![Value::Text("x".repeat(15_000)); 9];
        assert_eq!(grid(vec![large(), large()], 10).next, Some(11));
        let huge = vec![Value::Text("x".repeat(20_000)); 20];
        assert_eq!(grid(vec![huge], 10).rows.len(), 1);
    }
}

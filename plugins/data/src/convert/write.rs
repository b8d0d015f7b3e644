//! Writing a table as text.

use cofferdam_sdk::prelude::*;
use csv::{Terminator, WriterBuilder};

use crate::input::{Delimiter, byte};
use crate::json::Json;
use crate::table::Table;

/// CSV with a header line; a missing cell is an empty field.
pub(super) fn csv(table: &Table, delimiter: Delimiter) -> Result<String> {
    let mut writer = WriterBuilder::new()
        .delimiter(byte(delimiter).unwrap_or(b','))
        .terminator(Terminator::Any(b'\n'))
        .from_writer(Vec::new());
    let written = |error: csv::Error| ToolError::failed(format!("the CSV can't be written: {error}"));
    writer.write_record(&table.columns).map_err(written)?;
    for row in &table.rows {
        writer.write_record(row.iter().map(|cell| cell.plain().into_owned())).map_err(written)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| ToolError::failed(format!("the CSV can't be written: {error}")))?;
    String::from_utf8(bytes).map_err(|error| ToolError::failed(format!("the CSV is not text: {error}")))
}

/// A JSON array of objects.
pub(super) fn json(table: &Table, pretty: bool) -> Result<String> {
    let records: Vec<Json> = records(table).collect();
    let written =
        if pretty { serde_json::to_string_pretty(&records) } else { serde_json::to_string(&records) };
    written.map_err(|error| ToolError::failed(format!("the JSON can't be written: {error}")))
}

/// One JSON object per line.
pub(super) fn lines(table: &Table) -> String {
    records(table).map(|record| record.to_json() + "\n").collect()
}

/// A Markdown table; columns of numbers are aligned to the right.
pub(super) fn markdown(table: &Table) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let ruler = (0..table.columns.len())
        .map(|column| if is_numeric(table, column) { "---:" } else { "---" }.to_owned());
    let mut out = line(table.columns.iter().map(|name| escaped(name)).collect());
    out.push_str(&line(ruler.collect()));
    for row in &table.rows {
        out.push_str(&line(row.iter().map(|cell| escaped(&cell.plain())).collect()));
    }
    out
}

fn records(table: &Table) -> impl Iterator<Item = Json> {
    let record = |row: &Vec<Json>| {
        Json::Object(Box::new(table.columns.iter().cloned().zip(row.iter().cloned()).collect()))
    };
    table.rows.iter().map(record)
}

fn is_numeric(table: &Table, column: usize) -> bool {
    let mut cells =
        table.rows.iter().filter_map(|row| row.get(column)).filter(|cell| **cell != Json::Null).peekable();
    cells.peek().is_some() && cells.all(|cell| matches!(cell, Json::Number(_)))
}

/// A cell that can't end its column or its row.
fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('|', r"\|").replace("\r\n", "<br>").replace(['\n', '\r'], "<br>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::table;

    #[test]
    fn markdown_cells_stay_in_their_place() {
        let table = table(&["a|b", "n"], r#"[["x | y\\z",1],["two\r\nlines",null]]"#);
        assert_eq!(
            markdown(&table),
            "| a\\|b | n |\n| --- | ---: |\n| x \\| y\\\\z | 1 |\n| two<br>lines |  |\n"
        );
    }

    #[test]
    fn csv_quotes_what_it_must() {
        let table = table(&["a"], r#"[["x;y"],[null],["q\"q"]]"#);
        assert_eq!(csv(&table, Delimiter::Semicolon).unwrap(), "a\n\"x;y\"\n\"\"\n\"q\"\"q\"\n");
    }
}

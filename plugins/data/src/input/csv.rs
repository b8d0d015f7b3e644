//! CSV: which delimiter it has, and what its cells mean.
//!
//! A column is of numbers (or booleans) only when all its values are: then a postal code that looks like a
//! number stays what it is as soon as one of them does not.

use std::collections::HashSet;

use cofferdam_sdk::prelude::*;
use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord};

use super::Delimiter;
use crate::json::Json;
use crate::number;
use crate::table::Table;

/// How many records are looked at to find the delimiter.
const SAMPLE: usize = 50;

/// How cells are read.
pub(super) struct Options<'a> {
    /// Whether the first row has names.
    pub(super) header: bool,
    /// Texts that mean a missing value.
    pub(super) missing: &'a [String],
    /// Whether a comma separates the decimals.
    pub(super) decimal_comma: bool,
}

/// The table that `text` is.
pub(super) fn table(text: &str, delimiter: Delimiter, options: &Options<'_>) -> Result<Table> {
    let delimiter = byte(delimiter).unwrap_or_else(|| detect(text));
    let mut records = reader(text, delimiter, false).into_records();
    let first = match records.next() {
        Some(first) => first.map_err(|error| broken(&error))?,
        None => StringRecord::new(),
    };
    let columns = names(&first, options.header);
    let mut rows = Vec::new();
    if !options.header {
        rows.push(cells(&first, options));
    }
    for record in records {
        rows.push(cells(&record.map_err(|error| broken(&error))?, options));
    }
    for column in 0..columns.len() {
        type_column(&mut rows, column, options);
    }
    Ok(Table { columns, rows })
}

/// The character of a delimiter that was chosen.
pub(crate) fn byte(delimiter: Delimiter) -> Option<u8> {
    match delimiter {
        Delimiter::Auto => None,
        Delimiter::Comma => Some(b','),
        Delimiter::Semicolon => Some(b';'),
        Delimiter::Tab => Some(b'\t'),
        Delimiter::Pipe => Some(b'|'),
    }
}

/// The delimiter that splits the first records into the same number of fields, and into the most.
fn detect(text: &str) -> u8 {
    let fields = |delimiter: u8| {
        let records = reader(text, delimiter, true).into_records().take(SAMPLE);
        let counts: Vec<_> = records.map_while(|record| record.ok()).map(|record| record.len()).collect();
        let least = counts.iter().min().copied().unwrap_or(0);
        let even = counts.iter().all(|count| *count == least);
        (least > 1, even, least)
    };
    // The first of equals wins only when it comes last.
    [b'|', b'\t', b';', b','].into_iter().max_by_key(|delimiter| fields(*delimiter)).unwrap_or(b',')
}

fn reader(text: &str, delimiter: u8, flexible: bool) -> Reader<&[u8]> {
    ReaderBuilder::new()
        .has_headers(false)
        .delimiter(delimiter)
        .flexible(flexible)
        .from_reader(text.as_bytes())
}

/// Names that are all different and never empty.
fn names(first: &StringRecord, header: bool) -> Vec<String> {
    let mut taken = HashSet::new();
    let name = |(index, field): (usize, &str)| {
        let field = if header { field.trim() } else { "" };
        let wanted = if field.is_empty() { format!("column_{}", index + 1) } else { field.to_owned() };
        let mut name = wanted.clone();
        let mut count = 1;
        while !taken.insert(name.clone()) {
            count += 1;
            name = format!("{wanted}_{count}");
        }
        name
    };
    first.iter().enumerate().map(name).collect()
}

fn cells(record: &StringRecord, options: &Options<'_>) -> Vec<Json> {
    let is_missing = |field: &str| field.is_empty() || options.missing.iter().any(|missing| missing == field);
    record
        .iter()
        .map(|field| if is_missing(field.trim()) { Json::Null } else { Json::Text(field.to_owned()) })
        .collect()
}

/// Makes numbers or booleans of a column whose values all are.
fn type_column(rows: &mut [Vec<Json>], column: usize, options: &Options<'_>) {
    for typed in [as_number, as_bool] {
        let values = || rows.iter().filter_map(|row| row.get(column)).filter(|cell| **cell != Json::Null);
        if values().all(|cell| typed(cell, options).is_some()) {
            for cell in rows.iter_mut().filter_map(|row| row.get_mut(column)) {
                if let Some(value) = typed(cell, options) {
                    *cell = value;
                }
            }
            return;
        }
    }
}

fn as_number(cell: &Json, options: &Options<'_>) -> Option<Json> {
    let Json::Text(text) = cell else { return None };
    let digits = if options.decimal_comma && !text.contains('.') {
        number::grammar(&text.replacen(',', ".", 1))
    } else {
        number::grammar(text)
    };
    digits.map(|digits| Json::Number(digits.into()))
}

fn as_bool(cell: &Json, _: &Options<'_>) -> Option<Json> {
    let Json::Text(text) = cell else { return None };
    match text.trim().to_ascii_lowercase().as_str() {
        "true" => Some(Json::Bool(true)),
        "false" => Some(Json::Bool(false)),
        _ => None,
    }
}

fn broken(error: &csv::Error) -> ToolError {
    let line = error.position().map_or(0, csv::Position::line);
    match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => ToolError::invalid(format!(
            "line {line} of the CSV has {len} fields, expected {expected_len} as in its first line: \
             quote fields that hold the delimiter, or set `delimiter`"
        )),
        _ => ToolError::invalid(format!("line {line} of the CSV can't be read: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::table as expected;

    fn read(text: &str) -> Result<Table> {
        table(text, Delimiter::Auto, &Options { header: true, missing: &[], decimal_comma: false })
    }

    #[test]
    fn delimiters_are_found() {
        for (text, delimiter) in [
            ("a,b\n1,2", b','),
            ("a;b\n1,5;2,5", b';'),
            ("a\tb\n1\t2", b'\t'),
            ("a|b|c\n1|2|3", b'|'),
            ("name;note\nx;\"a,b,c\"", b';'),
            ("a,b\n\"x;y\",2\nz,3", b','),
            ("single\nvalue", b','),
        ] {
            assert_eq!(char::from(detect(text)), char::from(delimiter), "{text}");
        }
    }

    #[test]
    fn cells_get_the_type_of_their_column() {
        let table = read("n,code,flag,text,empty\n1.50,007,TRUE,x,\n,12,false,5,\n").unwrap();
        let columns = ["n", "code", "flag", "text", "empty"];
        assert_eq!(table, expected(&columns, r#"[[1.50,"007",true,"x",null],[null,"12",false,"5",null]]"#));
    }

    #[test]
    fn quotes_line_breaks_and_blank_lines_are_read() {
        let table = read("a,b\r\n\"x, \"\"y\"\"\",\"two\nlines\"\r\n\r\nz,w\r\n").unwrap();
        assert_eq!(table, expected(&["a", "b"], r#"[["x, \"y\"","two\nlines"],["z","w"]]"#));
    }

    #[test]
    fn names_are_made_different() {
        assert_eq!(read("a, a ,,a_2\n1,2,3,4").unwrap().columns, ["a", "a_2", "column_3", "a_2_2"]);
        let options = Options { header: false, missing: &[], decimal_comma: false };
        let table = table("1,2", Delimiter::Comma, &options).unwrap();
        assert_eq!(table, expected(&["column_1", "column_2"], "[[1,2]]"));
    }

    #[test]
    fn missing_texts_and_decimal_commas_are_honoured() {
        let options = Options { header: true, missing: &["NA".to_owned()], decimal_comma: true };
        let table = table("a;b\n1,5;NA\nNA;2", Delimiter::Auto, &options).unwrap();
        assert_eq!(table, expected(&["a", "b"], "[[1.5,null],[null,2]]"));
    }

    #[test]
    fn a_row_of_the_wrong_length_is_refused_with_its_line() {
        assert_eq!(
            read("a,b\n1,2\n3,4,5\n").unwrap_err().to_string(),
            "line 3 of the CSV has 3 fields, expected 2 as in its first line: \
             quote fields that hold the delimiter, or set `delimiter`"
        );
    }
}

//! The data that every tool takes: CSV, JSON or JSON Lines as text, and how it is read.

use cofferdam_sdk::prelude::*;

use crate::bounds;
use crate::json::Json;
use crate::table::Table;

mod csv;
mod records;

pub(crate) use csv::byte;

/// The data and how to read it.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Input {
    /// The data itself, as text: CSV with a header line, a JSON array of objects, or one JSON object per line.
    #[schemars(length(min = 1, max = bounds::MAX_DATA))]
    data: String,
    /// What `data` is: `csv`, `json`, `jsonl` (one JSON value per line), or `auto` to see from its start.
    #[serde(default)]
    format: Format,
    /// What separates the fields of CSV.
    #[serde(default)]
    delimiter: Delimiter,
    /// Whether the first row of CSV (or of a JSON array of arrays) has the names of the columns.
    /// Without, they are `column_1`, `column_2` and so on.
    #[serde(default = "yes")]
    header: bool,
    /// Texts in CSV that mean a missing value, besides an empty field, e.g. `NA` or `-`.
    #[schemars(length(max = 20), inner(length(max = 50)))]
    #[serde(default)]
    missing: Vec<String>,
    /// Read `1234,5` in CSV as the number 1234.5.
    #[serde(default)]
    decimal_comma: bool,
    /// Where in the JSON the array of records is, as a JSON pointer, e.g. `/data/items`. Absent: the root.
    #[schemars(length(max = 500), regex(pattern = "^(/.*)?$"))]
    #[serde(default)]
    records: Option<String>,
}

fn yes() -> bool {
    true
}

/// What the data is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Auto,
    Csv,
    Json,
    Jsonl,
}

/// What separates fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Delimiter {
    #[default]
    Auto,
    Comma,
    Semicolon,
    Tab,
    Pipe,
}

impl Input {
    /// The data as a table of records.
    pub(crate) fn table(&self) -> Result<Table> {
        let table = match self.format()? {
            Format::Auto | Format::Csv => self.csv()?,
            Format::Json => records::table(
                self.located(Json::parse(self.text()).map_err(|error| broken(&error))?)?,
                self.header,
            )?,
            Format::Jsonl => records::table(Json::Array(self.lines()?), self.header)?,
        };
        match table.columns.len() {
            0 => Err(ToolError::invalid(
                "`data` has no columns, expected at least one: pass CSV with a header line or a JSON array of objects",
            )),
            count if count > bounds::MAX_COLUMNS => Err(ToolError::invalid(format!(
                "`data` has {count} columns, expected at most {}: check `delimiter`",
                bounds::MAX_COLUMNS
            ))),
            _ => Ok(table),
        }
    }

    /// The data as one JSON value: a table becomes an array of objects.
    pub(crate) fn json(&self) -> Result<Json> {
        match self.format()? {
            Format::Auto | Format::Csv => Ok(records::objects(self.csv()?)),
            Format::Json => self.located(Json::parse(self.text()).map_err(|error| broken(&error))?),
            Format::Jsonl => self.lines().map(Json::Array),
        }
    }

    fn text(&self) -> &str {
        self.data.strip_prefix('\u{feff}').unwrap_or(&self.data)
    }

    fn csv(&self) -> Result<Table> {
        let options =
            csv::Options { header: self.header, missing: &self.missing, decimal_comma: self.decimal_comma };
        csv::table(self.text(), self.delimiter, &options)
    }

    fn format(&self) -> Result<Format> {
        let text = self.text().trim_start();
        if text.is_empty() {
            return Err(ToolError::invalid(
                "`data` is empty, expected CSV or JSON text: pass the data itself, not a file name",
            ));
        }
        Ok(match self.format {
            Format::Auto if text.starts_with('[') => Format::Json,
            Format::Auto if text.starts_with('{') => object_or_lines(text),
            Format::Auto => Format::Csv,
            known => known,
        })
    }

    fn lines(&self) -> Result<Vec<Json>> {
        let lines = self.text().lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        lines
            .map(|(index, line)| {
                Json::parse(line).map_err(|error| {
                    let (number, column) = (index + 1, error.column());
                    ToolError::invalid(format!(
                        "`data` is not JSON Lines: {}, at line {number} column {column}: every line must be one JSON value", bare(&error)
                    ))
                })
            })
            .collect()
    }

    /// What the pointer in `records` leads to.
    fn located(&self, root: Json) -> Result<Json> {
        let Some(pointer) = self.records.as_deref().filter(|pointer| !pointer.is_empty()) else {
            return Ok(root);
        };
        let mut value = &root;
        for token in pointer.split('/').skip(1) {
            let key = token.replace("~1", "/").replace("~0", "~");
            value = value.step(&key).ok_or_else(|| {
                ToolError::not_found(format!(
                    "`records` is `{pointer}`, but there is no `{key}` on the way: {}",
                    records::hint(&root)
                ))
            })?;
        }
        Ok(value.clone())
    }
}

/// One object over several lines is JSON; when its first line is a value of its own, there are more to come.
fn object_or_lines(text: &str) -> Format {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first_is_whole =
        lines.next().is_some_and(|line| serde_json::from_str::<serde::de::IgnoredAny>(line).is_ok());
    if first_is_whole && lines.next().is_some() { Format::Jsonl } else { Format::Json }
}

fn broken(error: &serde_json::Error) -> ToolError {
    let place = match error.line() {
        0 => String::new(),
        line => format!(", at line {line} column {}", error.column()),
    };
    ToolError::invalid(format!(
        "`data` is not JSON: {}{place}: correct it, or set `format` to what it is",
        bare(error)
    ))
}

/// The message without the place, which is said in our own words.
fn bare(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split_once(" at line ").map_or(text.clone(), |(message, _)| message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(args: serde_json::Value) -> Input {
        serde_json::from_value(args).unwrap()
    }

    #[test]
    fn formats_are_recognised() {
        for (data, expected) in [
            ("a,b\n1,2", Format::Csv),
            ("\u{feff}[{\"a\":1}]", Format::Json),
            ("{\n\"a\":1}", Format::Json),
            ("{\"a\":1}", Format::Json),
            ("{\"a\":1}\n\n{\"a\":2}\n", Format::Jsonl),
        ] {
            assert_eq!(input(json!({"data": data})).format().unwrap(), expected, "{data}");
        }
    }

    #[test]
    fn the_same_table_comes_from_every_format() {
        let expected = crate::table::table(&["a", "b"], r#"[[1,"x"],[2.50,null]]"#);
        for data in [
            "a,b\n1,x\n2.50,\n",
            r#"[{"a":1,"b":"x"},{"a":2.50}]"#,
            r#"[["a","b"],[1,"x"],[2.50]]"#,
            "{\"a\":1,\"b\":\"x\"}\n{\"a\":2.50,\"b\":null}",
        ] {
            assert_eq!(input(json!({"data": data})).table().unwrap(), expected, "{data}");
        }
    }

    #[test]
    fn records_may_lie_deeper() {
        let nested =
            input(json!({"data": r#"{"meta":1,"a/b":{"items":[{"x":1}]}}"#, "records": "/a~1b/items"}));
        assert_eq!(nested.table().unwrap(), crate::table::table(&["x"], "[[1]]"));
    }

    #[test]
    fn errors_say_where_and_what_to_do() {
        for (args, expected) in [
            (
                json!({"data": "  "}),
                "`data` is empty, expected CSV or JSON text: pass the data itself, not a file name",
            ),
            (
                json!({"data": "[1,\n2,,3]"}),
                "`data` is not JSON: expected value, at line 2 column 3: correct it, or set `format` to what it is",
            ),
            (
                json!({"data": "{\"a\":1}\n{\"a\"}"}),
                "`data` is not JSON Lines: expected `:`, at line 2 column 5: every line must be one JSON value",
            ),
            (
                json!({"data": r#"{"items":[]}"#, "records": "/rows"}),
                "`records` is `/rows`, but there is no `rows` on the way: set `records` to `/items`",
            ),
            (
                json!({"data": "[]"}),
                "`data` has no columns, expected at least one: pass CSV with a header line or a JSON array of objects",
            ),
        ] {
            assert_eq!(input(args).table().unwrap_err().to_string(), expected);
        }
    }
}

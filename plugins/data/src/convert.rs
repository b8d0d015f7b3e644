//! The tool `convert`: the same table as CSV, JSON, JSON Lines or Markdown.

use cofferdam_sdk::prelude::*;

use crate::condition::Where;
use crate::input::{Delimiter, Input};
use crate::order::{Sort, sort};
use crate::page::Paging;
use crate::table::Table;

mod flat;
mod write;

/// The data, and what it becomes.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    #[serde(flatten)]
    input: Input,
    #[serde(flatten)]
    conditions: Where,
    /// `csv`; `json`: an array of objects; `jsonl`: one object per line; `markdown`: a table to show.
    to: Target,
    /// What separates the fields of the CSV that is written; `auto` is a comma.
    #[serde(default)]
    to_delimiter: Delimiter,
    /// Write JSON over several lines with indentation.
    #[serde(default)]
    pretty: bool,
    /// Objects and arrays within records, when writing CSV or Markdown: `json` keeps each in one cell as JSON,
    /// `flatten` gives their parts columns of their own (`address.city`, `tags.0`).
    #[serde(default)]
    nested: Nested,
    /// Columns to sort by, the most important first; none keeps the order of the data.
    #[schemars(length(max = 10))]
    #[serde(default)]
    sort: Vec<Sort>,
    #[serde(flatten)]
    paging: Paging,
}

/// What can be written.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Target {
    Csv,
    Json,
    Jsonl,
    Markdown,
}

/// What becomes of objects and arrays in cells.
#[derive(Clone, Copy, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Nested {
    #[default]
    Json,
    Flatten,
}

/// The data in its new form.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Converted {
    /// The text.
    pub(crate) text: String,
    /// The names of the columns.
    pub(crate) columns: Vec<String>,
    /// How many rows the text has.
    pub(crate) rows: usize,
    /// How many rows there are in all, after `where`.
    pub(crate) total: usize,
    /// Whether rows are missing after these.
    pub(crate) truncated: bool,
    /// The `offset` that returns the next rows; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_offset: Option<usize>,
}

/// Convert records between CSV, JSON, JSON Lines and a Markdown table, exactly: digits, quotes and line breaks
/// survive. Use it instead of rewriting data by hand. Pages of at most `limit` rows (100 unless you say more).
#[tool(title = "Convert data", read_only, idempotent, open_world = false)]
pub(crate) fn convert(args: Args) -> Result<Converted> {
    let mut table = args.input.table()?;
    args.conditions.apply(&mut table)?;
    sort(&mut table, &args.sort)?;
    let total = table.rows.len();
    let page = args.paging.cut(table.rows, |row| row.iter().map(|cell| cell.to_json().len() + 1).sum());
    let (truncated, next_offset) = (page.truncated, page.next_offset);
    let table = Table { columns: table.columns, rows: page.items };
    let is_flat = matches!(args.to, Target::Csv | Target::Markdown) && args.nested == Nested::Flatten;
    let table = if is_flat { flat::flatten(table)? } else { table };
    let text = match args.to {
        Target::Csv => write::csv(&table, args.to_delimiter)?,
        Target::Json => write::json(&table, args.pretty)?,
        Target::Jsonl => write::lines(&table),
        Target::Markdown => write::markdown(&table),
    };
    Ok(Converted { text, rows: table.rows.len(), columns: table.columns, total, truncated, next_offset })
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock;

    use super::*;

    fn call(args: serde_json::Value) -> Result<Converted> {
        mock::Host::new().call::<convert>(args)
    }

    #[test]
    fn records_become_every_format() {
        let csv = "id,name,price\n1,\"x, y\",1.50\n2,\"two\nlines\",\n";
        for (to, expected) in [
            ("csv", csv),
            ("json", r#"[{"id":1,"name":"x, y","price":1.50},{"id":2,"name":"two\nlines","price":null}]"#),
            (
                "jsonl",
                "{\"id\":1,\"name\":\"x, y\",\"price\":1.50}\n{\"id\":2,\"name\":\"two\\nlines\",\"price\":null}\n",
            ),
            (
                "markdown",
                "| id | name | price |\n| ---: | --- | ---: |\n| 1 | x, y | 1.50 |\n| 2 | two<br>lines |  |\n",
            ),
        ] {
            let converted = call(json!({"data": csv, "to": to})).unwrap();
            assert_eq!(converted.text, expected, "{to}");
            assert_eq!((converted.rows, converted.total, converted.truncated), (2, 2, false));
        }
    }

    #[test]
    fn csv_survives_the_way_to_json_and_back() {
        let csv = "a,b\n\"say \"\"hi\"\"\",12345678901234567890.10\n007,-0.5\n";
        let json = call(json!({"data": csv, "to": "json"})).unwrap().text;
        assert_eq!(call(json!({"data": json, "to": "csv"})).unwrap().text, csv);
    }

    #[test]
    fn nested_records_become_json_or_columns() {
        let data = r#"[{"id":1,"to":{"city":"Oslo"},"tags":["x","y"]},{"id":2,"to":{"zip":5},"tags":[]}]"#;
        let kept = call(json!({"data": data, "to": "csv", "to_delimiter": "semicolon"})).unwrap();
        assert_eq!(
            kept.text,
            "id;to;tags\n1;\"{\"\"city\"\":\"\"Oslo\"\"}\";\"[\"\"x\"\",\"\"y\"\"]\"\n2;\"{\"\"zip\"\":5}\";[]\n"
        );
        let flat = call(json!({"data": data, "to": "csv", "nested": "flatten"})).unwrap();
        assert_eq!(flat.text, "id,to.city,to.zip,tags.0,tags.1,tags\n1,Oslo,,x,y,\n2,,5,,,[]\n");
    }

    #[test]
    fn pages_conditions_and_sorting_apply() {
        let args = json!({
            "data": "n\n1\n2\n3\n4", "to": "jsonl", "where": [{"column": "n", "op": "gt", "value": 1}],
            "sort": [{"column": "n", "order": "desc"}], "limit": 2,
        });
        let converted = call(args).unwrap();
        assert_eq!(converted.text, "{\"n\":4}\n{\"n\":3}\n");
        assert_eq!((converted.rows, converted.total, converted.next_offset), (2, 3, Some(2)));
    }

    #[test]
    fn json_can_be_indented() {
        assert_eq!(
            call(json!({"data": "a\n1", "to": "json", "pretty": true})).unwrap().text,
            "[\n  {\n    \"a\": 1\n  }\n]"
        );
    }
}

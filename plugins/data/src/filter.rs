//! The tool `filter`: the rows and columns of a table that somebody wants to see, in the order they want.

use cofferdam_sdk::prelude::*;

use crate::bounds;
use crate::condition::Where;
use crate::input::Input;
use crate::json::Json;
use crate::order::{Sort, sort};
use crate::page::Paging;
use crate::table::Field;

/// The data, and what to return of it.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    #[serde(flatten)]
    input: Input,
    #[serde(flatten)]
    conditions: Where,
    /// The columns to return, in this order; none means all. With dots, what lies within objects (`address.city`).
    #[schemars(length(max = 100), inner(length(min = 1, max = bounds::MAX_NAME)))]
    #[serde(default)]
    columns: Vec<String>,
    /// Columns to sort by, the most important first; none keeps the order of the data.
    #[schemars(length(max = 10))]
    #[serde(default)]
    sort: Vec<Sort>,
    #[serde(flatten)]
    paging: Paging,
}

/// The rows of one page.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Filtered {
    /// The names of the columns.
    pub(crate) columns: Vec<String>,
    /// The rows: one value per column, null where it is missing.
    pub(crate) rows: Vec<Vec<Json>>,
    /// How many rows the data has.
    pub(crate) total: usize,
    /// How many rows fulfil the conditions.
    pub(crate) matched: usize,
    /// Whether rows are missing after these.
    pub(crate) truncated: bool,
    /// The `offset` that returns the next rows; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_offset: Option<usize>,
}

/// Select rows of CSV or JSON records by conditions, choose columns, sort, and page through the result. Use it to
/// look into a table or to find records; numbers compare as numbers and keep all their digits.
#[tool(title = "Filter records", read_only, idempotent, open_world = false)]
pub(crate) fn filter(args: Args) -> Result<Filtered> {
    let mut table = args.input.table()?;
    let total = table.rows.len();
    let (names, fields) = selected(&args.columns, &table)?;
    args.conditions.apply(&mut table)?;
    sort(&mut table, &args.sort)?;
    let matched = table.rows.len();
    let page = args.paging.cut(table.rows, |row| size(row, fields.as_deref()));
    let rows = page.items.into_iter().map(|row| pick(row, fields.as_deref())).collect();
    Ok(Filtered {
        columns: names,
        rows,
        total,
        matched,
        truncated: page.truncated,
        next_offset: page.next_offset,
    })
}

/// The names to show and their fields; no fields when all columns are shown as they are.
fn selected(names: &[String], table: &crate::table::Table) -> Result<(Vec<String>, Option<Vec<Field>>)> {
    if names.is_empty() {
        return Ok((table.columns.clone(), None));
    }
    Ok((names.to_vec(), Some(table.fields(names)?)))
}

fn pick(row: Vec<Json>, fields: Option<&[Field]>) -> Vec<Json> {
    match fields {
        None => row,
        Some(fields) => fields.iter().map(|field| field.of(&row).clone()).collect(),
    }
}

fn size(row: &[Json], fields: Option<&[Field]>) -> usize {
    let one = |cell: &Json| cell.to_json().len() + 1;
    match fields {
        None => row.iter().map(one).sum(),
        Some(fields) => fields.iter().map(|field| one(field.of(row))).sum(),
    }
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock;

    use super::*;

    const CSV: &str = "name,price,stock\npear,1.20,5\napple,0.90,\nfig,10.00,2\nplum,2.5,0\n";

    fn call(args: serde_json::Value) -> Result<String> {
        let reply = mock::Host::new().reply::<filter>(args)?;
        Ok(reply.all_text())
    }

    #[test]
    fn rows_are_selected_sorted_and_cut_to_columns() {
        let args = json!({
            "data": CSV, "where": [{"column": "price", "op": "lt", "value": 5}],
            "columns": ["price", "name"], "sort": [{"column": "price", "order": "desc"}],
        });
        assert_eq!(
            call(args).unwrap(),
            r#"{"columns":["price","name"],"rows":[[2.5,"plum"],[1.20,"pear"],[0.90,"apple"]],"total":4,"matched":3,"truncated":false}"#
        );
    }

    #[test]
    fn sorting_may_use_a_column_that_is_not_shown() {
        let args =
            json!({"data": CSV, "columns": ["name"], "sort": [{"column": "stock"}], "limit": 2, "offset": 1});
        assert_eq!(
            call(args).unwrap(),
            r#"{"columns":["name"],"rows":[["fig"],["pear"]],"total":4,"matched":4,"truncated":true,"next_offset":3}"#
        );
    }

    #[test]
    fn nested_records_are_reached_by_path() {
        let data = r#"[{"id":1,"to":{"city":"Oslo"}},{"id":12345678901234567890123,"to":{"city":"Rome"}}]"#;
        let args = json!({"data": data, "where": [{"column": "to.city", "op": "eq", "value": "Rome"}]});
        assert_eq!(
            call(args).unwrap(),
            r#"{"columns":["id","to"],"rows":[[12345678901234567890123,{"city":"Rome"}]],"total":2,"matched":1,"truncated":false}"#
        );
    }

    #[test]
    fn an_unknown_column_is_refused_wherever_it_stands() {
        for args in [
            json!({"data": CSV, "columns": ["cost"]}),
            json!({"data": CSV, "sort": [{"column": "cost"}]}),
            json!({"data": CSV, "where": [{"column": "cost", "op": "missing"}]}),
        ] {
            let error = call(args).unwrap_err();
            assert_eq!(
                error,
                ToolError::not_found("there is no column `cost`, expected one of `name`, `price`, `stock`")
            );
        }
    }
}

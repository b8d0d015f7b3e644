//! The tool `aggregate`: groups of rows, and what each amounts to.

use std::collections::HashMap;

use cofferdam_sdk::prelude::*;

use crate::bounds;
use crate::condition::Where;
use crate::input::Input;
use crate::json::Json;
use crate::order::{Key, Sort, sort};
use crate::page::Paging;
use crate::table::{Field, Table};

mod measure;

use measure::{Measure, Plan, Summaries};

/// The data, its groups and what to compute.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    #[serde(flatten)]
    input: Input,
    #[serde(flatten)]
    conditions: Where,
    /// Rows with the same values in these columns form a group; none means one group of all rows.
    #[schemars(length(max = 10), inner(length(min = 1, max = bounds::MAX_NAME)))]
    #[serde(default)]
    group_by: Vec<String>,
    /// What to compute for each group, e.g. `[{"op": "count"}, {"op": "sum", "column": "price"}]`.
    #[schemars(length(min = 1, max = 50))]
    compute: Vec<Measure>,
    /// Columns of the result to sort by, e.g. `sum_price`; none keeps the groups in the order of the data.
    #[schemars(length(max = 10))]
    #[serde(default)]
    sort: Vec<Sort>,
    #[serde(flatten)]
    paging: Paging,
}

/// The groups of one page.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Aggregated {
    /// The names of the columns: those of `group_by`, then one per computation.
    pub(crate) columns: Vec<String>,
    /// One row per group.
    pub(crate) rows: Vec<Vec<Json>>,
    /// How many groups there are.
    pub(crate) groups: usize,
    /// How many rows of the data took part.
    pub(crate) matched: usize,
    /// Cells that a computation with numbers left out because they are none; absent when there were none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) ignored: Vec<Ignored>,
    /// Whether groups are missing after these.
    pub(crate) truncated: bool,
    /// The `offset` that returns the next groups; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_offset: Option<usize>,
}

/// Cells that were left out.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Ignored {
    /// The column of the result.
    pub(crate) column: String,
    /// How many cells were not numbers; missing cells are not counted.
    pub(crate) cells: usize,
    /// The first of them.
    pub(crate) example: String,
}

/// Group CSV or JSON records and compute per group: count, sum, mean, min, max, median, standard deviation,
/// distinct values. Use it for totals and reports instead of adding up yourself: sums are exact.
#[tool(title = "Group and aggregate", read_only, idempotent, open_world = false)]
pub(crate) fn aggregate(args: Args) -> Result<Aggregated> {
    let mut table = args.input.table()?;
    let fields = table.fields(&args.group_by)?;
    let plans = args.compute.iter().map(|measure| measure.plan(&table)).collect::<Result<Vec<_>>>()?;
    let columns = columns(&args.group_by, &plans)?;
    args.conditions.apply(&mut table)?;
    let ignored = plans.iter().filter_map(|plan| plan.ignored(&table.rows)).collect();
    let rows = groups(&table.rows, &fields).into_iter().map(|group| row(&group, &fields, &plans)).collect();
    let mut result = Table { columns, rows };
    sort(&mut result, &args.sort)?;
    let (groups, matched) = (result.rows.len(), table.rows.len());
    let page = args.paging.cut(result.rows, |row| row.iter().map(|cell| cell.to_json().len() + 1).sum());
    let (truncated, next_offset) = (page.truncated, page.next_offset);
    Ok(Aggregated {
        columns: result.columns,
        rows: page.items,
        groups,
        matched,
        ignored,
        truncated,
        next_offset,
    })
}

fn columns(group_by: &[String], plans: &[Plan]) -> Result<Vec<String>> {
    let columns: Vec<_> = group_by.iter().chain(plans.iter().map(|plan| &plan.name)).cloned().collect();
    let twice = columns
        .iter()
        .enumerate()
        .find(|(index, name)| columns.iter().take(*index).any(|before| before == *name));
    match twice {
        None => Ok(columns),
        Some((_, name)) => Err(ToolError::invalid(format!(
            "the result would have two columns `{name}`: give one of them another name with `as`"
        ))),
    }
}

/// The rows of every group, in the order in which the groups first occur. Without columns to group by there is
/// always one group, even of no rows.
fn groups<'a>(rows: &'a [Vec<Json>], fields: &[Field]) -> Vec<Vec<&'a [Json]>> {
    if fields.is_empty() {
        return vec![rows.iter().map(Vec::as_slice).collect()];
    }
    let mut groups: Vec<Vec<&[Json]>> = Vec::new();
    let mut known: HashMap<Vec<Key>, usize> = HashMap::new();
    for row in rows {
        let key = fields.iter().map(|field| Key::of(field.of(row))).collect();
        let index = *known.entry(key).or_insert(groups.len());
        match groups.get_mut(index) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    groups
}

fn row(group: &[&[Json]], fields: &[Field], plans: &[Plan]) -> Vec<Json> {
    let first = group.first().copied().unwrap_or_default();
    let names = fields.iter().map(|field| field.of(first).clone());
    let mut summaries = Summaries::of(group);
    names.chain(plans.iter().map(|plan| plan.compute(group, &mut summaries))).collect()
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock;

    use super::*;

    const CSV: &str =
        "city,item,price\nOslo,pen,1.10\nRome,pen,0.20\nOslo,ink,2.20\nOslo,pen,\nRome,cap,0.1\n";

    fn call(args: serde_json::Value) -> Result<Aggregated> {
        mock::Host::new().call::<aggregate>(args)
    }

    fn rows(args: serde_json::Value) -> String {
        let rows = call(args).unwrap().rows;
        Json::Array(rows.into_iter().map(Json::Array).collect()).to_json()
    }

    #[test]
    fn groups_are_computed_exactly() {
        let args = json!({
            "data": CSV, "group_by": ["city"],
            "compute": [{"op": "count"}, {"op": "sum", "column": "price"}, {"op": "distinct", "column": "item", "as": "items"}],
        });
        let aggregated = call(args.clone()).unwrap();
        assert_eq!(aggregated.columns, ["city", "count", "sum_price", "items"]);
        assert_eq!((aggregated.groups, aggregated.matched, aggregated.truncated), (2, 5, false));
        assert_eq!(rows(args), r#"[["Oslo",3,3.3,2],["Rome",2,0.3,2]]"#);
    }

    #[test]
    fn without_groups_all_rows_are_one() {
        let compute = json!([
            {"op": "count"}, {"op": "count", "column": "price"}, {"op": "mean", "column": "price"}, {"op": "min", "column": "price"},
            {"op": "max", "column": "item"}, {"op": "median", "column": "price"}, {"op": "stddev", "column": "price"},
        ]);
        assert_eq!(
            rows(json!({"data": CSV, "compute": compute})),
            r#"[[5,4,0.9,0.1,"pen",0.65,0.976387901058]]"#
        );
        let none = json!([{"column": "city", "op": "eq", "value": "Paris"}]);
        assert_eq!(
            rows(json!({"data": CSV, "compute": compute, "where": none})),
            "[[0,0,null,null,null,null,null]]"
        );
    }

    #[test]
    fn conditions_sorting_and_pages_apply() {
        let args = json!({
            "data": CSV, "group_by": ["city", "item"], "compute": [{"op": "count"}], "where": [{"column": "price", "op": "present"}],
            "sort": [{"column": "city", "order": "desc"}, {"column": "item"}], "limit": 2,
        });
        assert_eq!(rows(args.clone()), r#"[["Rome","cap",1],["Rome","pen",1]]"#);
        let aggregated = call(args).unwrap();
        assert_eq!((aggregated.groups, aggregated.matched, aggregated.next_offset), (4, 4, Some(2)));
    }

    #[test]
    fn equal_numbers_are_one_group_and_missing_cells_are_one_too() {
        let data = r#"[{"n":1},{"n":1.0},{"n":"1"},{},{"n":null}]"#;
        let args = json!({"data": data, "group_by": ["n"], "compute": [{"op": "count"}]});
        assert_eq!(rows(args), r#"[[1,2],["1",1],[null,2]]"#);
    }

    #[test]
    fn cells_that_are_not_numbers_are_reported() {
        let args = json!({"data": "a\n1\nfew\n\n3\nmany\n", "compute": [{"op": "sum", "column": "a"}]});
        let aggregated = call(args).unwrap();
        assert_eq!(aggregated.rows, [[Json::Number("4".into())]]);
        assert_eq!(
            aggregated.ignored,
            [Ignored { column: "sum_a".to_owned(), cells: 2, example: "few".to_owned() }]
        );
    }

    #[test]
    fn wrong_computations_are_refused() {
        for (compute, expected) in [
            (json!([{"op": "sum"}]), "the computation `sum` takes a `column`: only `count` goes without"),
            (
                json!([{"op": "sum", "column": "cost"}]),
                "there is no column `cost`, expected one of `city`, `item`, `price`",
            ),
            (
                json!([{"op": "count"}, {"op": "count"}]),
                "the result would have two columns `count`: give one of them another name with `as`",
            ),
        ] {
            assert_eq!(call(json!({"data": CSV, "compute": compute})).unwrap_err().to_string(), expected);
        }
    }
}

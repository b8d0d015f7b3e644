//! One computation over the rows of a group.

use std::collections::{HashMap, HashSet};

use cofferdam_sdk::prelude::*;

use super::Ignored;
use crate::bounds;
use crate::json::Json;
use crate::number::Number;
use crate::order::Key;
use crate::summary::Summary;
use crate::table::{Field, Table};

/// One computation.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Measure {
    /// `count`: rows, or with a column the cells that are not missing. `sum`, `mean`, `median`, `stddev` (of a
    /// sample): of the numbers. `min`, `max`: of the numbers, or of the texts where there are no numbers.
    /// `distinct`: how many different values.
    op: Op,
    /// The column to compute with; only `count` goes without.
    #[schemars(length(min = 1, max = bounds::MAX_NAME))]
    #[serde(default)]
    column: Option<String>,
    /// The name of the column in the result; absent means `sum_price` and the like.
    #[schemars(length(min = 1, max = bounds::MAX_NAME))]
    #[serde(default, rename = "as")]
    name: Option<String>,
}

/// What is computed.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Op {
    Count,
    Sum,
    Mean,
    Min,
    Max,
    Median,
    Stddev,
    Distinct,
}

/// A computation that fits a table.
pub(super) struct Plan {
    /// The name of the column in the result.
    pub(super) name: String,
    op: Op,
    field: Option<Field>,
}

impl Measure {
    /// Fits the computation to a table.
    pub(super) fn plan(&self, table: &Table) -> Result<Plan> {
        let op = self.op.name();
        let field = self.column.as_deref().map(|column| table.field(column)).transpose()?;
        if field.is_none() && self.op != Op::Count {
            return Err(ToolError::invalid(format!(
                "the computation `{op}` takes a `column`: only `count` goes without"
            )));
        }
        let default = self.column.as_ref().map_or_else(|| op.to_owned(), |column| format!("{op}_{column}"));
        Ok(Plan { name: self.name.clone().unwrap_or(default), op: self.op, field })
    }
}

impl Op {
    fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Sum => "sum",
            Self::Mean => "mean",
            Self::Min => "min",
            Self::Max => "max",
            Self::Median => "median",
            Self::Stddev => "stddev",
            Self::Distinct => "distinct",
        }
    }

    fn needs_numbers(self) -> bool {
        matches!(self, Self::Sum | Self::Mean | Self::Median | Self::Stddev)
    }
}

impl Plan {
    /// The result for the rows of a group.
    pub(super) fn compute<'a>(&'a self, group: &[&[Json]], summaries: &mut Summaries<'a, '_>) -> Json {
        let Some(field) = &self.field else { return Json::count(group.len()) };
        let cells = || group.iter().map(|row| field.of(row)).filter(|cell| **cell != Json::Null);
        let number = |number: Option<Number>| number.map_or(Json::Null, Number::to_json);
        match self.op {
            Op::Count => Json::count(cells().count()),
            Op::Distinct => Json::count(cells().map(Key::of).collect::<HashSet<_>>().len()),
            Op::Sum => summaries.get(field).sum().to_json(),
            Op::Mean => number(summaries.get(field).mean()),
            Op::Median => number(summaries.get(field).median()),
            Op::Stddev => number(summaries.get(field).deviation()),
            Op::Min => summaries.get(field).min().map_or_else(|| least(cells()), Number::to_json),
            Op::Max => summaries.get(field).max().map_or_else(|| greatest(cells()), Number::to_json),
        }
    }

    /// The cells that this computation leaves out because they are not numbers.
    pub(super) fn ignored(&self, rows: &[Vec<Json>]) -> Option<Ignored> {
        let field = self.field.as_ref().filter(|_| self.op.needs_numbers())?;
        let mut cells = rows
            .iter()
            .map(|row| field.of(row))
            .filter(|cell| **cell != Json::Null && Number::of(cell).is_none());
        let example = crate::bounds::clip(&cells.next()?.plain());
        Some(Ignored { column: self.name.clone(), cells: cells.count() + 1, example })
    }
}

/// The numbers of a group's columns, read once for all computations.
pub(super) struct Summaries<'a, 'b> {
    group: &'b [&'b [Json]],
    known: HashMap<&'a Field, Summary>,
}

impl<'a, 'b> Summaries<'a, 'b> {
    /// Reads nothing yet.
    pub(super) fn of(group: &'b [&'b [Json]]) -> Self {
        Self { group, known: HashMap::new() }
    }

    fn get(&mut self, field: &'a Field) -> &Summary {
        let numbers = || self.group.iter().filter_map(|row| Number::of(field.of(row))).collect();
        self.known.entry(field).or_insert_with(|| Summary::of(numbers()))
    }
}

fn least<'a>(cells: impl Iterator<Item = &'a Json>) -> Json {
    cells.min_by_key(|cell| Key::of(cell)).cloned().unwrap_or(Json::Null)
}

fn greatest<'a>(cells: impl Iterator<Item = &'a Json>) -> Json {
    cells.max_by_key(|cell| Key::of(cell)).cloned().unwrap_or(Json::Null)
}

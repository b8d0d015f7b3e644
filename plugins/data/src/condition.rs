//! Conditions on rows: a column, a comparison and a value.
//!
//! A value that is a number compares with numbers by value (1.0 is 1), also with texts that are numbers.
//! Everything else compares as text, so ISO dates compare as dates do.

use std::cmp::Ordering;

use cofferdam_sdk::prelude::*;
use regex::{Regex, RegexBuilder};

use crate::bounds;
use crate::json::Json;
use crate::number::Number;
use crate::table::{Field, Table};

mod scalar;

use scalar::Scalar;

/// Which rows take part.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Where {
    /// Conditions that rows must fulfil, e.g. `[{"column": "price", "op": "gt", "value": 10}]`; none means all rows.
    #[schemars(length(max = 50))]
    #[serde(default, rename = "where")]
    conditions: Vec<Condition>,
    /// Whether a row must fulfil `all` conditions or `any` of them.
    #[serde(default, rename = "match")]
    quantifier: Quantifier,
    /// Treat upper and lower case of texts as the same in the conditions.
    #[serde(default)]
    ignore_case: bool,
}

/// All or any.
#[derive(Clone, Copy, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Quantifier {
    #[default]
    All,
    Any,
}

/// A condition on one column.
#[derive(Deserialize, JsonSchema)]
struct Condition {
    /// The column; with dots, what lies within its objects (`address.city`).
    #[schemars(length(min = 1, max = bounds::MAX_NAME))]
    column: String,
    /// The comparison. `eq`, `ne`, `lt`, `le`, `gt`, `ge`, `contains`, `not_contains`, `starts_with`,
    /// `ends_with` and `matches` (a regular expression, found anywhere) take `value`. `between` takes `values`
    /// with the first and the last that fit, `in` and `not_in` take `values`. `missing` and `present` take none.
    /// A missing cell fulfils only `missing`, `ne`, `not_in` and `not_contains`.
    op: Op,
    /// What to compare with, for all comparisons with one value.
    #[serde(default)]
    value: Option<Scalar>,
    /// What to compare with, for `between`, `in` and `not_in`.
    #[schemars(length(max = 1000))]
    #[serde(default)]
    values: Vec<Scalar>,
}

/// The comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Between,
    In,
    NotIn,
    Contains,
    NotContains,
    StartsWith,
    EndsWith,
    Matches,
    Missing,
    Present,
}

/// Conditions that fit a table.
pub(crate) struct Filter {
    tests: Vec<Test>,
    any: bool,
}

struct Test {
    field: Field,
    op: Op,
    operands: Vec<Operand>,
    pattern: Option<Regex>,
    ignore_case: bool,
}

/// A value of a condition, in both of its meanings.
struct Operand {
    number: Option<Number>,
    text: String,
}

impl Where {
    /// Fits the conditions to a table.
    pub(crate) fn compile(&self, table: &Table) -> Result<Filter> {
        let tests = self.conditions.iter().map(|condition| condition.compile(table, self.ignore_case));
        Ok(Filter { tests: tests.collect::<Result<_>>()?, any: matches!(self.quantifier, Quantifier::Any) })
    }

    /// Leaves only the rows that fulfil the conditions.
    pub(crate) fn apply(&self, table: &mut Table) -> Result<()> {
        let filter = self.compile(table)?;
        table.rows.retain(|row| filter.holds(row));
        Ok(())
    }
}

impl Filter {
    /// Whether a row fulfils the conditions.
    pub(crate) fn holds(&self, row: &[Json]) -> bool {
        let mut tests = self.tests.iter();
        if self.any && !self.tests.is_empty() {
            return tests.any(|test| test.holds(row));
        }
        tests.all(|test| test.holds(row))
    }
}

impl Condition {
    fn compile(&self, table: &Table, ignore_case: bool) -> Result<Test> {
        let operands = self.operands()?;
        let pattern = match (self.op, operands.first()) {
            (Op::Matches, Some(pattern)) => Some(compile(&pattern.text(), ignore_case)?),
            _ => None,
        };
        let operands = operands.into_iter().map(|scalar| Operand::of(scalar, ignore_case)).collect();
        Ok(Test { field: table.field(&self.column)?, op: self.op, operands, pattern, ignore_case })
    }

    /// The values that the comparison takes: one, two, several or none.
    fn operands(&self) -> Result<Vec<&Scalar>> {
        let refuse = |expected: &str| {
            ToolError::invalid(format!(
                "the condition `{}` on `{}` takes {expected}",
                self.op.name(),
                self.column
            ))
        };
        match self.op {
            Op::Missing | Op::Present => Ok(Vec::new()),
            Op::Between if self.values.len() == 2 => Ok(self.values.iter().collect()),
            Op::Between => Err(refuse("`values` with exactly two values, the first and the last that fit")),
            Op::In | Op::NotIn if self.values.is_empty() => Err(refuse("`values` with at least one value")),
            Op::In | Op::NotIn => Ok(self.values.iter().collect()),
            _ => self.value.as_ref().map(|value| vec![value]).ok_or_else(|| refuse("a `value`")),
        }
    }
}

fn compile(pattern: &str, ignore_case: bool) -> Result<Regex> {
    RegexBuilder::new(pattern).case_insensitive(ignore_case).size_limit(1 << 20).build().map_err(|error| {
        ToolError::invalid(format!(
            "`{pattern}` is not a regular expression: {error}; use `contains` for plain text"
        ))
    })
}

impl Op {
    fn name(self) -> String {
        serde_json::to_string(&self).unwrap_or_default().trim_matches('"').to_owned()
    }
}

impl Operand {
    fn of(scalar: &Scalar, ignore_case: bool) -> Self {
        Self { number: scalar.number(), text: folded(&scalar.text(), ignore_case) }
    }

    /// How a cell compares with this value; nothing when one is a number and the other is not.
    fn compare(&self, cell: &Json, text: &str) -> Option<Ordering> {
        match (self.number, Number::of(cell)) {
            (Some(value), Some(number)) => Some(number.cmp(&value)),
            (Some(_), None) => None,
            (None, _) if matches!(cell, Json::Number(_)) => Number::of(&Json::Text(self.text.clone()))
                .and_then(|value| Some(Number::of(cell)?.cmp(&value))),
            (None, _) => Some(text.cmp(self.text.as_str())),
        }
    }
}

impl Test {
    fn holds(&self, row: &[Json]) -> bool {
        let cell = self.field.of(row);
        if *cell == Json::Null {
            return matches!(self.op, Op::Missing | Op::Ne | Op::NotIn | Op::NotContains);
        }
        let plain = cell.plain();
        let text = folded(&plain, self.ignore_case);
        let orders = || self.operands.iter().map(|operand| operand.compare(cell, &text));
        let order = orders().next().flatten();
        let first = self.operands.first().map_or("", |operand| operand.text.as_str());
        match self.op {
            Op::Missing => false,
            Op::Present => true,
            Op::Eq | Op::In => orders().any(|order| order == Some(Ordering::Equal)),
            Op::Ne | Op::NotIn => orders().all(|order| order != Some(Ordering::Equal)),
            Op::Lt => order == Some(Ordering::Less),
            Op::Le => order.is_some_and(Ordering::is_le),
            Op::Gt => order == Some(Ordering::Greater),
            Op::Ge => order.is_some_and(Ordering::is_ge),
            Op::Between => {
                order.is_some_and(Ordering::is_ge) && orders().nth(1).flatten().is_some_and(Ordering::is_le)
            }
            Op::Contains => text.contains(first),
            Op::NotContains => !text.contains(first),
            Op::StartsWith => text.starts_with(first),
            Op::EndsWith => text.ends_with(first),
            Op::Matches => self.pattern.as_ref().is_some_and(|pattern| pattern.is_match(&plain)),
        }
    }
}

fn folded(text: &str, ignore_case: bool) -> String {
    if ignore_case { text.to_lowercase() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::table;

    const ROWS: &str = r#"[[5,"Apple",true,"2024-01-05"],[5.0,"banana",false,"2024-02-01"],[12,"12",null,null],[null,"Äpfel",true,"n/a"]]"#;

    /// The numbers (from 0) of the rows that hold.
    fn rows(args: serde_json::Value) -> Result<Vec<usize>> {
        let table = table(&["n", "t", "b", "d"], ROWS);
        let filter = serde_json::from_value::<Where>(args).unwrap().compile(&table)?;
        Ok((0..4).filter(|row| filter.holds(&table.rows[*row])).collect())
    }

    fn one(column: &str, op: &str, value: serde_json::Value) -> Vec<usize> {
        let key = if value.is_array() { "values" } else { "value" };
        rows(json!({"where": [{"column": column, "op": op, key: value}]})).unwrap()
    }

    #[test]
    fn numbers_compare_by_value() {
        for (column, op, value, expected) in [
            ("n", "eq", json!(5), vec![0, 1]),
            ("n", "eq", json!("5.00"), vec![0, 1]),
            ("n", "ne", json!(5), vec![2, 3]),
            ("n", "gt", json!(5), vec![2]),
            ("n", "ge", json!(5), vec![0, 1, 2]),
            ("n", "lt", json!(12), vec![0, 1]),
            ("n", "le", json!(12.0), vec![0, 1, 2]),
            ("n", "between", json!([5, 10]), vec![0, 1]),
            ("n", "in", json!([12, 7]), vec![2]),
            ("n", "not_in", json!([5]), vec![2, 3]),
            ("n", "gt", json!("x"), vec![]),
            ("t", "ge", json!(1), vec![2]),
        ] {
            assert_eq!(one(column, op, value.clone()), expected, "{column} {op} {value}");
        }
    }

    #[test]
    fn texts_compare_by_characters_and_booleans_by_name() {
        for (column, op, value, expected) in [
            ("t", "eq", json!("Apple"), vec![0]),
            ("t", "contains", json!("an"), vec![1]),
            ("t", "not_contains", json!("p"), vec![1, 2]),
            ("t", "starts_with", json!("Ä"), vec![3]),
            ("t", "ends_with", json!("e"), vec![0]),
            ("t", "matches", json!("^[A-Z]"), vec![0]),
            ("b", "eq", json!(true), vec![0, 3]),
            ("b", "ne", json!(true), vec![1, 2]),
            ("d", "ge", json!("2024-02-01"), vec![1, 3]),
            ("d", "between", json!(["2024-01-01", "2024-12-31"]), vec![0, 1]),
        ] {
            assert_eq!(one(column, op, value.clone()), expected, "{column} {op} {value}");
        }
    }

    #[test]
    fn missing_cells_have_tests_of_their_own() {
        assert_eq!(rows(json!({"where": [{"column": "n", "op": "missing"}]})).unwrap(), [3]);
        assert_eq!(rows(json!({"where": [{"column": "b", "op": "present"}]})).unwrap(), [0, 1, 3]);
    }

    #[test]
    fn conditions_combine() {
        let conditions =
            json!([{"column": "n", "op": "gt", "value": 5}, {"column": "t", "op": "eq", "value": "apple"}]);
        assert_eq!(rows(json!({"where": conditions})).unwrap(), Vec::<usize>::new());
        assert_eq!(rows(json!({"where": conditions, "match": "any"})).unwrap(), [2]);
        assert_eq!(rows(json!({"where": conditions, "match": "any", "ignore_case": true})).unwrap(), [0, 2]);
        assert_eq!(rows(json!({"match": "any"})).unwrap(), [0, 1, 2, 3]);
    }

    #[test]
    fn a_condition_with_the_wrong_values_is_refused() {
        for (condition, expected) in [
            (json!({"column": "n", "op": "gt"}), "the condition `gt` on `n` takes a `value`"),
            (
                json!({"column": "n", "op": "between", "values": [1]}),
                "the condition `between` on `n` takes `values` with exactly two values, the first and the last that fit",
            ),
            (
                json!({"column": "n", "op": "not_in"}),
                "the condition `not_in` on `n` takes `values` with at least one value",
            ),
        ] {
            assert_eq!(rows(json!({"where": [condition]})).unwrap_err().to_string(), expected);
        }
        let pattern =
            rows(json!({"where": [{"column": "t", "op": "matches", "value": "("}]})).unwrap_err().to_string();
        assert!(
            pattern.contains("is not a regular expression") && pattern.contains("use `contains`"),
            "{pattern}"
        );
    }
}

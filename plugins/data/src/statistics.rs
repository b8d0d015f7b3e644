//! The tool `statistics`: what is in a table, column by column.

use std::collections::HashMap;

use cofferdam_sdk::prelude::*;

use crate::bounds::{self, clip};
use crate::condition::Where;
use crate::input::Input;
use crate::json::Json;
use crate::number::Number;
use crate::order::Key;
use crate::page::Paging;
use crate::summary::Summary;
use crate::table::Field;

/// The data, and which columns to describe.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    #[serde(flatten)]
    input: Input,
    #[serde(flatten)]
    conditions: Where,
    /// The columns to describe; none means all. With dots, what lies within objects (`address.city`).
    #[schemars(length(max = 100), inner(length(min = 1, max = bounds::MAX_NAME)))]
    #[serde(default)]
    columns: Vec<String>,
    /// How many of the most frequent values to list per column.
    #[schemars(range(max = 100))]
    #[serde(default = "five")]
    top: usize,
    #[serde(flatten)]
    paging: Paging,
}

fn five() -> usize {
    5
}

/// A table, column by column.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Statistics {
    /// How many rows were looked at.
    pub(crate) rows: usize,
    /// How many columns there are to describe.
    pub(crate) total: usize,
    /// The columns; `limit` and `offset` count columns.
    pub(crate) columns: Vec<Column>,
    /// Whether columns are missing after these.
    pub(crate) truncated: bool,
    /// The `offset` that returns the next columns; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_offset: Option<usize>,
}

/// One column.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Column {
    /// Its name.
    pub(crate) column: String,
    /// What its values are.
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    /// How many cells have a value.
    pub(crate) count: usize,
    /// How many cells are missing.
    pub(crate) missing: usize,
    /// How many different values there are.
    pub(crate) distinct: usize,
    /// The numbers among the values; absent when there are none, or most are texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) numbers: Option<Numbers>,
    /// The texts among the values; absent when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) texts: Option<Texts>,
    /// The most frequent values, equals in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) top: Vec<Frequency>,
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// All are numbers.
    Number,
    /// All are true or false.
    Boolean,
    /// All are texts.
    Text,
    /// All are arrays or objects.
    Nested,
    /// There are several kinds.
    Mixed,
    /// There are none.
    Empty,
}

/// Numbers of a column.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Numbers {
    /// How many values are numbers, or texts that are nothing but a number.
    pub(crate) count: usize,
    /// The sum.
    pub(crate) sum: Json,
    /// The smallest.
    pub(crate) min: Json,
    /// A quarter lies below this.
    pub(crate) p25: Json,
    /// Half lies below this.
    pub(crate) median: Json,
    /// Three quarters lie below this.
    pub(crate) p75: Json,
    /// 95 of 100 lie below this.
    pub(crate) p95: Json,
    /// The largest.
    pub(crate) max: Json,
    /// The arithmetic mean.
    pub(crate) mean: Json,
    /// The standard deviation of the sample (n - 1); null below two numbers.
    pub(crate) stddev: Json,
}

/// Texts of a column.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Texts {
    /// The first in the order of characters; cut after 100 characters.
    pub(crate) min: String,
    /// The last in the order of characters; cut after 100 characters.
    pub(crate) max: String,
    /// Characters of the shortest.
    pub(crate) shortest: usize,
    /// Characters of the longest.
    pub(crate) longest: usize,
}

/// A value and how often it occurs.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Frequency {
    /// The value as text; cut after 100 characters.
    pub(crate) value: String,
    /// How often it occurs.
    pub(crate) count: usize,
}

/// Describe CSV or JSON records column by column: type, missing and distinct values, minimum, quartiles, mean,
/// standard deviation, most frequent values. Use it first on data that you do not know.
#[tool(title = "Describe data", read_only, idempotent, open_world = false)]
pub(crate) fn statistics(args: Args) -> Result<Statistics> {
    let mut table = args.input.table()?;
    let names = if args.columns.is_empty() { table.columns.clone() } else { args.columns };
    let fields = table.fields(&names)?;
    args.conditions.apply(&mut table)?;
    let describe = |(name, field): (String, &Field)| describe(name, field, &table.rows, args.top);
    let columns: Vec<_> = names.into_iter().zip(&fields).map(describe).collect();
    let total = columns.len();
    let page = args.paging.cut(columns, |column| serde_json::to_string(column).unwrap_or_default().len());
    let (truncated, next_offset) = (page.truncated, page.next_offset);
    Ok(Statistics { rows: table.rows.len(), total, columns: page.items, truncated, next_offset })
}

fn describe(column: String, field: &Field, rows: &[Vec<Json>], top: usize) -> Column {
    let values: Vec<&Json> =
        rows.iter().map(|row| field.of(row)).filter(|cell| **cell != Json::Null).collect();
    let frequencies = frequencies(&values);
    Column {
        column,
        kind: kind(&values),
        count: values.len(),
        missing: rows.len() - values.len(),
        distinct: frequencies.len(),
        numbers: numbers(&values),
        texts: texts(&values),
        top: most_frequent(frequencies, top),
    }
}

fn kind(values: &[&Json]) -> Kind {
    let mut kinds = values.iter().map(|value| match value {
        Json::Null => Kind::Empty,
        Json::Bool(_) => Kind::Boolean,
        Json::Number(_) => Kind::Number,
        Json::Text(_) => Kind::Text,
        Json::Array(_) | Json::Object(_) => Kind::Nested,
    });
    let Some(first) = kinds.next() else { return Kind::Empty };
    if kinds.all(|kind| kind == first) { first } else { Kind::Mixed }
}

/// Texts that are numbers count when they are the rule: a column of numbers with a few remarks.
fn numbers(values: &[&Json]) -> Option<Numbers> {
    let all: Vec<_> = values.iter().filter_map(|value| Number::of(value)).collect();
    let any_written_as_such = values.iter().any(|value| matches!(value, Json::Number(_)));
    if !any_written_as_such && all.len() * 2 < values.len() {
        return None;
    }
    let summary = Summary::of(all);
    let json = |number: Option<Number>| number.map_or(Json::Null, Number::to_json);
    (summary.count() > 0).then(|| Numbers {
        count: summary.count(),
        sum: summary.sum().to_json(),
        min: json(summary.min()),
        p25: json(summary.quantile(1, 4)),
        median: json(summary.median()),
        p75: json(summary.quantile(3, 4)),
        p95: json(summary.quantile(19, 20)),
        max: json(summary.max()),
        mean: json(summary.mean()),
        stddev: json(summary.deviation()),
    })
}

fn texts(values: &[&Json]) -> Option<Texts> {
    let texts = || {
        values
            .iter()
            .filter_map(|value| if let Json::Text(text) = value { Some(text.as_str()) } else { None })
    };
    let lengths = || texts().map(|text| text.chars().count());
    Some(Texts {
        min: clip(texts().min()?),
        max: clip(texts().max()?),
        shortest: lengths().min()?,
        longest: lengths().max()?,
    })
}

/// Different values, each with how often it occurs.
fn frequencies<'a>(values: &[&'a Json]) -> Vec<(&'a Json, usize)> {
    let mut frequencies: HashMap<Key, (&Json, usize)> = HashMap::new();
    for value in values {
        frequencies.entry(Key::of(value)).or_insert((value, 0)).1 += 1;
    }
    frequencies.into_values().collect()
}

fn most_frequent(mut frequencies: Vec<(&Json, usize)>, top: usize) -> Vec<Frequency> {
    frequencies.sort_by_cached_key(|(value, count)| (std::cmp::Reverse(*count), Key::of(value)));
    let shown = frequencies.into_iter().take(top);
    shown.map(|(value, count)| Frequency { value: clip(&value.plain()), count }).collect()
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock;

    use super::*;

    const CSV: &str = "n,t,b,e\n1,x,true,\n2,yy,false,\n2,x,true,\n10,,true,\n";

    fn text(args: serde_json::Value) -> String {
        mock::Host::new().reply::<statistics>(args).unwrap().all_text()
    }

    #[test]
    fn numbers_are_described_exactly() {
        let expected = concat!(
            r#"{"rows":4,"total":1,"columns":[{"column":"n","type":"number","count":4,"missing":0,"distinct":3,"#,
            r#""numbers":{"count":4,"sum":15,"min":1,"p25":1.75,"median":2,"p75":4,"p95":8.8,"max":10,"mean":3.75,"#,
            r#""stddev":4.1932485418},"top":[{"value":"2","count":2}]}],"truncated":false}"#
        );
        assert_eq!(text(json!({"data": CSV, "columns": ["n"], "top": 1})), expected);
    }

    #[test]
    fn texts_booleans_and_empty_columns_are_described() {
        let expected = concat!(
            r#"{"rows":4,"total":3,"columns":["#,
            r#"{"column":"t","type":"text","count":3,"missing":1,"distinct":2,"#,
            r#""texts":{"min":"x","max":"yy","shortest":1,"longest":2},"top":[{"value":"x","count":2},{"value":"yy","count":1}]},"#,
            r#"{"column":"b","type":"boolean","count":4,"missing":0,"distinct":2,"#,
            r#""top":[{"value":"true","count":3},{"value":"false","count":1}]},"#,
            r#"{"column":"e","type":"empty","count":0,"missing":4,"distinct":0}],"truncated":false}"#
        );
        assert_eq!(text(json!({"data": CSV, "columns": ["t", "b", "e"]})), expected);
    }

    #[test]
    fn mixed_and_nested_columns_are_told() {
        let data = r#"[{"a":1,"o":{"x":1}},{"a":"one","o":[2]}]"#;
        let described = mock::Host::new().call::<statistics>(json!({"data": data, "top": 0})).unwrap();
        let kinds: Vec<_> = described.columns.iter().map(|column| column.kind).collect();
        assert_eq!(kinds, [Kind::Mixed, Kind::Nested]);
        assert_eq!(described.columns[0].numbers.as_ref().map(|numbers| numbers.count), Some(1));
        assert_eq!(described.columns[0].texts.as_ref().map(|texts| texts.longest), Some(3));
    }

    #[test]
    fn numbers_among_a_few_remarks_are_described() {
        let described = |data: &str| mock::Host::new().call::<statistics>(json!({"data": data})).unwrap();
        let mostly = described("a\n1\n2\nfew\n");
        let numbers = mostly.columns[0].numbers.as_ref().unwrap();
        assert_eq!(
            (mostly.columns[0].kind, numbers.count, &numbers.sum),
            (Kind::Text, 2, &Json::Number("3".into()))
        );
        assert_eq!(described("code\n007\nA1\n12\n").columns[0].numbers, None);
    }

    #[test]
    fn conditions_choose_the_rows_and_paging_the_columns() {
        let args =
            json!({"data": CSV, "where": [{"column": "n", "op": "gt", "value": 1}], "limit": 1, "offset": 1});
        let described = mock::Host::new().call::<statistics>(args).unwrap();
        assert_eq!((described.rows, described.total, described.next_offset), (3, 4, Some(2)));
        assert_eq!((described.columns[0].column.as_str(), described.columns[0].count), ("t", 2));
    }
}

//! The order of cells, and sorting rows by it.
//!
//! Numbers come first, then booleans (false before true), texts by their characters, arrays and objects as JSON.
//! Missing cells come last, whatever the direction.

use std::cmp::Ordering;

use cofferdam_sdk::prelude::*;

use crate::bounds;
use crate::json::Json;
use crate::number::Number;
use crate::table::Table;

/// One column to sort by.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Sort {
    /// The column.
    #[schemars(length(min = 1, max = bounds::MAX_NAME))]
    column: String,
    /// `asc`: small to large, A to Z. `desc`: the other way. Missing cells come last in both.
    #[serde(default)]
    order: Direction,
}

/// The two directions.
#[derive(Clone, Copy, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Direction {
    #[default]
    Asc,
    Desc,
}

/// A cell as something to compare and to tell apart: 1.50 and 1.5 are the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    Number(Number),
    Bool(bool),
    Text(String),
    Nested(String),
    Missing,
}

impl Key {
    /// The key of a cell.
    pub(crate) fn of(cell: &Json) -> Self {
        match cell {
            Json::Null => Self::Missing,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(digits) => {
                Number::parse(digits).map_or_else(|| Self::Text(digits.to_string()), Self::Number)
            }
            Json::Text(text) => Self::Text(text.clone()),
            Json::Array(_) | Json::Object(_) => Self::Nested(cell.to_json()),
        }
    }

    fn compare(&self, other: &Self, direction: Direction) -> Ordering {
        let missing = |key: &Self| *key == Self::Missing;
        let order = missing(self).cmp(&missing(other));
        order.then_with(|| match direction {
            Direction::Asc => self.cmp(other),
            Direction::Desc => other.cmp(self),
        })
    }
}

/// Sorts the rows of a table; rows that are equal keep their order.
pub(crate) fn sort(table: &mut Table, by: &[Sort]) -> Result<()> {
    let fields = by.iter().map(|sort| table.field(&sort.column)).collect::<Result<Vec<_>>>()?;
    table.rows.sort_by_cached_key(|row| {
        let keys = fields.iter().zip(by).map(|(field, sort)| Directed(Key::of(field.of(row)), sort.order));
        keys.collect::<Vec<_>>()
    });
    Ok(())
}

/// A key that knows its direction, so that a row has one key for all columns.
struct Directed(Key, Direction);

impl Ord for Directed {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.compare(&other.0, self.1)
    }
}

impl PartialOrd for Directed {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Directed {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Directed {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::table;

    fn sorted(rows: &str, by: serde_json::Value) -> String {
        let mut table = table(&["a", "b"], rows);
        let by: Vec<Sort> = serde_json::from_value(by).unwrap();
        sort(&mut table, &by).unwrap();
        Json::Array(table.rows.into_iter().map(|mut row| row.swap_remove(0)).collect()).to_json()
    }

    #[test]
    fn cells_have_one_order_and_missing_ones_come_last() {
        let rows = r#"[["b",0],[null,0],[10,0],[true,0],[9.5,0],["B",0],[[1],0]]"#;
        assert_eq!(sorted(rows, json!([{"column": "a"}])), r#"[9.5,10,true,"B","b",[1],null]"#);
        assert_eq!(
            sorted(rows, json!([{"column": "a", "order": "desc"}])),
            r#"[[1],"b","B",true,10,9.5,null]"#
        );
    }

    #[test]
    fn later_columns_decide_between_equals() {
        let rows = r#"[[1,"x"],[2,"y"],[3,"x"],[4,"y"]]"#;
        assert_eq!(sorted(rows, json!([{"column": "b", "order": "desc"}])), "[2,4,1,3]");
        assert_eq!(sorted(rows, json!([{"column": "b"}, {"column": "a", "order": "desc"}])), "[3,1,4,2]");
    }
}

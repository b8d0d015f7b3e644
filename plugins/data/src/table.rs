//! Rows and columns, and finding a column by its name.

use cofferdam_sdk::prelude::*;

use crate::json::Json;

/// How many names an error lists.
const LISTED: usize = 20;

/// A table. Every row has a cell for every column; a missing one is null.
#[derive(Debug, PartialEq)]
pub(crate) struct Table {
    /// The names of the columns, all different.
    pub(crate) columns: Vec<String>,
    /// The cells.
    pub(crate) rows: Vec<Vec<Json>>,
}

/// A column, or something within the values of one.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Field {
    column: usize,
    path: Vec<String>,
}

impl Table {
    /// The column called `name`; with dots, what lies within the objects of a column (`address.city`).
    pub(crate) fn field(&self, name: &str) -> Result<Field> {
        let position = |wanted: &str| self.columns.iter().position(|column| column == wanted);
        if let Some(column) = position(name) {
            return Ok(Field { column, path: Vec::new() });
        }
        let nested = name.match_indices('.').filter_map(|(at, _)| name.split_at_checked(at));
        let found =
            nested.filter_map(|(head, tail)| Some((position(head)?, tail))).find_map(|(column, tail)| {
                let path = tail.split('.').skip(1).map(str::to_owned).collect();
                let field = Field { column, path };
                self.rows.iter().any(|row| *field.of(row) != Json::Null).then_some(field)
            });
        found.ok_or_else(|| self.unknown(name))
    }

    /// The columns called `names`.
    pub(crate) fn fields(&self, names: &[String]) -> Result<Vec<Field>> {
        names.iter().map(|name| self.field(name)).collect()
    }

    fn unknown(&self, name: &str) -> ToolError {
        let wanted = name.trim().to_lowercase();
        if let Some(near) = self.columns.iter().find(|column| column.trim().to_lowercase() == wanted) {
            return ToolError::not_found(format!("there is no column `{name}`: did you mean `{near}`?"));
        }
        let mut known: Vec<_> =
            self.columns.iter().take(LISTED).map(|column| format!("`{column}`")).collect();
        if self.columns.len() > LISTED {
            known.push(format!("{} more", self.columns.len() - LISTED));
        }
        ToolError::not_found(format!("there is no column `{name}`, expected one of {}", known.join(", ")))
    }
}

impl Field {
    /// The cell of a row, or what the path leads to within it; null where there is nothing.
    pub(crate) fn of<'a>(&self, row: &'a [Json]) -> &'a Json {
        let cell = row.get(self.column);
        self.path.iter().try_fold(cell, |value, key| Some(value?.step(key))).flatten().unwrap_or(&Json::Null)
    }
}

#[cfg(test)]
pub(crate) fn table(columns: &[&str], rows: &str) -> Table {
    let Json::Array(rows) = Json::parse(rows).unwrap() else { panic!("an array of rows") };
    let cells = |row| match row {
        Json::Array(cells) => cells,
        other => panic!("a row, found {other:?}"),
    };
    Table {
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        rows: rows.into_iter().map(cells).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name_and_by_path() {
        let table = table(&["id", "address", "a.b"], r#"[[1,{"city":"Oslo","tags":["x","y"]},5]]"#);
        for (name, expected) in
            [("id", "1"), ("address.city", r#""Oslo""#), ("address.tags.1", r#""y""#), ("a.b", "5")]
        {
            assert_eq!(table.field(name).unwrap().of(&table.rows[0]).to_json(), expected, "{name}");
        }
    }

    #[test]
    fn an_unknown_column_is_refused_with_the_known_ones() {
        let table = table(&["Price", "name"], r#"[[1,"a"]]"#);
        for (name, expected) in [
            ("price", "there is no column `price`: did you mean `Price`?"),
            ("cost", "there is no column `cost`, expected one of `Price`, `name`"),
            ("name.first", "there is no column `name.first`, expected one of `Price`, `name`"),
        ] {
            assert_eq!(table.field(name).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn a_long_list_of_columns_is_cut() {
        let columns: Vec<String> = (0..25).map(|n| format!("c{n}")).collect();
        let error = Table { columns, rows: vec![] }.field("x").unwrap_err().to_string();
        assert!(error.ends_with("`c19`, 5 more"), "{error}");
    }
}

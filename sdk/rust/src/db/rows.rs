//! What a query found: read into types, page by page.

use std::marker::PhantomData;
use std::vec;

use serde::de::DeserializeOwned;

use super::Value;
use super::row::{Names, read};
use crate::handle::Cursor;
use crate::{Result, ToolError};

/// How many rows come with one crossing into the host; fewer if they are large.
const PAGE: u32 = 1_000;

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name, or what the database makes up for one.
    pub name: String,
    /// Its type in the words of the database; empty where it has none.
    pub type_name: String,
}

/// What a query found. All of it is there already; it comes over from the host as it is read.
///
/// A row is read into a type that is `Deserialize`: a struct takes its fields by the names of the columns, a tuple its
/// parts by their places, and anything else the only column. Fields are numbers, `bool` (which SQLite has as 1 and 0),
/// `String` (dates, UUIDs and decimals too), `Vec<u8>`, `Option`s of those, and enums by their names. Where a column has
/// JSON, as its type or as text, any type that it reads as will do.
#[derive(Debug)]
pub struct Rows {
    cursor: Cursor,
}

impl Rows {
    pub(super) fn new(cursor: Cursor) -> Self {
        Self { cursor }
    }

    /// The columns, in the order of the statement.
    #[must_use]
    pub fn columns(&self) -> Vec<Column> {
        self.cursor.columns()
    }

    /// All rows.
    pub fn rows<T: DeserializeOwned>(self) -> Result<Vec<T>> {
        self.iter().collect()
    }

    /// The row of a query that finds exactly one; [`ToolError::NotFound`] if it found none.
    pub fn one<T: DeserializeOwned>(self) -> Result<T> {
        self.optional()?.ok_or_else(|| ToolError::not_found("no row was found, expected one"))
    }

    /// The row of a query that finds one or none.
    pub fn optional<T: DeserializeOwned>(self) -> Result<Option<T>> {
        let mut rows = self.iter();
        let first = rows.next().transpose()?;
        match rows.next() {
            None => Ok(first),
            Some(_) => Err(ToolError::failed("several rows were found, expected one")),
        }
    }

    /// The first row, if there is one.
    pub fn first<T: DeserializeOwned>(self) -> Result<Option<T>> {
        self.iter().next().transpose()
    }

    /// One row after the other; only one page of them is in memory.
    #[must_use]
    pub fn iter<T: DeserializeOwned>(self) -> Iter<T> {
        let names = Names::of(self.cursor.columns());
        Iter { values: self.values(), names, of: PhantomData }
    }

    /// All rows as they are, a list of values for each.
    pub fn all_values(self) -> Result<Vec<Vec<Value>>> {
        self.values().collect()
    }

    fn values(self) -> Values {
        Values { cursor: self.cursor, page: Vec::new().into_iter(), ended: false }
    }
}

/// Rows, one after the other.
#[derive(Debug)]
pub struct Iter<T> {
    values: Values,
    names: Names,
    of: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Iterator for Iter<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        let values = self.values.next()?;
        Some(values.and_then(|values| read(&self.names, values).map_err(ToolError::Failed)))
    }
}

/// Rows as they are. After an error, and after the last one, nothing comes.
#[derive(Debug)]
struct Values {
    cursor: Cursor,
    page: vec::IntoIter<Vec<Value>>,
    ended: bool,
}

impl Iterator for Values {
    type Item = Result<Vec<Value>>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(row) = self.page.next() {
            return Some(Ok(row));
        }
        if self.ended {
            return None;
        }
        match self.cursor.next(PAGE) {
            Ok(page) => {
                self.ended = page.is_empty();
                self.page = page.into_iter();
                self.page.next().map(Ok)
            }
            Err(problem) => {
                self.ended = true;
                Some(Err(problem.into()))
            }
        }
    }
}

//! What a query found, while a guest reads it page by page: it counts towards its call until it was read.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use cofferdam_policy::{Code, DatabaseLimits, units::Quantity as _};

use super::{Column, DatabaseError, Table, Value};

/// How many whole results one call may hold unread.
const RESULTS: u64 = 4;

/// Bytes of results that one call holds. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Held(Arc<AtomicU64>);

/// The rows that are left of a result.
#[derive(Debug)]
pub struct Rows {
    columns: Vec<Column>,
    left: VecDeque<Vec<Value>>,
    held: Held,
}

impl Rows {
    pub(super) fn new(table: Table, held: &Held, limits: &DatabaseLimits) -> Result<Self, DatabaseError> {
        let ceiling = limits.result.value().saturating_mul(RESULTS);
        let rows = Self { columns: table.columns, left: table.rows.into(), held: held.clone() };
        let size = rows.left.iter().map(|row| size(row)).sum::<u64>();
        if held.0.fetch_add(size, Ordering::AcqRel).saturating_add(size) <= ceiling {
            return Ok(rows);
        }
        Err(DatabaseError::Limit(format!(
            "the call holds more than {RESULTS} whole results of {} unread (`result` of `database_limits`) [{}]",
            limits.result,
            Code::DatabaseLimit
        )))
    }

    /// The columns.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The next rows, at most `max`, and fewer if they would be more than `bytes`; but one, if there is one.
    pub fn next(&mut self, max: usize, mut bytes: u64) -> Vec<Vec<Value>> {
        let mut page = Vec::new();
        while let Some(row) = self.left.front() {
            let size = size(row);
            if page.len() >= max || (size > bytes && !page.is_empty()) {
                break;
            }
            bytes = bytes.saturating_sub(size);
            self.held.0.fetch_sub(size, Ordering::AcqRel);
            page.extend(self.left.pop_front());
        }
        page
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        let size = self.left.iter().map(|row| size(row)).sum::<u64>();
        self.held.0.fetch_sub(size, Ordering::AcqRel);
    }
}

fn size(row: &[Value]) -> u64 {
    row.iter().map(Value::size).sum::<usize>() as u64
}

#[cfg(test)]
mod tests {
    use cofferdam_policy::units::Bytes;

    use super::*;

    fn table(rows: usize) -> Table {
        Table { columns: Vec::new(), rows: vec![vec![Value::Text("x".repeat(84))]; rows] }
    }

    #[test]
    fn a_page_has_no_more_rows_and_bytes_than_it_may() {
        let held = Held::default();
        let mut rows = Rows::new(table(10), &held, &DatabaseLimits::default()).unwrap();
        assert_eq!(rows.next(3, 1_000).len(), 3);
        assert_eq!(rows.next(10, 250).len(), 2);
        assert_eq!(rows.next(10, 1).len(), 1);
        assert_eq!(rows.next(0, 1_000).len(), 0);
        assert_eq!(rows.next(10, 1_000).len(), 4);
        assert_eq!(rows.next(10, 1_000).len(), 0);
        assert_eq!(held.0.load(Ordering::Acquire), 0);
    }

    #[test]
    fn a_call_holds_only_so_much_unread() {
        let held = Held::default();
        let limits = DatabaseLimits { result: Bytes::of(1_000), ..DatabaseLimits::default() };
        let mut kept: Vec<_> = (0..4).map(|_| Rows::new(table(10), &held, &limits).unwrap()).collect();
        assert!(matches!(Rows::new(table(1), &held, &limits), Err(DatabaseError::Limit(_))));
        kept.pop();
        assert!(Rows::new(table(10), &held, &limits).is_ok());
    }
}

//! What one call has open: one transaction at a time for each database, so that no call waits for itself, and results
//! that it hasn't read.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use super::{DatabaseError, rows::Held};

/// What one call has open. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Holder {
    transactions: Arc<Mutex<BTreeSet<String>>>,
    pub(super) results: Held,
}

/// One of its transactions. Dropping it lets another begin.
#[derive(Debug)]
pub(super) struct Claim {
    holder: Holder,
    label: String,
}

impl Holder {
    pub(super) fn claim(&self, label: &str) -> Result<Claim, DatabaseError> {
        if self.open(|open| open.insert(label.to_owned())) {
            return Ok(Claim { holder: self.clone(), label: label.to_owned() });
        }
        Err(DatabaseError::Invalid(format!(
            "this call has a transaction open in the database `{label}`; commit or drop it before another begins"
        )))
    }

    fn open<T>(&self, with: impl FnOnce(&mut BTreeSet<String>) -> T) -> T {
        with(&mut self.transactions.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.holder.open(|open| open.remove(&self.label));
    }
}

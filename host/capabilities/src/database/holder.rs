//! Which transactions one call has open: one at a time for each database, so that no call waits for itself.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use super::DatabaseError;

/// The open transactions of one call. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Holder(Arc<Mutex<BTreeSet<String>>>);

/// One of them. Dropping it lets another begin.
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
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.holder.open(|open| open.remove(&self.label));
    }
}

//! What one connection may do now, and for how long: the answers to SQLite's questions.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Instant,
};

use cofferdam_policy::{
    DatabaseAccess, DatabaseDenial,
    sqlite::{Action, judge},
};

/// Shared by a connection's thread, which asks, and by who uses the connection.
pub(super) struct Gate {
    access: DatabaseAccess,
    /// Whether the host's own statements run, whose texts are constants.
    host: AtomicBool,
    denied: Mutex<Option<DatabaseDenial>>,
    made: Instant,
    /// When the work ends, in nanoseconds since `made`.
    until: AtomicU64,
}

impl Gate {
    pub(super) fn new(access: DatabaseAccess) -> Self {
        Self {
            access,
            host: AtomicBool::new(false),
            denied: Mutex::new(None),
            made: Instant::now(),
            until: AtomicU64::new(u64::MAX),
        }
    }

    /// Whether SQLite may compile this into a statement.
    pub(super) fn allows(&self, action: &Action<'_>) -> bool {
        if self.host.load(Ordering::Acquire) {
            return true;
        }
        match judge(self.access, action) {
            Ok(()) => true,
            Err(denial) => {
                // The first one: what follows may only follow from it.
                self.denied().get_or_insert(denial);
                false
            }
        }
    }

    /// Opens it for one statement of the plugin's, or of the host's.
    pub(super) fn open(&self, host: bool, until: Instant) {
        self.denied().take();
        self.host.store(host, Ordering::Release);
        let nanos = u64::try_from(until.saturating_duration_since(self.made).as_nanos()).unwrap_or(u64::MAX);
        self.until.store(nanos, Ordering::Release);
    }

    /// What was refused since it was opened.
    pub(super) fn take_denial(&self) -> Option<DatabaseDenial> {
        self.denied().take()
    }

    /// Ends what runs.
    pub(super) fn stop(&self) {
        self.until.store(0, Ordering::Release);
    }

    /// Whether what runs may go on.
    pub(super) fn goes_on(&self) -> bool {
        self.made.elapsed().as_nanos() < u128::from(self.until.load(Ordering::Acquire))
    }

    fn denied(&self) -> std::sync::MutexGuard<'_, Option<DatabaseDenial>> {
        self.denied.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

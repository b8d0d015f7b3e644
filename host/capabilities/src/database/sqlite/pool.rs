//! The connections to one file: a few, made when they are needed, kept while they are used.
//!
//! Each has a thread of its own. A connection comes back only from work that ended; one whose work was dropped or broken
//! off is closed instead, and what it did in a transaction rolled back with it.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use cofferdam_policy::{DatabaseLimits, DatabasePermit, units::Quantity as _};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout_at},
};

use super::{Place, failure, session::Session};
use crate::database::DatabaseError;

/// How long a connection is kept that nobody uses, but for the last one.
const IDLE: Duration = Duration::from_secs(60);

pub(super) struct Pool {
    place: Place,
    permit: DatabasePermit,
    limits: DatabaseLimits,
    places: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<(Session, Instant)>>>,
}

impl Pool {
    pub(super) fn new(place: Place, permit: DatabasePermit, limits: DatabaseLimits) -> Self {
        let connections = usize::try_from(limits.connections.value()).unwrap_or(1);
        let places = Arc::new(Semaphore::new(connections));
        Self { place, permit, limits, places, idle: Arc::default() }
    }

    /// A connection, for one caller.
    pub(super) async fn take(&self, until: Instant) -> Result<Lease, DatabaseError> {
        let place = match timeout_at(until, Arc::clone(&self.places).acquire_owned()).await {
            Ok(Ok(place)) => place,
            // Nobody closes the semaphore; the other case is that of time.
            _ => {
                let found = format!(
                    "all {} connections of this plugin to the database are in use",
                    self.limits.connections
                );
                return Err(failure::limit(&found, "connections"));
            }
        };
        let kept = lock(&self.idle).pop();
        let session = match kept {
            Some((session, _)) => session,
            None => Session::open(&self.place, &self.permit, &self.limits).await?,
        };
        Ok(Lease { session, idle: Arc::clone(&self.idle), _place: place })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A connection that is in use. Closed when dropped, unless it was settled.
pub(super) struct Lease {
    session: Session,
    idle: Arc<Mutex<Vec<(Session, Instant)>>>,
    _place: OwnedSemaphorePermit,
}

impl Lease {
    /// After a statement by itself: the connection can be used again, unless it was broken off.
    pub(super) fn settle<T>(self, answer: &Result<T, DatabaseError>) {
        use DatabaseError::{Constraint, Denied, Invalid};
        if matches!(answer, Ok(_) | Err(Denied(_) | Invalid(_) | Constraint(_))) {
            self.keep();
        }
    }

    /// After a transaction: the connection can be used again only if all went well.
    pub(super) fn settle_whole<T>(self, answer: &Result<T, DatabaseError>) {
        if answer.is_ok() {
            self.keep();
        }
    }

    fn keep(self) {
        let now = Instant::now();
        let mut idle = lock(&self.idle);
        // The last one given back is the first one taken; so those at the front are those that nobody needs.
        idle.retain(|(_, since)| now.duration_since(*since) < IDLE);
        idle.push((self.session, now));
    }
}

impl Deref for Lease {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut Session {
        &mut self.session
    }
}

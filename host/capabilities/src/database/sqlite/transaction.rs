//! A transaction of a plugin's: a connection that it has for itself until it ends, or its time does.

use std::sync::Arc;

use tokio::{
    sync::Mutex,
    task::AbortHandle,
    time::{Instant, sleep_until},
};

use super::{Shared, failure, pool::Lease};
use crate::database::{
    DatabaseError, Table, Value,
    backend::{Answer, Statement, Transaction},
};

/// What is left of a transaction.
enum State {
    Open(Lease),
    /// Its time is over.
    Late,
    /// SQLite rolled it back after an error, or a statement was broken off.
    Broken,
}

/// A transaction that is rolled back by its own task when its time is over.
pub(super) struct Running {
    shared: Arc<Shared>,
    state: Arc<Mutex<State>>,
    until: Instant,
    end: AbortHandle,
}

impl Running {
    pub(super) fn new(shared: Arc<Shared>, lease: Lease, until: Instant) -> Self {
        let state = Arc::new(Mutex::new(State::Open(lease)));
        let late = Arc::downgrade(&state);
        let end = tokio::spawn(async move {
            sleep_until(until).await;
            if let Some(state) = late.upgrade() {
                *state.lock().await = State::Late;
            }
        });
        Self { shared, state, until, end: end.abort_handle() }
    }

    fn within<'a>(&self, statement: Statement<'a>) -> Statement<'a> {
        let left = self.until.saturating_duration_since(Instant::now());
        Statement { time: statement.time.min(left), ..statement }
    }

    async fn query(&self, statement: Statement<'_>) -> Result<Table, DatabaseError> {
        let work = self.shared.read(&self.within(statement))?;
        let mut state = self.state.lock().await;
        let mut lease = self.open(&mut state)?;
        let answer = lease.query(&work, &self.shared).await;
        *state = self.after(lease, &answer).await;
        answer
    }

    async fn execute(&self, statement: Statement<'_>) -> Result<u64, DatabaseError> {
        let work = self.shared.read(&self.within(statement))?;
        let mut state = self.state.lock().await;
        let mut lease = self.open(&mut state)?;
        let answer = lease.execute(&work, work.params, &self.shared).await;
        *state = self.after(lease, &answer).await;
        answer
    }

    async fn execute_many(
        &self,
        statement: Statement<'_>,
        params: &[Vec<Value>],
    ) -> Result<u64, DatabaseError> {
        let work = self.shared.read_many(&self.within(statement), params)?;
        let mut state = self.state.lock().await;
        let mut lease = self.open(&mut state)?;
        let answer = async {
            lease.host("SAVEPOINT many", work.until, &self.shared).await?;
            let changed = lease.execute_each(&work, params, &self.shared).await;
            if changed.is_err() && lease.is_in_transaction().await {
                lease.host("ROLLBACK TO many", work.until, &self.shared).await?;
            }
            if changed.is_ok() || lease.is_in_transaction().await {
                lease.host("RELEASE many", work.until, &self.shared).await?;
            }
            changed
        }
        .await;
        *state = self.after(lease, &answer).await;
        answer
    }

    async fn commit(&self) -> Result<(), DatabaseError> {
        let mut state = self.state.lock().await;
        let mut lease = self.open(&mut state)?;
        let done = lease.host("COMMIT", self.until, &self.shared).await;
        lease.settle_whole(&done);
        done
    }

    /// Takes the connection out. Until it is put back the transaction counts as broken, so that a statement that is
    /// dropped half-way takes the transaction with it.
    fn open(&self, state: &mut State) -> Result<Lease, DatabaseError> {
        match std::mem::replace(state, State::Broken) {
            State::Open(lease) => Ok(lease),
            State::Late => {
                *state = State::Late;
                Err(failure::late("transaction", &self.shared.limits))
            }
            State::Broken => {
                Err(DatabaseError::Failed("the transaction was rolled back after an error".to_owned()))
            }
        }
    }

    /// After an error, SQLite may have rolled back by itself: what came after would not be undone any more.
    async fn after<T>(&self, mut lease: Lease, answer: &Result<T, DatabaseError>) -> State {
        let goes_on = match answer {
            Ok(_) => true,
            Err(DatabaseError::Denied(_) | DatabaseError::Invalid(_) | DatabaseError::Constraint(_)) => {
                lease.is_in_transaction().await
            }
            Err(_) => false,
        };
        if goes_on { State::Open(lease) } else { State::Broken }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end.abort();
    }
}

impl Transaction for Running {
    fn query<'a>(&'a mut self, statement: Statement<'a>) -> Answer<'a, Table> {
        Box::pin(Running::query(self, statement))
    }

    fn execute<'a>(&'a mut self, statement: Statement<'a>) -> Answer<'a, u64> {
        Box::pin(Running::execute(self, statement))
    }

    fn execute_many<'a>(&'a mut self, statement: Statement<'a>, params: &'a [Vec<Value>]) -> Answer<'a, u64> {
        Box::pin(Running::execute_many(self, statement, params))
    }

    fn commit(self: Box<Self>) -> Answer<'static, ()> {
        Box::pin(async move { Running::commit(&self).await })
    }
}

//! A transaction that a guest began: it ends by itself, and a failed statement is the end of it.

use std::sync::Arc;

use tokio::{
    sync::Mutex,
    task::JoinHandle,
    time::{Instant, sleep_until},
};

use super::{
    super::{
        DatabaseError, Table, Value,
        backend::{Answer, Statement, Transaction},
    },
    error::late,
    gate::Gate,
    pool::Lease,
    run::Outcome,
};

/// A transaction on a session of its own.
pub(super) struct PgTransaction {
    gate: Arc<Gate>,
    /// Gone once its time is over.
    lease: Arc<Mutex<Option<Lease>>>,
    until: Instant,
    /// A statement failed, or its future was dropped: there is nothing left to commit.
    failed: bool,
    timer: JoinHandle<()>,
}

impl PgTransaction {
    pub(super) fn new(gate: Arc<Gate>, lease: Lease, until: Instant) -> Self {
        let lease = Arc::new(Mutex::new(Some(lease)));
        let timed = Arc::clone(&lease);
        let timer = tokio::spawn(async move {
            sleep_until(until).await;
            // Statements end at the same time, so this is free soon. A lease that is dropped rolls back.
            drop(timed.lock().await.take());
        });
        Self { gate, lease, until, failed: false, timer }
    }

    async fn one(&mut self, statement: Statement<'_>) -> Result<Outcome, DatabaseError> {
        let judged = self.gate.judge(statement.sql)?;
        let until = self.until.min(Instant::now() + statement.time);
        let mut lease = self.lease.lock().await;
        let lease = lease.as_mut().ok_or_else(late)?;
        self.failed = true;
        let outcome = lease.run(&judged, statement, until).await?;
        self.failed = false;
        Ok(outcome)
    }

    async fn many(&mut self, statement: Statement<'_>, params: &[Vec<Value>]) -> Result<u64, DatabaseError> {
        let judged = self.gate.judge(statement.sql)?;
        let until = self.until.min(Instant::now() + statement.time);
        let mut lease = self.lease.lock().await;
        let lease = lease.as_mut().ok_or_else(late)?;
        self.failed = true;
        let changed = lease.run_many(&judged, statement, params, until).await?;
        self.failed = false;
        Ok(changed)
    }
}

impl Transaction for PgTransaction {
    fn query<'a>(&'a mut self, statement: Statement<'a>) -> Answer<'a, Table> {
        Box::pin(async move { Ok(self.one(statement).await?.table) })
    }

    fn execute<'a>(&'a mut self, statement: Statement<'a>) -> Answer<'a, u64> {
        Box::pin(async move { Ok(self.one(statement).await?.changed) })
    }

    fn execute_many<'a>(&'a mut self, statement: Statement<'a>, params: &'a [Vec<Value>]) -> Answer<'a, u64> {
        Box::pin(self.many(statement, params))
    }

    fn commit(self: Box<Self>) -> Answer<'static, ()> {
        Box::pin(async move {
            let Some(mut lease) = self.lease.lock().await.take() else { return Err(late()) };
            // The server would answer COMMIT with a rollback, and call that a success.
            if self.failed {
                return Err(DatabaseError::Failed(
                    "a statement of the transaction failed, so all of it was rolled back".to_owned(),
                ));
            }
            lease.commit(self.until).await?;
            lease.give_back();
            Ok(())
        })
    }
}

impl Drop for PgTransaction {
    fn drop(&mut self) {
        self.timer.abort();
    }
}

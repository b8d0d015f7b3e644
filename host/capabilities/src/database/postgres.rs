//! Databases in PostgreSQL, from version 14 on.
//!
//! What a plugin may do there is bounded twice, and each bound is meant to hold alone: by the [`gate`], which parses each
//! statement before it is sent, and by the role that the label's address names, which [`Postgres::check`] looks at.
//! A session is for one plugin and label, never shared with others; see [`pool`] for how it comes back clean. Nothing of
//! a guest's is ever put into SQL but the statement itself, which is sent as one prepared statement with its values beside
//! it.

mod check;
mod codec;
mod error;
mod gate;
mod guard;
mod migrate;
mod options;
mod pool;
mod run;
mod session;
mod transaction;

use std::{sync::Arc, time::Duration};

use cofferdam_policy::DatabaseAccess;
use tokio::time::Instant;

pub use self::options::PostgresSettings;
use self::{
    gate::{Gate, Judged},
    pool::{Pool, Trust},
    transaction::PgTransaction,
};
use super::{
    DatabaseError, Table, Value,
    backend::{Answer, Backend, Dialect, Statement, Transaction},
};

/// One label in PostgreSQL, as one plugin may use it.
#[derive(Debug)]
pub struct Postgres {
    gate: Arc<Gate>,
    pool: Arc<Pool>,
}

impl Postgres {
    /// Makes ready to connect to `url`; nothing is sent yet.
    ///
    /// # Errors
    /// [`DatabaseError::Invalid`] if the address isn't one, without repeating it.
    pub fn new(url: &str, settings: PostgresSettings) -> Result<Self, DatabaseError> {
        let gate = Gate::new(settings.plugin.clone(), settings.label.clone(), settings.access);
        let options = options::parse(url, &settings)?;
        Ok(Self { gate: Arc::new(gate), pool: Arc::new(Pool::new(options, settings)) })
    }

    /// Looks at the role that the address names, and says in words for the operator's log what it may do beyond what the
    /// grant needs. Nothing is changed. `docs/postgres-role.sql` makes a role about which there is nothing to say.
    ///
    /// # Errors
    /// [`DatabaseError::Unavailable`] if the database doesn't answer.
    pub async fn check(&self) -> Result<Vec<String>, DatabaseError> {
        check::check(&self.pool, self.gate.access).await
    }

    /// The same, said in the log. It takes a session for a moment, so it is for a task of its own.
    pub async fn check_and_log(&self) {
        let (plugin, label) = (&self.gate.plugin, &self.gate.label);
        match self.check().await {
            Ok(said) => said.iter().for_each(|said| {
                tracing::warn!(target: "cofferdam::database", plugin, label, "of the role of this label: {said}");
            }),
            Err(error) => {
                tracing::warn!(target: "cofferdam::database", plugin, label, %error, "the role could not be checked");
            }
        }
    }

    async fn one(&self, statement: Statement<'_>) -> Result<run::Outcome, DatabaseError> {
        let judged = self.gate.judge(statement.sql)?;
        let until = Instant::now() + statement.time;
        // What only reads can be done twice.
        if self.gate.access > DatabaseAccess::Read {
            return self.once(&judged, statement, until, Trust::None).await;
        }
        match self.once(&judged, statement, until, Trust::Fresh).await {
            Err(DatabaseError::Unavailable(_)) => self.once(&judged, statement, until, Trust::None).await,
            answered => answered,
        }
    }

    async fn once(
        &self,
        judged: &Judged,
        statement: Statement<'_>,
        until: Instant,
        trust: Trust,
    ) -> Result<run::Outcome, DatabaseError> {
        let mut lease = self.pool.take(until, trust).await?;
        let outcome = lease.run(judged, statement, until).await?;
        lease.give_back();
        Ok(outcome)
    }

    async fn many(&self, statement: Statement<'_>, params: &[Vec<Value>]) -> Result<u64, DatabaseError> {
        let judged = self.gate.judge(statement.sql)?;
        let until = Instant::now() + statement.time;
        let mut lease = self.pool.take(until, Trust::None).await?;
        lease.begin(until).await?;
        let changed = lease.run_many(&judged, statement, params, until).await?;
        lease.commit(until).await?;
        lease.give_back();
        Ok(changed)
    }
}

impl Backend for Postgres {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn query<'a>(&'a self, statement: Statement<'a>) -> Answer<'a, Table> {
        Box::pin(async move { Ok(self.one(statement).await?.table) })
    }

    fn execute_many<'a>(&'a self, statement: Statement<'a>, params: &'a [Vec<Value>]) -> Answer<'a, u64> {
        Box::pin(self.many(statement, params))
    }

    fn execute<'a>(&'a self, statement: Statement<'a>) -> Answer<'a, u64> {
        Box::pin(async move { Ok(self.one(statement).await?.changed) })
    }

    fn begin(&self, time: Duration) -> Answer<'_, Box<dyn Transaction>> {
        Box::pin(async move {
            let until = Instant::now() + time;
            let mut lease = self.pool.take(until, Trust::None).await?;
            lease.begin(until).await?;
            Ok(Box::new(PgTransaction::new(Arc::clone(&self.gate), lease, until)) as Box<dyn Transaction>)
        })
    }

    fn migrate<'a>(&'a self, steps: &'a [String], time: Duration) -> Answer<'a, u32> {
        Box::pin(migrate::migrate(&self.gate, &self.pool, steps, time))
    }
}

//! Sessions of one plugin and label: so many and no more, handed out clean, and stopped in the server when whoever has one
//! lets go of it in the middle of something.
//!
//! The driver's own pool hands back a session as soon as its future is dropped, and then waits for the server to finish.
//! Here a statement that nobody waits for any more is cancelled through a session of the host's own, and if that doesn't
//! help, its session is terminated; its place is free again only then, so nothing piles up behind the scenes.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use cofferdam_policy::Code;
use futures::FutureExt as _;
use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};
use tokio::{
    runtime::Handle,
    sync::{Mutex as AsyncMutex, OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout, timeout_at},
};

use super::{
    super::{DatabaseError, Value, backend::Statement},
    error::{Failure, late, unavailable},
    gate::Judged,
    options::PostgresSettings,
    run::{self, Outcome},
    session::Session,
};

/// How long a cancelled statement may take to end before its session is terminated.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long tidying up may take before the session is given up.
const TIDYING: Duration = Duration::from_secs(2);

const CANCEL: &str =
    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND backend_start::text = $2";
const TERMINATE: &str =
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND backend_start::text = $2";

/// Sessions of one plugin and label.
pub(super) struct Pool {
    pub(super) options: PgConnectOptions,
    settings: PostgresSettings,
    idle: Mutex<Vec<Session>>,
    places: Arc<Semaphore>,
    /// The session that ends statements of the others. One at a time uses it, which is why its lock is held while it is
    /// waited for; each wait has a bound.
    control: AsyncMutex<Option<PgConnection>>,
}

/// Without the options: they would show the password.
impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// A session that someone has, and its place.
pub(super) struct Lease {
    pool: Arc<Pool>,
    session: Option<Session>,
    place: Option<OwnedSemaphorePermit>,
    /// Something was sent, and isn't answered.
    busy: bool,
    in_transaction: bool,
}

/// Which sessions are taken to be still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// Those that answered just now: asking again costs as much as a small query does. For what can be tried again.
    Fresh,
    /// None: each is asked.
    None,
}

impl Pool {
    pub(super) fn new(options: PgConnectOptions, settings: PostgresSettings) -> Self {
        let places = Arc::new(Semaphore::new(settings.connections.clamp(1, Semaphore::MAX_PERMITS)));
        Self { options, settings, idle: Mutex::default(), places, control: AsyncMutex::default() }
    }

    /// A session that answers, until then.
    pub(super) async fn take(self: &Arc<Self>, until: Instant, trust: Trust) -> Result<Lease, DatabaseError> {
        let place = match timeout_at(until, Arc::clone(&self.places).acquire_owned()).await {
            Ok(Ok(place)) => place,
            _ => {
                return Err(DatabaseError::Limit(format!(
                    "all {} connections of `{}` to `{}` stayed in use [{}]",
                    self.settings.connections,
                    self.settings.plugin,
                    self.settings.label,
                    Code::DatabaseLimit
                )));
            }
        };
        let session =
            timeout_at(until.min(Instant::now() + self.settings.connect), self.session(trust)).await;
        let session = session.map_err(|_| unavailable("the database didn't answer in time"))??;
        Ok(Lease {
            pool: Arc::clone(self),
            session: Some(session),
            place: Some(place),
            busy: false,
            in_transaction: false,
        })
    }

    async fn session(&self, trust: Trust) -> Result<Session, DatabaseError> {
        while let Some(mut session) = self.pop() {
            if trust == Trust::Fresh && session.is_fresh() {
                return Ok(session);
            }
            if matches!(timeout(TIDYING, calmly(session.is_alive())).await, Ok(Some(true))) {
                return Ok(session);
            }
        }
        match calmly(Session::open(&self.options)).await {
            Some(Ok(session)) => Ok(session),
            Some(Err(error)) => {
                tracing::warn!(target: "cofferdam::database", label = self.settings.label, %error, "no session with Postgres");
                Err(match Failure::from(error).error {
                    DatabaseError::Invalid(_) | DatabaseError::Failed(_) => {
                        unavailable("the database refused a session to the host")
                    }
                    error => error,
                })
            }
            None => Err(unavailable("the database sent what is no answer")),
        }
    }

    fn pop(&self) -> Option<Session> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn push(&self, session: Session) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(session);
    }

    /// Undoes what is left, and keeps the session if that worked.
    async fn tidy(
        self: Arc<Self>,
        mut session: Session,
        in_transaction: bool,
        place: Option<OwnedSemaphorePermit>,
    ) {
        let tidied = timeout(TIDYING, async {
            if in_transaction && session.own("ROLLBACK").await.is_err() {
                return false;
            }
            session.reset().await.is_ok()
        });
        match tidied.await {
            Ok(true) if session.is_young() => self.push(session),
            Ok(true) => drop(timeout(PATIENCE, session.connection.close()).await),
            Ok(false) => {}
            Err(_) => self.end(&session.who, TERMINATE).await,
        }
        drop(place);
    }

    /// Ends what a session does, and the session.
    async fn stop(self: Arc<Self>, mut session: Session, place: Option<OwnedSemaphorePermit>) {
        self.end(&session.who, CANCEL).await;
        if timeout(PATIENCE, calmly(session.settle())).await.is_err() {
            self.end(&session.who, TERMINATE).await;
        }
        // Closing is polite, and not waited for long.
        let _ = timeout(PATIENCE, calmly(session.connection.close())).await;
        drop(place);
    }

    /// Sends the word to end. If it can't be sent, the server finds out that the session's host is gone.
    async fn end(&self, who: &(i32, String), how: &'static str) {
        let ended = timeout(TIDYING, async {
            let mut control = self.control.lock().await;
            // Out of its place while it is used: one that is dropped midway isn't used again.
            let mut kept = control.take();
            let answers = match &mut kept {
                Some(connection) => connection.ping().await.is_ok(),
                None => false,
            };
            let mut connection = match kept {
                Some(connection) if answers => connection,
                _ => PgConnection::connect_with(&self.options).await?,
            };
            let query = sqlx::query(how).bind(who.0).bind(&who.1);
            query.execute(&mut connection).await?;
            *control = Some(connection);
            Ok::<_, sqlx::Error>(())
        });
        if !matches!(ended.await, Ok(Ok(()))) {
            tracing::warn!(
                target: "cofferdam::database", label = self.settings.label,
                "a statement could not be cancelled; the server ends it when it notices that its session is gone"
            );
        }
    }
}

/// The driver trusts a server's answers further than we do: a panic of its is an answer that can't be read.
async fn calmly<T>(future: impl Future<Output = T>) -> Option<T> {
    AssertUnwindSafe(future).catch_unwind().await.ok()
}

/// Runs a statement, prepared anew if a table has changed since it was prepared; in a transaction that is too late.
async fn run_fresh(
    session: &mut Session,
    judged: &Judged,
    statement: Statement<'_>,
    once_more: bool,
) -> Result<Outcome, Failure> {
    match run::run(&mut session.connection, judged, statement).await {
        Err(failure) if failure.stale => {
            session.connection.clear_cached_statements().await?;
            match once_more {
                true => run::run(&mut session.connection, judged, statement).await,
                false => Err(failure),
            }
        }
        ran => ran,
    }
}

impl Lease {
    /// Runs one statement until then.
    pub(super) async fn run(
        &mut self,
        judged: &Judged,
        statement: Statement<'_>,
        until: Instant,
    ) -> Result<Outcome, DatabaseError> {
        let once_more = !self.in_transaction;
        let session = self.enter()?;
        let ran = timeout_at(until, calmly(run_fresh(session, judged, statement, once_more))).await;
        self.leave(ran)
    }

    /// Runs one statement with each list of values, until then.
    pub(super) async fn run_many(
        &mut self,
        judged: &Judged,
        statement: Statement<'_>,
        params: &[Vec<Value>],
        until: Instant,
    ) -> Result<u64, DatabaseError> {
        let mut changed = 0_u64;
        for params in params {
            let outcome = self.run(judged, Statement { params, ..statement }, until).await?;
            changed = changed.saturating_add(outcome.changed);
        }
        Ok(changed)
    }

    /// Begins a transaction; for those who may only read, the session's default makes it one that can't write.
    pub(super) async fn begin(&mut self, until: Instant) -> Result<(), DatabaseError> {
        self.own("BEGIN", until).await?;
        self.in_transaction = true;
        Ok(())
    }

    pub(super) async fn commit(&mut self, until: Instant) -> Result<(), DatabaseError> {
        self.own("COMMIT", until).await?;
        self.in_transaction = false;
        Ok(())
    }

    /// Runs a statement of the host's own.
    pub(super) async fn own(&mut self, sql: &'static str, until: Instant) -> Result<(), DatabaseError> {
        let session = self.enter()?;
        let ran = timeout_at(until, calmly(session.own(sql))).await;
        self.leave(ran)
    }

    /// The session, for the host's own statements; whoever lets go of the future leaves it busy.
    pub(super) async fn with<T>(
        &mut self,
        until: Instant,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, DatabaseError> {
        let session = self.enter()?;
        let ran = timeout_at(until, calmly(work(&mut session.connection))).await;
        self.leave(ran.map(|ran| ran.map(|ran| ran.map_err(Failure::from))))
    }

    /// Hands the session back clean.
    pub(super) fn give_back(mut self) {
        self.let_go();
    }

    fn enter(&mut self) -> Result<&mut Session, DatabaseError> {
        if self.busy {
            return Err(DatabaseError::Failed(
                "the session was left in the middle of a statement".to_owned(),
            ));
        }
        let session = self.session.as_mut().ok_or_else(|| unavailable("the session is closed"))?;
        // Until it is known how it went: whoever drops the future leaves it at that.
        self.busy = true;
        Ok(session)
    }

    fn leave<T>(
        &mut self,
        ran: Result<Option<Result<T, Failure>>, tokio::time::error::Elapsed>,
    ) -> Result<T, DatabaseError> {
        match ran {
            Ok(Some(Ok(done))) => {
                self.busy = false;
                Ok(done)
            }
            Ok(Some(Err(failure))) => {
                self.busy = !failure.usable;
                Err(failure.error)
            }
            Ok(None) => {
                // Nothing that the driver was in the middle of can be trusted.
                self.session = None;
                Err(DatabaseError::Failed("the database sent what is no answer".to_owned()))
            }
            Err(_) => Err(late()),
        }
    }

    fn let_go(&mut self) {
        let (Some(session), place) = (self.session.take(), self.place.take()) else { return };
        // Without a runtime nothing can be sent; the server ends what a closed connection did.
        let Ok(runtime) = Handle::try_current() else { return };
        let pool = Arc::clone(&self.pool);
        if self.busy {
            drop(runtime.spawn(pool.stop(session, place)));
        } else {
            drop(runtime.spawn(pool.tidy(session, self.in_transaction, place)));
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.let_go();
    }
}

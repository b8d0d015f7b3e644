//! One session with the server.

use std::time::{Duration, Instant};

use sqlx::{Connection as _, Executor as _, PgConnection, Row as _, postgres::PgConnectOptions};

use super::error::Failure;

/// Undoes whatever a statement could leave in a session, but keeps what is prepared: a prepared statement is found by its
/// text alone, and only this plugin has it. So it is `DISCARD ALL` without `DEALLOCATE` and `DISCARD PLANS`. Settings go
/// back to what the session was opened with.
const RESET: &str = "CLOSE ALL; UNLISTEN *; SELECT pg_advisory_unlock_all(); RESET SESSION AUTHORIZATION; RESET ALL; \
                     DISCARD TEMP; DISCARD SEQUENCES";
/// How long a session is used: what it remembers of types and plans grows, and its credentials may have changed.
const LIFE: Duration = Duration::from_secs(1800);
/// How long an answer counts as just now.
const FRESH: Duration = Duration::from_secs(1);
/// Who a session is: numbers of processes come again, not at the same time.
const WHO: &str = "SELECT pid, backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()";

/// An open session.
pub(super) struct Session {
    pub(super) connection: PgConnection,
    /// The server's process, and since when.
    pub(super) who: (i32, String),
    opened: Instant,
    /// When the server last answered.
    answered: Instant,
}

impl Session {
    pub(super) async fn open(options: &PgConnectOptions) -> Result<Self, sqlx::Error> {
        let mut connection = PgConnection::connect_with(options).await?;
        let now = Instant::now();
        let row = connection.fetch_one(sqlx::raw_sql(WHO)).await?;
        // Simple queries answer in text.
        let pid: String = row.try_get_unchecked(0)?;
        let pid = pid.parse().map_err(|_| sqlx::Error::Protocol("no process number".to_owned()))?;
        Ok(Self { connection, who: (pid, row.try_get_unchecked(1)?), opened: now, answered: now })
    }

    /// Whether the server answered just now.
    pub(super) fn is_fresh(&self) -> bool {
        self.answered.elapsed() < FRESH
    }

    /// Whether it may be used once more.
    pub(super) fn is_young(&self) -> bool {
        self.opened.elapsed() < LIFE
    }

    /// Whether the server is still there.
    pub(super) async fn is_alive(&mut self) -> bool {
        self.connection.ping().await.is_ok()
    }

    /// Makes it as it was when it was opened.
    pub(super) async fn reset(&mut self) -> Result<(), sqlx::Error> {
        self.connection.execute(sqlx::raw_sql(RESET)).await?;
        self.answered = Instant::now();
        Ok(())
    }

    /// Runs a statement of the host's own.
    pub(super) async fn own(&mut self, sql: &'static str) -> Result<(), Failure> {
        self.connection.execute(sqlx::raw_sql(sql)).await?;
        Ok(())
    }

    /// Waits until the server has answered all that was sent, well or not.
    pub(super) async fn settle(&mut self) {
        // An error is an answer, too.
        let _ = self.connection.ping().await;
    }
}

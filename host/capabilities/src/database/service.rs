//! The databases of one plugin: which there are, opened when they are first used.
//!
//! Each plugin has connections of its own to each of its databases, so that nothing that one leaves behind in a connection
//! is found by another, and none takes the connections of another.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use cofferdam_policy::{
    Code, DatabaseGrant, DatabaseLimits, DatabasePermit, Label, PluginId, units::Quantity as _,
};

use super::{
    DatabaseError, DatabaseUrl, Table, Value,
    backend::{Backend, Dialect, Statement, Transaction},
    holder::{Claim, Holder},
    postgres::{Postgres, PostgresSettings},
    rows::Rows,
    sqlite::{Place, Sqlite},
};

/// What the operator says of one plugin's databases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatabaseSpec {
    /// Where the plugins' own databases are, absolute; none: they have none.
    pub data_dir: Option<PathBuf>,
    /// Which of the operator's it may open.
    pub grant: DatabaseGrant,
    /// Where those are.
    pub shared: Arc<BTreeMap<Label, DatabaseUrl>>,
    /// What it may use of each.
    pub limits: DatabaseLimits,
}

/// The databases of one plugin. Clones are the same.
#[derive(Clone)]
pub struct PluginDatabases(Arc<Inner>);

struct Inner {
    plugin: PluginId,
    spec: DatabaseSpec,
    opened: Mutex<HashMap<String, Arc<dyn Backend>>>,
}

impl PluginDatabases {
    /// Those of `plugin`, none of which is opened yet.
    #[must_use]
    pub fn new(plugin: PluginId, spec: DatabaseSpec) -> Self {
        Self(Arc::new(Inner { plugin, spec, opened: Mutex::default() }))
    }

    /// The database behind a label. Nothing is connected yet.
    ///
    /// # Errors
    /// [`DatabaseError::Denied`] without a grant, [`DatabaseError::Unavailable`] if there is no such database.
    pub fn open(&self, label: &str) -> Result<Database, DatabaseError> {
        let Inner { plugin, spec, opened } = &*self.0;
        let permit =
            spec.grant.permit(plugin, label).map_err(|denied| DatabaseError::Denied(denied.to_string()))?;
        let mut opened = opened.lock().unwrap_or_else(PoisonError::into_inner);
        let backend = match opened.get(label) {
            Some(backend) => Arc::clone(backend),
            None => {
                let backend = connect(permit, spec)?;
                opened.insert(label.to_owned(), Arc::clone(&backend));
                backend
            }
        };
        Ok(Database { label: label.to_owned(), backend, limits: spec.limits.clone() })
    }
}

impl PluginDatabases {
    /// Looks at the roles by which the plugin's granted servers are reached, and says in the log what they may do beyond
    /// its grants. Nobody waits for it.
    pub async fn look_at_roles(&self) {
        let Inner { plugin, spec, .. } = &*self.0;
        for (label, _) in spec.grant.labels() {
            let Some(DatabaseUrl::Postgres(url)) = spec.shared.get(label.as_str()) else { continue };
            let Ok(permit) = spec.grant.permit(plugin, label.as_str()) else { continue };
            match postgres(url, &permit, &spec.limits) {
                Ok(postgres) => postgres.check_and_log().await,
                Err(error) => {
                    tracing::warn!(target: "cofferdam::database", %plugin, %label, %error, "the database can't be used");
                }
            }
        }
    }
}

/// A backend for what is behind a permit's label.
fn connect(permit: DatabasePermit, spec: &DatabaseSpec) -> Result<Arc<dyn Backend>, DatabaseError> {
    let limits = spec.limits.clone();
    if permit.is_private() {
        let Some(data_dir) = &spec.data_dir else {
            return Err(DatabaseError::Unavailable("this host keeps no databases for plugins".to_owned()));
        };
        let file = own_file(data_dir, permit.plugin());
        return Ok(Arc::new(Sqlite::new(Place::Own(file), permit, limits)));
    }
    match spec.shared.get(permit.label()) {
        Some(DatabaseUrl::Sqlite(path)) => {
            Ok(Arc::new(Sqlite::new(Place::Shared(path.clone()), permit, limits)))
        }
        Some(DatabaseUrl::Postgres(url)) => Ok(Arc::new(postgres(url, &permit, &limits)?)),
        None => Err(DatabaseError::Unavailable(format!(
            "the host doesn't know where the database `{}` is",
            permit.label()
        ))),
    }
}

fn postgres(url: &str, permit: &DatabasePermit, limits: &DatabaseLimits) -> Result<Postgres, DatabaseError> {
    let settings = PostgresSettings {
        plugin: permit.plugin().to_string(),
        label: permit.label().to_owned(),
        access: permit.access(),
        connections: usize::try_from(limits.connections.value()).unwrap_or(1),
        statement: limits.statement.duration(),
        transaction: limits.transaction.duration(),
        connect: CONNECT.min(limits.statement.duration()),
    };
    Postgres::new(url, settings)
}

/// How long a server may take to answer at all.
const CONNECT: Duration = Duration::from_secs(5);

/// The file of a plugin's own database. An id has no separators and no dots.
#[must_use]
pub fn own_file(data_dir: &Path, plugin: &PluginId) -> PathBuf {
    data_dir.join(format!("{plugin}.sqlite3"))
}

/// A way to one database.
#[derive(Clone)]
pub struct Database {
    label: String,
    backend: Arc<dyn Backend>,
    limits: DatabaseLimits,
}

impl Database {
    /// How statements for it are written.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.backend.dialect()
    }

    /// A result, for a guest to read.
    ///
    /// # Errors
    /// [`DatabaseError::Limit`] if the call holds too much unread.
    pub fn rows(&self, table: Table, holder: &Holder) -> Result<Rows, DatabaseError> {
        Rows::new(table, &holder.results, &self.limits)
    }

    /// Runs a statement that gives rows, within `left` of time.
    ///
    /// # Errors
    /// As [`DatabaseError`] says.
    pub async fn query(&self, sql: &str, params: &[Value], left: Duration) -> Result<Table, DatabaseError> {
        self.backend.query(statement(&self.limits, sql, params, left)?).await
    }

    /// Runs a statement that gives none; how many rows changed.
    ///
    /// # Errors
    /// As [`DatabaseError`] says.
    pub async fn execute(&self, sql: &str, params: &[Value], left: Duration) -> Result<u64, DatabaseError> {
        self.backend.execute(statement(&self.limits, sql, params, left)?).await
    }

    /// Runs a statement with each list of values, all or none; how many rows changed.
    ///
    /// # Errors
    /// As [`DatabaseError`] says.
    pub async fn execute_many(
        &self,
        sql: &str,
        params: &[Vec<Value>],
        left: Duration,
    ) -> Result<u64, DatabaseError> {
        self.backend.execute_many(statement_of_many(&self.limits, sql, params, left)?, params).await
    }

    /// Begins a transaction, the only one of `holder` in this database.
    ///
    /// # Errors
    /// As [`DatabaseError`] says; [`DatabaseError::Invalid`] if there is one already.
    pub async fn begin(&self, holder: &Holder, left: Duration) -> Result<OpenTransaction, DatabaseError> {
        let claim = holder.claim(&self.label)?;
        let inner = self.backend.begin(left.min(self.limits.transaction.duration())).await?;
        Ok(OpenTransaction { inner, limits: self.limits.clone(), claim })
    }

    /// Brings the database to where `steps` ends; how many steps that took.
    ///
    /// # Errors
    /// As [`DatabaseError`] says.
    pub async fn migrate(&self, steps: &[String], left: Duration) -> Result<u32, DatabaseError> {
        self.backend.migrate(steps, left.min(self.limits.transaction.duration())).await
    }
}

/// A transaction that is open. Dropping it rolls back.
pub struct OpenTransaction {
    inner: Box<dyn Transaction>,
    limits: DatabaseLimits,
    claim: Claim,
}

impl OpenTransaction {
    /// A result, for a guest to read.
    ///
    /// # Errors
    /// [`DatabaseError::Limit`] if the call holds too much unread.
    pub fn rows(&self, table: Table, holder: &Holder) -> Result<Rows, DatabaseError> {
        Rows::new(table, &holder.results, &self.limits)
    }

    /// As for a [`Database`].
    ///
    /// # Errors
    /// As [`DatabaseError`] says.
    pub async fn query(
        &mut self,
        sql: &str,
        params: &[Value],
        left: Duration,
    ) -> Result<Table, DatabaseError> {
        self.inner.query(statement(&self.limits, sql, params, left)?).await
    }

    /// As for a [`Database`].
    ///
    /// # Errors
    /// As [`DatabaseError`] says.
    pub async fn execute(
        &mut self,
        sql: &str,
        params: &[Value],
        left: Duration,
    ) -> Result<u64, DatabaseError> {
        self.inner.execute(statement(&self.limits, sql, params, left)?).await
    }

    /// As for a [`Database`].
    ///
    /// # Errors
    /// As [`DatabaseError`] says.
    pub async fn execute_many(
        &mut self,
        sql: &str,
        params: &[Vec<Value>],
        left: Duration,
    ) -> Result<u64, DatabaseError> {
        self.inner.execute_many(statement_of_many(&self.limits, sql, params, left)?, params).await
    }

    /// Makes it last.
    ///
    /// # Errors
    /// As [`DatabaseError`] says; then nothing of it lasts.
    pub async fn commit(self) -> Result<(), DatabaseError> {
        let Self { inner, claim, .. } = self;
        let done = inner.commit().await;
        drop(claim);
        done
    }
}

fn statement<'a>(
    limits: &DatabaseLimits,
    sql: &'a str,
    params: &'a [Value],
    left: Duration,
) -> Result<Statement<'a>, DatabaseError> {
    few_enough(limits, params)?;
    let (rows, bytes) = (limits.rows.value(), limits.result.value());
    Ok(Statement { sql, params, time: limits.statement.duration().min(left), rows, bytes })
}

fn statement_of_many<'a>(
    limits: &DatabaseLimits,
    sql: &'a str,
    params: &[Vec<Value>],
    left: Duration,
) -> Result<Statement<'a>, DatabaseError> {
    params.iter().try_for_each(|params| few_enough(limits, params))?;
    statement(limits, sql, &[], left)
}

fn few_enough(limits: &DatabaseLimits, params: &[Value]) -> Result<(), DatabaseError> {
    if params.len() as u64 <= limits.parameters.value() {
        return Ok(());
    }
    Err(DatabaseError::Limit(format!(
        "{} values beside a statement, expected at most {} (`parameters` of `database_limits`) [{}]",
        params.len(),
        limits.parameters,
        Code::DatabaseLimit
    )))
}

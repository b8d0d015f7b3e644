//! A plugin with databases in a directory of the test's own.

use std::{path::Path, sync::Arc, time::Duration};

use cofferdam_capabilities::database::{
    Database, DatabaseError, DatabaseSpec, DatabaseUrl, PluginDatabases, Table, Value,
};
use cofferdam_policy::{DatabaseAccess, DatabaseGrant, DatabaseLimits, Label, PluginId};

/// More than any statement of these tests takes.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// Databases of a plugin `p`, with its own and the operator's `shop`.
pub(crate) struct Place {
    pub(crate) folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn own_file(&self) -> std::path::PathBuf {
        self.data().join("p.sqlite3")
    }

    pub(crate) fn shop_file(&self) -> std::path::PathBuf {
        self.folder.path().join("shop.db")
    }

    pub(crate) fn spec(&self, access: DatabaseAccess, limits: DatabaseLimits) -> DatabaseSpec {
        let shop = Label::parse("shop").unwrap();
        DatabaseSpec {
            data_dir: Some(self.data()),
            grant: DatabaseGrant::new([(shop.clone(), access)]),
            shared: Arc::new([(shop, DatabaseUrl::Sqlite(self.shop_file()))].into()),
            limits,
        }
    }

    pub(crate) fn plugin(&self, id: &str, access: DatabaseAccess, limits: DatabaseLimits) -> PluginDatabases {
        PluginDatabases::new(PluginId::parse(id).unwrap(), self.spec(access, limits))
    }

    /// The plugin's own database.
    pub(crate) fn own(&self) -> Database {
        self.own_within(DatabaseLimits::default())
    }

    pub(crate) fn own_within(&self, limits: DatabaseLimits) -> Database {
        self.plugin("p", DatabaseAccess::Read, limits).open("private").unwrap()
    }

    /// The operator's database, which the operator filled.
    pub(crate) async fn shop(&self, access: DatabaseAccess) -> Database {
        let path = self.shop_file();
        if !path.exists() {
            operator(&path, "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO items (name) VALUES ('one'), ('two')").await;
        }
        self.plugin("p", access, DatabaseLimits::default()).open("shop").unwrap()
    }

    /// Every file there is, by its size: what moves when a statement does more than it may.
    pub(crate) fn files(&self) -> Vec<(String, u64)> {
        let mut found = Vec::new();
        collect(self.folder.path(), &mut found);
        found.sort();
        found
    }
}

fn collect(folder: &Path, found: &mut Vec<(String, u64)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else {
            found.push((path.display().to_string(), path.metadata().unwrap().len()));
        }
    }
}

/// Runs statements as the operator would, without any of our rules.
pub(crate) async fn operator(path: &Path, sql: &'static str) {
    use sqlx::Connection as _;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

pub(crate) async fn query(database: &Database, sql: &str) -> Result<Table, DatabaseError> {
    database.query(sql, &[], LONG).await
}

pub(crate) async fn execute(database: &Database, sql: &str) -> Result<u64, DatabaseError> {
    database.execute(sql, &[], LONG).await
}

/// The only value of the only row.
pub(crate) async fn one(database: &Database, sql: &str) -> Value {
    let mut table = query(database, sql).await.unwrap();
    assert_eq!((table.rows.len(), table.columns.len()), (1, 1), "{table:?}");
    table.rows.remove(0).remove(0)
}

pub(crate) fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

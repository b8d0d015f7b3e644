//! Each layer alone: the authorizer without the reading of the text, and every setting as the library has it.

use std::time::Duration;

use cofferdam_policy::{
    DatabaseGrant, PluginId,
    sqlite::{COLUMNS, Kind},
};

use super::*;
use crate::database::sqlite::native;

fn shared(folder: &tempfile::TempDir) -> Shared {
    let permit = DatabaseGrant::default().permit(&PluginId::parse("p").unwrap(), "private").unwrap();
    let limits = DatabaseLimits::default();
    let pool = Pool::new(Place::Own(folder.path().join("data/p.sqlite3")), permit.clone(), limits.clone());
    Shared { permit, limits, pool, migrating: tokio::sync::Mutex::new(()) }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

/// Runs a text as it is, without reading it first.
async fn unread(shared: &Shared, sql: &str) -> Result<u64, DatabaseError> {
    let work =
        Work { sql, kind: Kind::Change, parameters: 0, params: &[], until: soon(), rows: 9, bytes: 9_999 };
    let mut lease = shared.pool.take(soon()).await?;
    let answer = lease.execute(&work, &[], shared).await;
    lease.settle(&answer);
    answer
}

#[tokio::test]
async fn the_authorizer_alone_refuses_what_reaches_outside() {
    let folder = tempfile::tempdir().unwrap();
    let shared = shared(&folder);
    unread(&shared, "CREATE TABLE t (a)").await.unwrap();
    for sql in [
        "ATTACH 'other.db' AS other",
        "DETACH main",
        "VACUUM",
        "VACUUM INTO 'copy.db'",
        "ANALYZE",
        "BEGIN",
        "BEGIN EXCLUSIVE",
        "COMMIT",
        "END",
        "ROLLBACK",
        "SAVEPOINT s",
        "RELEASE s",
        "PRAGMA writable_schema = 1",
        "CREATE TEMP TABLE x (a)",
        "SELECT load_extension('x')",
    ] {
        let answer = unread(&shared, sql).await;
        assert!(matches!(answer, Err(DatabaseError::Denied(_))), "{sql}: {answer:?}");
    }
    // Both of two are asked for.
    let answer = unread(&shared, "INSERT INTO t VALUES (1); ATTACH 'x' AS y").await;
    assert!(matches!(answer, Err(DatabaseError::Denied(_))), "{answer:?}");
    assert_eq!(
        std::fs::read_dir(folder.path().join("data")).unwrap().count(),
        3,
        "the file, its log and its index"
    );
}

#[tokio::test]
async fn what_the_host_may_do_is_not_left_open_for_the_plugin() {
    let folder = tempfile::tempdir().unwrap();
    let shared = shared(&folder);
    let mut lease = shared.pool.take(soon()).await.unwrap();
    // The plugin asks for it before and after; the host's own is compiled for the host alone.
    for _ in 0..3 {
        let work = Work {
            sql: "COMMIT",
            kind: Kind::Change,
            parameters: 0,
            params: &[],
            until: soon(),
            rows: 0,
            bytes: 0,
        };
        let denied = lease.execute(&work, &[], &shared).await;
        assert!(matches!(denied, Err(DatabaseError::Denied(_))), "{denied:?}");
        lease.host("BEGIN IMMEDIATE", soon(), &shared).await.unwrap();
        assert!(lease.is_in_transaction().await);
        lease.host("COMMIT", soon(), &shared).await.unwrap();
        assert!(!lease.is_in_transaction().await);
    }
}

#[tokio::test]
async fn every_limit_and_switch_stands_as_it_should() {
    let folder = tempfile::tempdir().unwrap();
    let shared = shared(&folder);
    let mut lease = shared.pool.take(soon()).await.unwrap();
    let mut handle = lease.host_connection(soon()).lock_handle().await.unwrap();
    let (limits, switches, heap) = native::read_back(&mut handle);
    assert_eq!(limits, [1 << 20, 100 << 10, COLUMNS, 100, 10, 25_000, 100, 0, 50, 1_000, 10, 0]);
    assert_eq!(switches, [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(heap, 512 << 20);
    drop(handle);
    let connection = lease.host_connection(soon());
    for (pragma, expected) in [
        ("PRAGMA foreign_keys", "1"),
        ("PRAGMA trusted_schema", "0"),
        ("PRAGMA cell_size_check", "1"),
        ("PRAGMA mmap_size", "0"),
        ("PRAGMA temp_store", "2"),
        ("PRAGMA journal_mode", "wal"),
        ("PRAGMA synchronous", "1"),
        ("PRAGMA max_page_count", "16384"),
        ("PRAGMA journal_size_limit", "4194304"),
        ("PRAGMA busy_timeout", "1000"),
    ] {
        use sqlx::{Row as _, ValueRef as _};
        let row = sqlx::query(pragma).persistent(false).fetch_optional(&mut *connection).await.unwrap();
        let found = row.map(|row| {
            let raw = row.try_get_raw(0).unwrap();
            assert!(!raw.is_null());
            row.try_get_unchecked::<String, _>(0).unwrap()
        });
        // A mapping of no bytes is no row.
        assert_eq!(found.as_deref().unwrap_or("0"), expected, "{pragma}");
    }
}

//! Databases through the real path: what a plugin keeps is its own, what it may open was granted, and all has bounds.

mod hostile;

use std::sync::Arc;

use cofferdam_runtime::{
    PluginSpec,
    capabilities::{
        DatabaseSpec,
        database::{DatabaseUrl, own_file},
    },
    content::Outcome,
    error::LimitHit,
    policy::{
        CallLimits, DatabaseAccess, DatabaseGrant, DatabaseLimits, Label, LimitKind, LimitsConfig, PluginId,
        units::{Bytes, Count, Millis, Quantity as _},
    },
};
use cofferdam_tests::{Setup, TestHost, guest::Sandbox};
use futures::future::join_all;
use serde_json::{Value, json};

/// A directory for databases, and who may do what in them.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn spec(&self, grant: &[(&str, DatabaseAccess)], limits: DatabaseLimits) -> PluginSpec {
        let label = |label: &str| Label::parse(label).unwrap();
        // The operator's file is the private one of a plugin of that name: so there is one.
        let file = |name: &str| DatabaseUrl::Sqlite(own_file(&self.data(), &PluginId::parse(name).unwrap()));
        let databases = DatabaseSpec {
            data_dir: Some(self.data()),
            grant: DatabaseGrant::new(grant.iter().map(|(name, access)| (label(name), *access))),
            shared: Arc::new(grant.iter().map(|(name, _)| (label(name), file(name))).collect()),
            limits,
        };
        PluginSpec { databases, ..PluginSpec::default() }
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    fn plugin(&self, id: &str) -> Setup {
        self.within(id, DatabaseLimits::default())
    }

    fn within(&self, id: &str, limits: DatabaseLimits) -> Setup {
        Setup::of(Sandbox::Database).id(id).spec(self.spec(&[], limits))
    }

    fn granted(&self, id: &str, grant: &[(&str, DatabaseAccess)]) -> Setup {
        Setup::of(Sandbox::Database).id(id).spec(self.spec(grant, DatabaseLimits::default()))
    }
}

/// What each step of one call gave.
async fn run(host: &TestHost, plugin: &str, steps: Value) -> Vec<Value> {
    run_in(host, plugin, "private", steps).await
}

async fn run_in(host: &TestHost, plugin: &str, label: &str, steps: Value) -> Vec<Value> {
    let result = host.result(&format!("{plugin}_run"), json!({ "label": label, "steps": steps })).await;
    let Some(Value::Array(done)) = result.structured.unwrap_or_default().get("result").cloned() else {
        panic!("no result")
    };
    done
}

fn query(sql: &str) -> Value {
    json!({ "act": "query", "sql": sql })
}

fn execute(sql: &str) -> Value {
    json!({ "act": "execute", "sql": sql })
}

/// The kind of a refusal, and its words.
fn refusal(value: &Value) -> (&str, &str) {
    match (value["error"][0].as_str(), value["error"][1].as_str()) {
        (Some(kind), Some(text)) => (kind, text),
        _ => panic!("no refusal: {value}"),
    }
}

const TABLE: &str = "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)";
const COUNT: &str = "SELECT count(*) FROM t";

#[tokio::test]
pub(crate) async fn a_plugin_keeps_rows_from_call_to_call() {
    let place = Place::new();
    let host = TestHost::start([place.plugin("p")]).await;
    let steps = json!([
        { "act": "migrate", "texts": [TABLE] },
        { "act": "execute", "sql": "INSERT INTO t (b) VALUES (?1)", "params": ["'); DROP TABLE t; --"] },
        { "act": "many", "sql": "INSERT INTO t (b) VALUES (?1)", "params": [[true], [null], [1.5]] },
        { "act": "dialect" },
    ]);
    assert_eq!(run(&host, "p", steps).await, [json!(1), json!(1), json!(3), json!("Dialect::Sqlite")]);
    let steps = json!([{ "act": "migrate", "texts": [TABLE] }, query("SELECT b FROM t ORDER BY a")]);
    let rows = json!([["'); DROP TABLE t; --"], ["1"], [null], ["1.5"]]);
    assert_eq!(run(&host, "p", steps).await, [json!(0), rows]);
}

#[tokio::test]
async fn what_no_database_may_do_is_denied_and_nothing_else_moves() {
    let place = Place::new();
    let host = TestHost::start([place.plugin("p"), place.plugin("q")]).await;
    for id in ["p", "q"] {
        run(&host, id, json!([execute(TABLE)])).await;
    }
    let files = || {
        let mut names: Vec<_> =
            std::fs::read_dir(place.data()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = files();
    let q = own_file(&place.data(), &PluginId::parse("q").unwrap());
    for (sql, code) in [
        (format!("ATTACH '{}' AS q", q.display()), "[C0403]"),
        (format!("VACUUM INTO '{}/copy'", place.data().display()), "[C0403]"),
        ("PRAGMA writable_schema = 1".to_owned(), "[C0403]"),
        ("CREATE TEMP TABLE x (a)".to_owned(), "[C0403]"),
        ("SELECT load_extension('x')".to_owned(), "[C0404]"),
        ("SELECT * FROM dbstat".to_owned(), "[C0405]"),
    ] {
        let done = run(&host, "p", json!([query(&sql), execute(&sql)])).await;
        for answer in &done {
            let (kind, text) = refusal(answer);
            assert!(kind == "denied" && text.ends_with(code), "{sql}: {text}");
        }
    }
    assert_eq!(files(), before);
    // Two statements, and what is left of one that can't be.
    let stacked = "SELECT 1; DROP TABLE t";
    let done = run(&host, "p", json!([query(stacked), execute(stacked), query(COUNT)])).await;
    assert_eq!(refusal(&done[0]).0, "invalid");
    assert_eq!(refusal(&done[1]).0, "invalid");
    assert_eq!(done[2], json!([[0]]));
}

#[tokio::test]
async fn a_plugin_opens_what_was_granted_and_as_far_as_that_goes() {
    let place = Place::new();
    let grants = [("a", DatabaseAccess::Read), ("b", DatabaseAccess::Write)];
    let host = TestHost::start([place.plugin("a"), place.plugin("b"), place.granted("p", &grants)]).await;
    for id in ["a", "b"] {
        run(&host, id, json!([execute(TABLE), execute("INSERT INTO t (b) VALUES ('x')")])).await;
    }
    let steps = json!([query(COUNT), execute("DELETE FROM t"), execute("DROP TABLE t")]);
    let done = run_in(&host, "p", "a", steps.clone()).await;
    assert_eq!(done[0], json!([[1]]));
    let denied = "`p` has `read` for the database `a`, and this needs `write` [C0402]; \
                  to allow it, run: cofferdam grant p database a write";
    assert_eq!(refusal(&done[1]), ("denied", denied));
    let done = run_in(&host, "p", "b", steps).await;
    assert_eq!(done[1], json!(1));
    assert!(refusal(&done[2]).1.ends_with("run: cofferdam grant p database b schema"));
    for label in ["c", "b.sqlite3", "../data/b", ""] {
        let done = run_in(&host, "p", label, json!([])).await;
        let (kind, text) = refusal(&done[0]);
        assert!(kind == "denied" && text.contains("[C0401]"), "{label}: {text}");
    }
    let done = run_in(&host, "p", "c", json!([])).await;
    assert!(refusal(&done[0]).1.ends_with("to allow it, run: cofferdam grant p database c read"));
}

#[tokio::test]
async fn a_transaction_is_rolled_back_when_it_is_dropped_and_when_its_call_ends() {
    let place = Place::new();
    let host = TestHost::start([place.plugin("p")]).await;
    run(&host, "p", json!([execute(TABLE)])).await;
    let insert = execute("INSERT INTO t (b) VALUES ('x')");
    // Dropped, left open, and left behind by a trap.
    run(&host, "p", json!([{ "act": "begin" }, insert, { "act": "drop" }])).await;
    run(&host, "p", json!([{ "act": "begin" }, insert])).await;
    let steps = json!([{ "act": "begin" }, insert, { "act": "trap" }]);
    assert!(host.call("p_run", json!({ "steps": steps })).await.result.is_err());
    let steps = json!([
        query(COUNT),
        { "act": "begin" },
        { "act": "begin" },
        insert,
        { "act": "commit" },
        query(COUNT),
    ]);
    let done = run(&host, "p", steps).await;
    assert_eq!(done[0], json!([[0]]));
    assert!(refusal(&done[2]).1.contains("has a transaction open"), "{}", done[2]);
    assert_eq!(done[3..], [json!(1), json!("committed"), json!([[1]])]);
}

#[tokio::test]
async fn a_statement_ends_with_its_time_or_its_call() {
    let place = Place::new();
    let endless = "WITH RECURSIVE n(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n) SELECT count(*) FROM n";
    let short = DatabaseLimits { statement: Millis::of(50), ..DatabaseLimits::default() };
    let hurried = place
        .plugin("q")
        .call_limits(&LimitsConfig { deadline: Some(Millis::of(100)), ..LimitsConfig::default() });
    let host = TestHost::start([place.within("p", short), hurried]).await;
    let done = run(&host, "p", json!([query(endless), query("SELECT 1")])).await;
    let (kind, text) = refusal(&done[0]);
    assert!(kind == "limit" && text.contains("`statement`") && text.ends_with("[C0411]"), "{text}");
    assert_eq!(done[1], json!([[1]]));
    let steps = json!([query(endless)]);
    match host.call("q_run", json!({ "steps": steps })).await.result {
        // The statement's end and the call's are the same moment.
        Err(cofferdam_runtime::CallError::Limit(LimitHit { kind: LimitKind::Deadline, .. })) => {}
        Ok(Outcome::Complete(result)) => {
            assert_eq!(refusal(&result.structured.unwrap()["result"][0]).0, "limit")
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(run(&host, "q", json!([query("SELECT 1")])).await, [json!([[1]])]);
}

#[tokio::test]
async fn rows_come_in_pages_and_within_their_bounds() {
    let place = Place::new();
    let limits =
        DatabaseLimits { rows: Count::of(100), result: Bytes::of(100_000), ..DatabaseLimits::default() };
    let tight = CallLimits { host_call_bytes: Bytes::of(64 << 10), ..CallLimits::default() };
    let spec = PluginSpec { limits: tight, ..place.spec(&[], limits) };
    let host = TestHost::start([Setup::of(Sandbox::Database).id("p").spec(spec)]).await;
    let numbers = |count: usize, column: &str| {
        format!(
            "WITH RECURSIVE n(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n LIMIT {count}) SELECT {column} FROM n"
        )
    };
    let steps = json!([
        { "act": "query", "sql": numbers(100, "a"), "page": 40 },
        { "act": "query", "sql": numbers(9, "zeroblob(10000)"), "page": 100 },
        query(&numbers(101, "a")),
        query(&numbers(20, "zeroblob(10000)")),
        { "act": "keep", "sql": "SELECT zeroblob(99000)", "times": 5 },
    ]);
    let done = run(&host, "p", steps).await;
    assert_eq!(done[..2], [json!([40, 40, 20]), json!([6, 3])]);
    assert!(refusal(&done[2]).1.ends_with("(`rows` of `database_limits`) [C0410]"), "{}", done[2]);
    assert!(refusal(&done[3]).1.ends_with("(`result` of `database_limits`) [C0410]"), "{}", done[3]);
    assert_eq!(done[4..8], [1, 2, 3, 4].map(Value::from));
    assert!(refusal(&done[8]).1.contains("unread"), "{}", done[8]);
}

#[tokio::test]
async fn each_statement_counts_as_a_call_into_the_host() {
    let place = Place::new();
    let limits = LimitsConfig { host_calls: Some(Count::of(50)), ..LimitsConfig::default() };
    let host = TestHost::start([place.plugin("p").call_limits(&limits)]).await;
    run(&host, "p", json!([execute(TABLE)])).await;
    let many = json!({ "act": "many", "sql": "INSERT INTO t (b) VALUES (?1)", "params": vec![["x"]; 50] });
    let error = host.call("p_run", json!({ "steps": [many] })).await.result.unwrap_err();
    let hit = LimitHit { kind: LimitKind::HostCalls, ceiling: "50".to_owned() };
    assert_eq!(error, cofferdam_runtime::CallError::Limit(hit));
    assert_eq!(run(&host, "p", json!([query(COUNT)])).await, [json!([[0]])]);
}

#[tokio::test]
async fn a_file_is_full_at_its_size_and_hurts_no_other() {
    let place = Place::new();
    let limits = DatabaseLimits { size: Bytes::of(512 << 10), ..DatabaseLimits::default() };
    let host = TestHost::start([place.within("p", limits), place.plugin("q")]).await;
    let insert =
        json!({ "act": "execute", "sql": "INSERT INTO t (b) VALUES (hex(randomblob(50000)))", "times": 20 });
    let done = run(&host, "p", json!([execute(TABLE), insert])).await;
    let (kind, text) = refusal(done.last().unwrap());
    assert!(kind == "limit" && text.ends_with("[C0412]"), "{text}");
    let file = own_file(&place.data(), &PluginId::parse("p").unwrap());
    assert!(file.metadata().unwrap().len() <= 512 << 10);
    let insert =
        json!({ "act": "execute", "sql": "INSERT INTO t (b) VALUES (hex(randomblob(50000)))", "times": 20 });
    let done = run(&host, "q", json!([execute(TABLE), insert, query(COUNT)])).await;
    assert_eq!(done.last(), Some(&json!([[20]])));
}

#[tokio::test]
async fn many_calls_share_their_plugin_s_connections() {
    let place = Place::new();
    let host = TestHost::start([place.plugin("p"), place.plugin("q")]).await;
    for id in ["p", "q"] {
        run(&host, id, json!([execute(TABLE)])).await;
    }
    let steps = json!([execute("INSERT INTO t (b) VALUES ('x')"), query("SELECT 1")]);
    let calls = (0..100).map(|n| run(&host, if n % 2 == 0 { "p" } else { "q" }, steps.clone()));
    for done in join_all(calls).await {
        assert_eq!(done, [json!(1), json!([[1]])]);
    }
    for id in ["p", "q"] {
        assert_eq!(run(&host, id, json!([query(COUNT)])).await, [json!([[50]])]);
    }
}

#[tokio::test]
async fn the_next_version_goes_on_with_the_database_and_another_policy_is_not_met_with_old_connections() {
    let place = Place::new();
    let grant = |access| [("a", access)];
    let host = TestHost::start([place.plugin("a"), place.granted("p", &grant(DatabaseAccess::Write))]).await;
    run(&host, "a", json!([execute(TABLE)])).await;
    assert_eq!(run_in(&host, "p", "a", json!([execute("INSERT INTO t (b) VALUES ('x')")])).await, [json!(1)]);
    host.publish([place.plugin("a"), place.granted("p", &grant(DatabaseAccess::Read))]).await;
    let done =
        run_in(&host, "p", "a", json!([query(COUNT), execute("INSERT INTO t (b) VALUES ('x')")])).await;
    assert_eq!(done[0], json!([[1]]));
    assert_eq!(refusal(&done[1]).0, "denied");
    host.publish([place.plugin("a"), place.plugin("p")]).await;
    assert!(refusal(&run_in(&host, "p", "a", json!([])).await[0]).1.contains("[C0401]"));
    assert_eq!(run(&host, "a", json!([query(COUNT)])).await, [json!([[1]])]);
}

#[tokio::test]
async fn no_error_shows_where_anything_is() {
    let place = Place::new();
    let granted = place.granted("p", &[("gone", DatabaseAccess::Read)]);
    let host = TestHost::start([granted, place.plugin("q")]).await;
    run(&host, "p", json!([execute(TABLE)])).await;
    let file = own_file(&place.data(), &PluginId::parse("q").unwrap());
    let mut texts = Vec::new();
    let steps =
        json!([query("SELECT * FROM missing"), query("SELECT"), execute("INSERT INTO t VALUES (1, 1, 1)")]);
    texts.extend(run(&host, "p", steps).await);
    texts.extend(run_in(&host, "p", "gone", json!([query("SELECT 1")])).await);
    std::fs::write(&file, b"no database at all".repeat(1_000)).unwrap();
    texts.extend(run(&host, "q", json!([query(COUNT)])).await);
    assert_eq!(
        texts.iter().map(|text| refusal(text).0).collect::<Vec<_>>(),
        ["invalid", "invalid", "invalid", "unavailable", "failed"]
    );
    for text in &texts {
        let text = refusal(text).1;
        assert!(!text.contains('/') && !text.contains(".sqlite3"), "{text}");
    }
}

#[tokio::test]
async fn a_host_without_a_place_for_databases_has_none() {
    let host = TestHost::start([Setup::of(Sandbox::Database).id("p")]).await;
    assert_eq!(
        refusal(&run(&host, "p", json!([query("SELECT 1")])).await[0]),
        ("unavailable", "this host keeps no databases for plugins")
    );
}

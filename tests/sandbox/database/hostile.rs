//! What plugins would do to each other and to the database itself, tried in number.

use cofferdam_runtime::{
    PluginSpec,
    capabilities::database::own_file,
    policy::{
        CallLimits, DatabaseLimits, PluginId,
        units::{Count, Quantity as _},
    },
};
use cofferdam_tests::{Setup, TestHost, guest::Sandbox, injection};
use serde_json::{Value, json};

use super::{COUNT, Place, execute, query, refusal, run, run_in};

const SCHEMA: &str = "SELECT type, name, sql FROM sqlite_schema ORDER BY name";

#[tokio::test]
async fn thousands_of_hostile_values_come_back_as_they_went_in() {
    let place = Place::new();
    let limits = CallLimits {
        host_calls: Count::of(100_000),
        fuel: Count::of(20_000_000_000),
        ..CallLimits::default()
    };
    let spec = PluginSpec { limits, ..place.spec(&[], DatabaseLimits::default()) };
    let host = TestHost::start([Setup::of(Sandbox::Database).id("p").spec(spec)]).await;
    let texts = injection::texts();
    assert!(texts.len() > 2_000, "{} texts", texts.len());
    let made =
        run(&host, "p", json!([execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)"), query(SCHEMA)]))
            .await;
    for (index, some) in texts.chunks(500).enumerate() {
        let lists: Vec<_> = some.iter().map(|text| json!([text])).collect();
        let steps = json!([
            { "act": "many", "sql": "INSERT INTO t (b) VALUES (?1)", "params": lists },
            { "act": "query", "sql": "SELECT b FROM t WHERE a > ?1 ORDER BY a", "params": [index * 500] },
        ]);
        let done = run(&host, "p", steps).await;
        assert_eq!(done, [json!(some.len()), json!(lists)]);
        // Each finds itself and nothing else.
        let find =
            |text| json!({ "act": "query", "sql": "SELECT count(*) FROM t WHERE b = ?1", "params": [text] });
        let steps: Vec<_> = some.iter().map(find).collect();
        assert_eq!(run(&host, "p", json!(steps)).await, vec![json!([[1]]); some.len()]);
    }
    let left = run(&host, "p", json!([query(SCHEMA), query(COUNT)])).await;
    assert_eq!(left, [made[1].clone(), json!([[texts.len()]])]);
}

#[tokio::test]
async fn no_plugin_of_many_finds_what_another_one_has() {
    let place = Place::new();
    let ids = ["a", "b", "a-b", "ab", "c"];
    let host = TestHost::start(ids.map(|id| place.plugin(id))).await;
    let own = |id: &str| format!("{id} keeps this");
    for id in ids {
        let insert = json!({ "act": "execute", "sql": "INSERT INTO t (b) VALUES (?1)", "params": [own(id)] });
        run(&host, id, json!([execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)"), insert])).await;
    }
    for id in ids {
        for other in ids.iter().filter(|other| **other != id) {
            for label in [
                (*other).to_owned(),
                format!("{other}.sqlite3"),
                format!("private/{other}"),
                format!("../data/{other}"),
            ] {
                let done = run_in(&host, id, &label, json!([query("SELECT b FROM t")])).await;
                let (kind, text) = refusal(&done[0]);
                assert!(kind == "denied" && text.contains("[C0401]"), "{id} opens {label}: {text}");
            }
            let file = own_file(&place.data(), &PluginId::parse(other).unwrap());
            let attach = format!("ATTACH '{}' AS x", file.display());
            let steps = json!([execute(&attach), query("SELECT b FROM x.t")]);
            let done = run(&host, id, steps).await;
            assert_eq!(
                done.iter().map(|answer| refusal(answer).0).collect::<Vec<_>>(),
                ["denied", "invalid"]
            );
        }
    }
    for id in ids {
        let kept: Vec<Value> = run(&host, id, json!([query("SELECT b FROM t")])).await;
        assert_eq!(kept, [json!([[own(id)]])]);
    }
}

//! Results that are reused: of the same thing alone, and never of what failed or wasn't declared.

use std::sync::Arc;

use cofferdam_runtime::{
    CallReport, PluginSpec, Usage,
    capabilities::{CallContext, Caller, Client, Principal, Settings},
    content::Outcome,
};
use cofferdam_tests::{Setup, TestHost, guest::Sandbox, host::text};
use futures::future::join_all;
use serde_json::{Map, Value, json};

async fn host() -> TestHost {
    TestHost::start([Setup::of(Sandbox::Reuse).id("reuse")]).await
}

fn said(report: CallReport) -> String {
    match report.result {
        Ok(Outcome::Complete(result)) => text(&result).to_owned(),
        other => panic!("expected a result, found {other:?}"),
    }
}

#[tokio::test]
pub(crate) async fn a_result_is_reused_for_the_same_arguments_and_no_others() {
    let host = host().await;
    let first = host.call("reuse_kept", json!({ "a": 1, "b": 2 })).await;
    assert!(first.usage.fuel > 0);
    let again = host.call("reuse_kept", json!({ "b": 2, "a": 1 })).await;
    // Nothing ran.
    assert_eq!(again, CallReport { usage: Usage::default(), ..first.clone() });
    let first = said(first);
    for other in [json!({}), json!({ "a": 1 }), json!({ "a": 2, "b": 1 }), json!({ "a": 1, "b": 3 })] {
        assert_ne!(said(host.call("reuse_kept", other).await), first);
    }
}

#[tokio::test]
async fn calls_of_the_same_thing_at_the_same_time_are_one_run() {
    let host = host().await;
    let calls = (0..100).map(|_| host.call("reuse_kept", json!({ "a": 1 })));
    let reports = join_all(calls).await;
    assert_eq!(reports.iter().filter(|report| report.usage.fuel > 0).count(), 1);
    let said: std::collections::HashSet<_> = reports.into_iter().map(said).collect();
    assert_eq!(said.len(), 1);
}

#[tokio::test]
async fn what_was_not_declared_what_is_over_and_what_failed_runs_again() {
    let host = host().await;
    for tool in ["reuse_fresh", "reuse_brief"] {
        let first = said(host.call(tool, json!({})).await);
        // A millisecond is over by the time that a call has gone through.
        let mut again = said(host.call(tool, json!({})).await);
        while again == first {
            again = said(host.call(tool, json!({})).await);
        }
    }
    let first = host.call("reuse_fails", json!({})).await;
    let again = host.call("reuse_fails", json!({})).await;
    assert!(first.result.is_err() && again.result.is_err());
    assert_ne!(first.result, again.result);
}

#[derive(Debug)]
struct As(Option<Principal>);

impl Caller for As {
    fn client(&self) -> Option<Client> {
        None
    }

    fn principal(&self) -> Option<Principal> {
        self.0.clone()
    }

    fn meta(&self) -> Map<String, Value> {
        Map::new()
    }
}

#[tokio::test]
async fn nobody_gets_what_was_made_on_another_s_behalf() {
    let host = host().await;
    let person = |subject: &str, issuer: Option<&str>, scope: &str| {
        Some(Principal {
            subject: subject.to_owned(),
            issuer: issuer.map(str::to_owned),
            scopes: vec![scope.to_owned()],
            claims: Map::new(),
        })
    };
    let people = [
        None,
        person("", None, ""),
        person("ann", None, "read"),
        person("bob", None, "read"),
        person("ann", Some("a.example"), "read"),
        person("ann", Some("b.example"), "read"),
        person("ann", None, "write"),
    ];
    let mut heard = Vec::new();
    for _ in 0..2 {
        let calls = people.iter().map(|person| {
            let context =
                CallContext { caller: Some(Arc::new(As(person.clone()))), ..CallContext::default() };
            host.call_in("reuse_kept", json!({ "a": 1 }), context)
        });
        heard.push(join_all(calls).await.into_iter().map(said).collect::<Vec<_>>());
    }
    assert_eq!(heard[0], heard[1]);
    let different: std::collections::HashSet<_> = heard[0].iter().collect();
    assert_eq!(different.len(), people.len());
}

#[tokio::test]
async fn a_new_version_or_policy_starts_with_nothing() {
    let host = host().await;
    let first = said(host.call("reuse_kept", json!({})).await);
    let settings = Arc::new(Settings::new(Map::from_iter([("a".to_owned(), json!(1))])));
    let spec = PluginSpec { settings, ..PluginSpec::default() };
    host.publish([Setup::of(Sandbox::Reuse).id("reuse").spec(spec)]).await;
    let second = said(host.call("reuse_kept", json!({})).await);
    assert_ne!(second, first);
    assert_eq!(said(host.call("reuse_kept", json!({})).await), second);
}

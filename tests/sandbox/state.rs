//! State: nothing of one call is there in the next one.

use cofferdam_tests::{Setup, TestHost, guest::Sandbox, host::text};
use futures::future::join_all;
use serde_json::json;

#[tokio::test]
pub(crate) async fn nothing_is_left_of_the_call_before() {
    let host = TestHost::start([Setup::of(Sandbox::State)]).await;
    for _ in 0..10 {
        let calls = (0..20).map(|_| host.result("sandbox-state_count", json!({})));
        for result in join_all(calls).await {
            assert_eq!(text(&result), "1");
        }
    }
}

#[tokio::test]
pub(crate) async fn memory_is_zero_whoever_had_it_before() {
    // Two plugins, so that slots of the pool go from one to the other.
    let plugins = ["one", "two"].map(|id| Setup::of(Sandbox::Memory).id(id));
    let host = TestHost::start(plugins).await;
    for _ in 0..20 {
        let calls = (0..20).map(|n| host.call(["one_run", "two_run"][n % 2], json!({})));
        for report in join_all(calls).await {
            assert!(report.result.is_ok(), "{report:?}");
        }
    }
}

//! Plugins that are refused: their reason, and that others load all the same.

use cofferdam_runtime::LoadError;
use cofferdam_tests::{Setup, TestHost};

/// Why the component is refused, as an operator reads it.
pub(crate) async fn reason(component: Vec<u8>) -> String {
    error(component).await.to_string()
}

/// Why the component is refused.
pub(crate) async fn error(component: Vec<u8>) -> LoadError {
    let host = TestHost::with_places(1);
    match host.load(Setup::bytes("bad", component)).await {
        Err(error) => error,
        Ok(plugin) => panic!("{plugin:?} was not refused"),
    }
}

/// Asserts that the component is refused for exactly this reason.
pub(crate) async fn check(component: Vec<u8>, expected: &str) {
    assert_eq!(reason(component).await, expected);
}

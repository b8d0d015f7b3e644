//! `raw-plugin`: a component without the SDK is a plugin like any other.

use std::sync::Arc;

use cofferdam_runtime::{
    CallRequest, PluginSpec, Runtime, RuntimeConfig,
    capabilities::{CallContext, Caller, Client, Principal, Settings},
    content::{BlockKind, Outcome},
};
use serde_json::{Map, Value, json};

use crate::build::plugins;

/// A client that says its name.
struct Somebody;

impl Caller for Somebody {
    fn client(&self) -> Option<Client> {
        Some(Client { name: "somebody".to_owned(), ..Client::default() })
    }

    fn principal(&self) -> Option<Principal> {
        None
    }

    fn meta(&self) -> Map<String, Value> {
        Map::new()
    }
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

async fn start(settings: Value) -> Runtime {
    let runtime = Runtime::start(RuntimeConfig::default()).unwrap();
    let settings = Arc::new(Settings::new(object(settings)));
    let spec = |_: &_| Some(PluginSpec { settings: Arc::clone(&settings), ..PluginSpec::default() });
    let catalog = runtime.load_directory(plugins().path(), spec).await.unwrap();
    assert!(catalog.refused().is_empty(), "{:?}", catalog.refused());
    runtime
}

async fn text(runtime: &Runtime, tool: &str, arguments: Value, caller: Option<Arc<dyn Caller>>) -> String {
    let entry = runtime.catalog().find(tool).unwrap().clone();
    let context = CallContext { caller, ..CallContext::default() };
    let request = CallRequest { arguments: object(arguments), context, ..CallRequest::default() };
    let Outcome::Complete(result) = runtime.call(entry, request).await.result.unwrap() else {
        panic!("a result was expected")
    };
    match &result.content[..] {
        [block] => match &block.kind {
            BlockKind::Text(text) => text.clone(),
            other => panic!("text was expected, found {other:?}"),
        },
        other => panic!("one block was expected, found {other:?}"),
    }
}

#[tokio::test]
async fn echo_returns_its_text() {
    let runtime = start(json!({})).await;
    let said = text(&runtime, "raw_echo", json!({ "text": "à bientôt\n" }), None).await;
    assert_eq!(said, "à bientôt\n");
}

#[tokio::test]
async fn greet_asks_the_host_for_its_settings_and_for_its_caller() {
    let runtime = start(json!({})).await;
    assert_eq!(text(&runtime, "raw_greet", json!({}), None).await, "hello, whoever you are");
    let runtime = start(json!({ "greeting": "good morning" })).await;
    assert_eq!(
        text(&runtime, "raw_greet", json!({}), Some(Arc::new(Somebody))).await,
        "good morning, somebody"
    );
}

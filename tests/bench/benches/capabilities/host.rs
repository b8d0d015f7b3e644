//! The runtime with the plugin, granted what it asks for.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use cofferdam_runtime::{
    CallRequest, Catalog, PluginSpec, Runtime, RuntimeConfig,
    capabilities::{
        DatabaseSpec,
        database::{DatabaseUrl, own_file},
    },
    content::Outcome,
    policy::{
        AddressRule, DatabaseAccess, DatabaseGrant, HttpGrant, HttpLimits, HttpLimitsConfig, Label, PluginId,
        units::{Bytes, Count, Quantity as _},
    },
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{database::Shop, upstream::Upstream};

/// Bytes of the value in the cache, and of the upstream's answer.
pub(crate) const BYTES: usize = 1 << 10;

/// A runtime with one plugin.
#[derive(Clone)]
pub(crate) struct Host {
    runtime: Arc<Runtime>,
    data: Arc<TempDir>,
}

impl Host {
    /// Starts it, and has the plugin prepare what it is asked for later.
    pub(crate) async fn start(component: &Path, upstream: &Upstream, shop: Option<&Shop>) -> Self {
        let data = TempDir::new().expect("a temporary directory is made");
        let component = fs::read(component).expect("the plugin is built");
        let runtime = Runtime::start(RuntimeConfig::default()).expect("the sandbox starts");
        let spec = spec(data.path(), upstream, shop);
        let plugin = runtime.load_bytes(id(), component, spec).await.expect("the plugin is loaded");
        runtime.publish(Catalog::assemble(vec![(PathBuf::from("capable"), Ok(plugin))]));
        let host = Self { runtime: Arc::new(runtime), data: Arc::new(data) };
        host.call("prepare", json!({ "bytes": BYTES })).await;
        host
    }

    /// The file of the plugin's own database.
    pub(crate) fn file(&self) -> PathBuf {
        own_file(self.data.path(), &id())
    }

    /// A path for a copy of it.
    pub(crate) fn copy(&self) -> PathBuf {
        self.data.path().join("copy.sqlite3")
    }

    /// One call, in a task as the server's are: how long it took, and its result.
    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> (Duration, Value) {
        let entry =
            self.runtime.catalog().find(&format!("capable_{tool}")).cloned().expect("there is such a tool");
        let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
        let request = CallRequest { arguments, ..CallRequest::default() };
        let runtime = Arc::clone(&self.runtime);
        let call = async move {
            let start = Instant::now();
            let report = runtime.call(entry, request).await;
            (start.elapsed(), report)
        };
        let (took, report) = tokio::spawn(call).await.expect("the call doesn't panic");
        match report.result {
            Ok(Outcome::Complete(result)) if !result.is_error => {
                (took, result.structured.unwrap_or_default().get("result").cloned().unwrap_or_default())
            }
            other => panic!("{tool}: {other:?}"),
        }
    }
}

fn id() -> PluginId {
    PluginId::parse("capable").expect("a valid id")
}

fn spec(data: &Path, upstream: &Upstream, shop: Option<&Shop>) -> PluginSpec {
    let addresses =
        AddressRule::new(vec![upstream.address], Vec::new()).expect("a loopback address may be opened");
    let grant =
        HttpGrant::parse(id(), &[format!("GET {}*", upstream.url(""))], addresses).expect("a valid grant");
    let limits = HttpLimitsConfig {
        requests: Some(Count::of(10_000)),
        call_bytes: Some(Bytes::of(1 << 30)),
        ..HttpLimitsConfig::default()
    };
    let label = || Label::parse("shop").expect("a valid label");
    let url = |shop: &Shop| DatabaseUrl::parse(&shop.url(), data).expect("a valid address");
    let databases = DatabaseSpec {
        data_dir: Some(data.to_owned()),
        grant: DatabaseGrant::new(shop.map(|_| (label(), DatabaseAccess::Read))),
        shared: Arc::new(shop.map(|shop| (label(), url(shop))).into_iter().collect::<BTreeMap<_, _>>()),
        ..DatabaseSpec::default()
    };
    PluginSpec {
        http: Some(grant),
        http_limits: HttpLimits::default().with(&limits).expect("limits within their bounds"),
        databases,
        ..PluginSpec::default()
    }
}

//! The runtime with plugins loaded, as the server has it.

use std::{fs, sync::Arc};

use cofferdam_bench::{Artefacts, copies};
use cofferdam_runtime::{CallRequest, Entry, PluginSpec, Runtime, RuntimeConfig, content::Outcome};
use serde_json::{Map, Value};
use tempfile::TempDir;
use tokio::{runtime::Builder, task::JoinSet};

/// A runtime with `text`, `raw`, and copies of the latter.
#[derive(Clone)]
pub(crate) struct Host(Arc<Runtime>);

impl Host {
    /// Starts it with that many copies.
    pub(crate) fn start(artefacts: &Artefacts, count: usize) -> Self {
        let directory = TempDir::new().expect("a temporary directory is made");
        fs::copy(&artefacts.text, directory.path().join("text.wasm")).expect("`text` is built");
        fs::copy(&artefacts.echo, directory.path().join("raw.wasm")).expect("`raw` is built");
        copies(&artefacts.echo, directory.path(), "echo", count).expect("copies are written");
        let runtime = Runtime::start(RuntimeConfig::default()).expect("the sandbox starts");
        let loading = Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        let spec = |_: &_| Some(PluginSpec::default());
        let loaded = loading.block_on(runtime.load_directory(directory.path(), spec));
        let catalog = loaded.expect("the directory is read");
        assert!(catalog.refused().is_empty(), "refused: {:?}", catalog.refused());
        Self(Arc::new(runtime))
    }

    /// The tool of that public name.
    pub(crate) fn tool(&self, name: &str) -> Entry {
        self.0.catalog().find(name).cloned().unwrap_or_else(|| panic!("there is no tool {name}"))
    }

    /// One call.
    pub(crate) async fn call(&self, tool: Entry, arguments: Map<String, Value>) -> Outcome {
        let request = CallRequest { arguments, ..CallRequest::default() };
        self.0.call(tool, request).await.result.expect("the call succeeds")
    }

    /// So many calls in all, up to `at_once` at the same time.
    pub(crate) async fn calls(&self, tool: &Entry, arguments: &Map<String, Value>, calls: u64, at_once: u64) {
        let mut callers = JoinSet::new();
        for caller in 0..at_once {
            let share = calls / at_once + u64::from(caller < calls % at_once);
            let (host, tool, arguments) = (self.clone(), tool.clone(), arguments.clone());
            callers.spawn(async move {
                for _ in 0..share {
                    host.call(tool.clone(), arguments.clone()).await;
                }
            });
        }
        callers.join_all().await;
    }
}

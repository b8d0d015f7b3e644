//! HTTP through the real path: a guest asks, and whatever it asks for, nothing is dialled but what was granted, and
//! nothing comes back beyond the bounds.
//!
//! The service alone has tests of its own, with larger tables; here each defence is shown once where guests meet it.

mod addresses;
mod bodies;
pub(crate) mod grants;
mod limits;
mod pools;
mod redirects;
mod requests;
mod secrets;

use std::{net::SocketAddr, sync::Arc};

use cofferdam_runtime::{
    PluginSpec,
    capabilities::{
        HttpService,
        http::{Resolve, TlsRoots},
    },
    policy::{AddressRule, HttpGrant, HttpLimits, PluginId},
};
use cofferdam_tests::{
    Setup, TestHost,
    guest::Sandbox,
    upstream::{Names, Upstream},
};
use serde_json::{Value, json};

/// A host whose names are these.
fn host(names: &Arc<Names>) -> TestHost {
    let resolver = Arc::clone(names) as Arc<dyn Resolve>;
    TestHost::with_http(HttpService::new(resolver, TlsRoots::mozilla()).unwrap())
}

/// What the operator says of the plugin `p`.
struct Grant {
    lines: Vec<String>,
    private: Vec<SocketAddr>,
    own: Vec<SocketAddr>,
    limits: HttpLimits,
}

impl Grant {
    /// These lines, and the addresses of these upstreams.
    fn new(lines: &[&str], upstreams: &[&Upstream]) -> Self {
        Self {
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
            private: upstreams.iter().map(|upstream| upstream.address).collect(),
            own: Vec::new(),
            limits: HttpLimits::default(),
        }
    }

    /// Every name on the ports of these upstreams.
    fn all(upstreams: &[&Upstream]) -> Self {
        let line = |upstream: &&Upstream| format!("* http://*:{}/* dangerous-any", upstream.address.port());
        let lines = upstreams.iter().map(line).collect();
        Self { lines, ..Self::new(&[], upstreams) }
    }

    fn limits(mut self, change: impl FnOnce(&mut HttpLimits)) -> Self {
        change(&mut self.limits);
        self
    }

    fn spec(self, id: &str) -> PluginSpec {
        let addresses = AddressRule::new(self.private, self.own).unwrap();
        let grant = HttpGrant::parse(PluginId::parse(id).unwrap(), &self.lines, addresses).unwrap();
        PluginSpec { http: Some(grant), http_limits: self.limits, ..PluginSpec::default() }
    }

    fn plugin(self) -> Setup {
        self.plugin_as("p")
    }

    fn plugin_as(self, id: &str) -> Setup {
        Setup::of(Sandbox::Http).id(id).spec(self.spec(id))
    }
}

/// What came of these requests of the plugin `p`, one after the other.
async fn send(host: &TestHost, requests: Value) -> Vec<Value> {
    sent(host, "p", json!({ "requests": requests })).await
}

async fn sent(host: &TestHost, plugin: &str, arguments: Value) -> Vec<Value> {
    let result = host.result(&format!("{plugin}_send"), arguments).await;
    result.structured.unwrap()["result"].as_array().unwrap().clone()
}

/// What came of one request.
async fn one(host: &TestHost, request: Value) -> Value {
    send(host, json!([request])).await.remove(0)
}

async fn get(host: &TestHost, url: &str) -> Value {
    one(host, json!({ "url": url })).await
}

#[track_caller]
fn text<'a>(answer: &'a Value, kind: &str) -> &'a str {
    answer[kind].as_str().unwrap_or_else(|| panic!("expected {kind}, found {answer}"))
}

//! What the tests share: names, upstreams, and a plugin that may reach some of them.

#[allow(dead_code, reason = "the suites over the whole host use all of it")]
#[path = "../../../../tests/src/upstream.rs"]
mod upstream;

use std::{net::SocketAddr, sync::Arc};

use cofferdam_capabilities::http::{
    Failure, HttpBudget, HttpError, HttpLimit, HttpRequest, HttpResponse, HttpService, PluginHttp, Resolve,
    TlsRoots,
};
use cofferdam_policy::{
    AddressRule, HttpGrant, HttpLimits, PluginId,
    units::{Millis, Quantity},
};

pub use self::upstream::{Names, Then, Upstream, answer, ok};

/// The service as a host would make it, and grants on it.
pub struct Setup {
    pub service: HttpService,
    pub limits: HttpLimits,
    pub private: Vec<SocketAddr>,
    pub lines: Vec<String>,
}

impl Setup {
    /// All hosts on the ports of these upstreams, which alone are open among what isn't public.
    pub fn new(names: &Arc<Names>, upstreams: &[&Upstream]) -> Self {
        Self::trusting(names, upstreams, TlsRoots::mozilla())
    }

    pub fn trusting(names: &Arc<Names>, upstreams: &[&Upstream], roots: TlsRoots) -> Self {
        let any = |upstream: &&Upstream| format!("* http://*:{}/* dangerous-any", upstream.address.port());
        Self {
            service: HttpService::new(Arc::clone(names) as Arc<dyn Resolve>, roots).unwrap(),
            limits: HttpLimits::default(),
            private: upstreams.iter().map(|upstream| upstream.address).collect(),
            lines: upstreams.iter().map(any).collect(),
        }
    }

    pub fn limits(mut self, change: impl FnOnce(&mut HttpLimits)) -> Self {
        change(&mut self.limits);
        self
    }

    pub fn lines(mut self, lines: &[&str]) -> Self {
        self.lines = lines.iter().map(|line| (*line).to_owned()).collect();
        self
    }

    pub fn private(mut self, private: &[SocketAddr]) -> Self {
        self.private = private.to_vec();
        self
    }

    pub fn plugin(&self) -> PluginHttp {
        let addresses = AddressRule::new(self.private.clone(), vec![]).unwrap();
        let grant = HttpGrant::parse(PluginId::parse("p").unwrap(), &self.lines, addresses).unwrap();
        self.service.plugin(grant, self.limits.clone())
    }
}

/// A call of its own for each request.
pub async fn send(plugin: &PluginHttp, request: HttpRequest) -> Result<HttpResponse, HttpError> {
    plugin.send(&HttpBudget::new(plugin.limits()), request).await
}

pub async fn get(plugin: &PluginHttp, url: &str) -> Result<HttpResponse, HttpError> {
    send(plugin, request("GET", url)).await
}

pub fn request(method: &str, url: &str) -> HttpRequest {
    HttpRequest { method: method.to_owned(), url: url.to_owned(), ..HttpRequest::default() }
}

pub fn failure(result: Result<HttpResponse, HttpError>) -> Failure {
    match result {
        Err(HttpError::Failed { kind, .. }) => kind,
        other => panic!("{other:?}"),
    }
}

pub fn limit(result: Result<HttpResponse, HttpError>) -> HttpLimit {
    match result {
        Err(HttpError::Limited { limit, .. }) => limit,
        other => panic!("{other:?}"),
    }
}

/// The registry's name for what was refused.
pub fn refusal(result: Result<HttpResponse, HttpError>) -> &'static str {
    match result {
        Err(HttpError::Refused { refused, .. }) => refused.entry(),
        other => panic!("{other:?}"),
    }
}

pub fn millis(value: u64) -> Millis {
    Millis::of(value)
}

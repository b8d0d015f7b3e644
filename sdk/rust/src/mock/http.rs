//! HTTP without a network: what a test says is answered. `guest/http.rs` is the same in a component.
//!
//! Requests are matched with the host's own matcher of grants, so that a plugin whose requests find their stubs here has
//! stubs that would be grants there. Nothing is followed or tried again: the stub's response is what comes.

use std::fmt;
use std::sync::Arc;

use cofferdam_policy::{AddressRule, HttpGrant, PluginId};

use super::{Host, Scope};
use crate::http::{Body, Parts, Response};
use crate::{Result, ToolError};

/// A request that a tool sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its method.
    pub method: String,
    /// Its whole address.
    pub url: String,
    /// Its headers, as the tool gave them.
    pub headers: Vec<(String, String)>,
    /// Its body, if it has one.
    pub body: Option<Vec<u8>>,
}

impl Sent {
    /// The first header of that name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The body as text; empty if there is none.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.body.as_deref().unwrap_or_default()).into_owned()
    }
}

type Answer = Arc<dyn Fn(&Sent) -> Result<Response> + Send + Sync>;

/// What is answered to what.
#[derive(Default)]
pub(super) struct Stubs {
    of: Vec<(String, Answer)>,
    sent: Vec<Sent>,
}

impl fmt::Debug for Stubs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stubs").field("sent", &self.sent).finish_non_exhaustive()
    }
}

impl Host {
    /// Answer requests that a grant of this line would cover (`GET https://api.example.com/*`) with this status and body:
    /// JSON, text or bytes. Where several lines cover a request, the last one counts. All else is denied, as by the real
    /// host.
    ///
    /// # Panics
    /// If the line is no grant.
    #[must_use]
    pub fn http(self, line: &str, status: u16, body: impl Into<Body>) -> Self {
        let response = Response::new(status, body);
        self.http_with(line, move |_| response.clone())
    }

    /// The same, with a response that depends on the request.
    ///
    /// ```
    /// use cofferdam_sdk::prelude::*;
    /// use cofferdam_sdk::{Response, mock};
    ///
    /// let host = mock::Host::new().http_with("POST https://api.example.com/upper", |request| {
    ///     Response::new(200, request.text().to_uppercase()).with_header("x-length", request.text().len().to_string())
    /// });
    /// let http: Http = host.handle();
    /// let response = http.post("https://api.example.com/upper").body("loud").send()?;
    /// assert_eq!((response.text().as_str(), response.header("X-Length")), ("LOUD", Some("4")));
    /// # Ok::<(), ToolError>(())
    /// ```
    ///
    /// # Panics
    /// If the line is no grant.
    #[must_use]
    pub fn http_with(self, line: &str, answer: impl Fn(&Sent) -> Response + Send + Sync + 'static) -> Self {
        self.stub(line, Arc::new(move |sent| Ok(answer(sent))))
    }

    /// Requests that a grant of this line would cover find nobody there.
    ///
    /// # Panics
    /// If the line is no grant.
    #[must_use]
    pub fn http_down(self, line: &str) -> Self {
        let down = |_: &Sent| Err(ToolError::unavailable("no connection: connection refused"));
        self.stub(line, Arc::new(down))
    }

    #[expect(clippy::panic, reason = "a test that is set up wrongly fails")]
    fn stub(self, line: &str, answer: Answer) -> Self {
        if let Err(problem) = grant([line]) {
            panic!("{problem}");
        }
        self.scope.edit(|state| state.http.of.push((line.to_owned(), answer)));
        self
    }

    /// All requests that were sent so far, those that were denied included.
    #[must_use]
    pub fn requests(&self) -> Vec<Sent> {
        self.scope.read(|state| state.http.sent.clone())
    }
}

impl Scope {
    pub(crate) fn http_send(&self, request: Parts) -> Result<Response> {
        let sent =
            Sent { method: request.method, url: request.url, headers: request.headers, body: request.body };
        self.edit(|state| state.http.sent.push(sent.clone()));
        let url = sent.url.parse();
        let url = url.map_err(|error| ToolError::failed(format!("the address can't be read: {error}")))?;
        let stubs = self.read(|state| state.http.of.clone());
        let all = grant(stubs.iter().map(|(line, _)| line.as_str())).map_err(ToolError::denied)?;
        let permit =
            all.permit(&sent.method, &url).map_err(|denied| ToolError::denied(denied.to_string()))?;
        let found = permit.lines().last().and_then(|line| stubs.get(*line));
        let (_, answer) = found.ok_or_else(|| ToolError::denied("no stub answers"))?;
        // Not while the state is held: a stub may ask the host what was sent.
        let response = answer(&sent)?;
        let url = if response.url.is_empty() { permit.url().to_string() } else { response.url };
        Ok(Response { url, ..response })
    }

    pub(crate) fn http_send_all(&self, requests: Vec<Parts>) -> Vec<Result<Response>> {
        requests.into_iter().map(|request| self.http_send(request)).collect()
    }
}

fn grant<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<HttpGrant, String> {
    let plugin = PluginId::parse("plugin").map_err(|error| error.to_string())?;
    HttpGrant::parse(plugin, lines, AddressRule::default()).map_err(|error| error.to_string())
}

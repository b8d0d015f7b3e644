//! A request while it is put together.

use std::fmt::Display;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Parts, Response};
use crate::handle::Scope;
use crate::{Result, ToolError};

/// Redirects that the host follows unless the request says otherwise.
const REDIRECTS: u8 = 5;

/// A request that isn't sent yet: [`Request::send`], [`Request::json`], [`Request::text`] and [`Request::bytes`] send it.
#[derive(Debug, Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct Request {
    scope: Scope,
    parts: Parts,
    /// A body that is no JSON is told where the request is sent.
    problem: Option<ToolError>,
}

impl Request {
    pub(super) fn new(scope: Scope, method: String, url: String) -> Self {
        let parts = Parts {
            method,
            url,
            headers: Vec::new(),
            body: None,
            timeout_ms: None,
            redirects: REDIRECTS,
            retries: 0,
        };
        Self { scope, parts, problem: None }
    }

    /// Add `name=value` to the query; both are encoded.
    pub fn query(mut self, name: impl AsRef<str>, value: impl Display) -> Self {
        let url = &mut self.parts.url;
        let end = url.find('#').unwrap_or(url.len());
        let (before, fragment) = url.split_at(end);
        let sign = match before.contains('?') {
            false => "?",
            true if before.ends_with(['?', '&']) => "",
            true => "&",
        };
        let pair = format!("{}={}", encoded(name.as_ref()), encoded(&value.to_string()));
        *url = format!("{before}{sign}{pair}{fragment}");
        self
    }

    /// Add a header. Those that only the host may set (`host`, `content-length`, `connection` and the like), and those that
    /// the operator bound to the address, are refused.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parts.headers.push((name.into(), value.into()));
        self
    }

    /// End it after this time, retries included. The operator's deadline counts where it is shorter.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.parts.timeout_ms = Some(u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX));
        self
    }

    /// How many redirects the host follows, each judged as a request of its own: 5 unless this says otherwise, and never
    /// more. With 0 the redirect itself is the response.
    pub fn redirects(mut self, redirects: u8) -> Self {
        self.parts.redirects = redirects;
        self
    }

    /// How many times more the host tries, with growing pauses, where nothing came back, or 429, 502, 503 or 504. Only for
    /// methods that do the same when done twice: GET, HEAD, OPTIONS, PUT and DELETE.
    pub fn retries(mut self, retries: u8) -> Self {
        self.parts.retries = retries;
        self
    }

    /// Send a value as JSON.
    pub fn json_body<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => self.typed("application/json", body),
            Err(error) => {
                self.problem = Some(ToolError::failed(format!("the request's body is no JSON: {error}")));
                self
            }
        }
    }

    /// Send fields as a form of a web page would.
    pub fn form<N: AsRef<str>, V: Display>(self, fields: &[(N, V)]) -> Self {
        let pair =
            |(name, value): &(N, V)| format!("{}={}", encoded(name.as_ref()), encoded(&value.to_string()));
        let body = fields.iter().map(pair).collect::<Vec<_>>().join("&");
        self.typed("application/x-www-form-urlencoded", body.into_bytes())
    }

    /// Send bytes; say with [`Request::header`] what they are.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.parts.body = Some(body.into());
        self
    }

    /// Send it; the response whatever its status.
    pub fn send(self) -> Result<Response> {
        let scope = self.scope.clone();
        scope.http_send(self.into_parts()?)
    }

    /// Send it, and read the response as JSON. A status of 400 or more is an error, as in [`Response::ok`].
    pub fn json<T: DeserializeOwned>(self) -> Result<T> {
        let asks = self.parts.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("accept"));
        let request = if asks { self } else { self.header("accept", "application/json") };
        request.send()?.ok()?.json()
    }

    /// Send it; the response as text. A status of 400 or more is an error, as in [`Response::ok`].
    pub fn text(self) -> Result<String> {
        Ok(self.send()?.ok()?.text())
    }

    /// Send it; the response's bytes. A status of 400 or more is an error, as in [`Response::ok`].
    pub fn bytes(self) -> Result<Vec<u8>> {
        Ok(self.send()?.ok()?.body)
    }

    pub(super) fn into_parts(self) -> Result<Parts> {
        self.problem.map_or(Ok(self.parts), Err)
    }

    /// A body with its type, unless the request says another one.
    fn typed(self, kind: &str, body: Vec<u8>) -> Self {
        let said = self.parts.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let request = if said { self } else { self.header("content-type", kind) };
        request.body(body)
    }
}

/// As in the query of a form: letters, digits and `*-._` stay, a space becomes `+`.
fn encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        b' ' => "+".to_owned(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(encode).collect()
}

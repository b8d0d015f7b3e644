//! What came back.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Result, ToolError};

/// A response, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Where it came from, after redirects.
    pub url: String,
    /// In the order in which they came, names in lower case.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The whole body, decompressed.
    pub body: Vec<u8>,
}

impl Response {
    /// A response as the mock host gives it.
    pub fn new(status: u16, body: impl Into<Body>) -> Self {
        let Body { kind, bytes } = body.into();
        let headers = kind.map(|kind| ("content-type".to_owned(), kind.as_bytes().to_vec()));
        Self { status, url: String::new(), headers: headers.into_iter().collect(), body: bytes }
    }

    /// The same with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.into()));
        self
    }

    /// The first header of that name, if it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(&found.1).ok()
    }

    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|error| {
            ToolError::failed(format!(
                "{} didn't answer with the JSON that was expected: {error}",
                self.place()
            ))
        })
    }

    /// The body as text. Bytes that are no UTF-8 become U+FFFD.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The same, unless its status is 400 or more: then an error with the status and the first line of the body.
    pub fn ok(self) -> Result<Self> {
        if self.status < 400 {
            return Ok(self);
        }
        let text = self.text();
        let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        let shown: String = line.chars().filter(|c| !c.is_control()).take(200).collect();
        let said = if shown.is_empty() { String::new() } else { format!(": {shown}") };
        Err(ToolError::failed(format!("{} answered {}{said}", self.place(), self.status)))
    }

    /// Without the query, in which a key may be.
    fn place(&self) -> &str {
        self.url.split(['?', '#']).next().unwrap_or_default()
    }
}

/// The body of a response that is made by hand: JSON, text or bytes, with the content type that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    kind: Option<&'static str>,
    bytes: Vec<u8>,
}

impl From<Value> for Body {
    fn from(json: Value) -> Self {
        Self { kind: Some("application/json"), bytes: json.to_string().into_bytes() }
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self { kind: Some("text/plain; charset=utf-8"), bytes: text.into_bytes() }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self { kind: None, bytes }
    }
}

//! MCP over HTTP, request by request: what a client's library would hide.

use reqwest::{Client, RequestBuilder, Response, StatusCode, header::HeaderMap};
use serde_json::{Value, json};

use crate::messages;

/// A client of one host.
#[derive(Debug, Clone)]
pub struct Http {
    client: Client,
    url: String,
    headers: Vec<(String, String)>,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub body: String,
}

impl Http {
    /// A client of the MCP endpoint at `url`.
    #[must_use]
    pub fn new(url: &str) -> Self {
        let headers =
            [("accept", "application/json, text/event-stream"), ("content-type", "application/json")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Self { client: Client::new(), url: url.to_owned(), headers }
    }

    /// With this header on every request, in place of one of the same name.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.headers.push((name.to_lowercase(), value.to_owned()));
        self
    }

    /// Without the header.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name.to_lowercase());
        self
    }

    /// With the headers that a message of the stateless era has to have.
    #[must_use]
    pub fn for_message(&self, message: &Value) -> Self {
        let mut http = self.clone().with("mcp-protocol-version", messages::MODERN);
        if let Some(method) = message["method"].as_str() {
            http = http.with("mcp-method", method);
        }
        let params = &message["params"];
        if let Some(name) = params["name"].as_str().or(params["uri"].as_str()) {
            http = http.with("mcp-name", name);
        }
        http
    }

    /// Where it speaks to.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    fn headed(&self, request: RequestBuilder) -> RequestBuilder {
        self.headers.iter().fold(request, |request, (name, value)| request.header(name, value))
    }

    /// Sends a body and returns the response as it begins.
    ///
    /// # Panics
    /// If the host doesn't answer.
    pub async fn begin(&self, body: impl Into<reqwest::Body>) -> Response {
        let request = self.headed(self.client.post(&self.url)).body(body);
        request.send().await.expect("the host answers")
    }

    /// Sends a body and takes the whole reply.
    pub async fn send(&self, body: impl Into<reqwest::Body>) -> Reply {
        Reply::of(self.begin(body).await).await
    }

    /// Sends a message of the stateless era, with its headers.
    pub async fn modern(&self, message: &Value) -> Reply {
        self.for_message(message).send(message.to_string()).await
    }

    /// Sends a message of the stateless era, and reads its reply until `words` have come.
    ///
    /// # Panics
    /// If the reply ends before.
    pub async fn running(&self, message: &Value, words: &str) -> Running {
        let response = self.for_message(message).begin(message.to_string()).await;
        let mut running = Running { response, said: Vec::new() };
        running.until(words, 1).await;
        running
    }

    /// Opens the standalone stream of this client's session.
    ///
    /// # Panics
    /// If the host doesn't answer.
    pub async fn stream(&self) -> Running {
        let response = self.headed(self.client.get(&self.url)).send().await.expect("the host answers");
        assert_eq!(response.status(), StatusCode::OK);
        Running { response, said: Vec::new() }
    }

    /// Makes a request of another method.
    ///
    /// # Panics
    /// If the host doesn't answer.
    pub async fn method(&self, method: &str) -> Reply {
        let method = method.parse().expect("a method's name");
        let request = self.headed(self.client.request(method, &self.url));
        Reply::of(request.send().await.expect("the host answers")).await
    }

    /// Opens a session of the era before: this client, with the session's headers, and the answer.
    ///
    /// # Panics
    /// If the host opens none.
    pub async fn initialize(&self, version: &str) -> (Self, Value) {
        let reply = self.send(messages::initialize(version).to_string()).await;
        let session = reply.headers.get("mcp-session-id").expect("a session").to_str().expect("plain text");
        let agreed = reply.answer();
        let spoken = agreed["result"]["protocolVersion"].as_str().expect("a version").to_owned();
        let http = self.clone().with("mcp-session-id", session).with("mcp-protocol-version", &spoken);
        let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        assert_eq!(http.send(initialized.to_string()).await.status, StatusCode::ACCEPTED);
        (http, agreed)
    }
}

/// A reply that has begun. Dropped, it hangs up.
#[derive(Debug)]
pub struct Running {
    response: Response,
    said: Vec<u8>,
}

impl Running {
    /// Reads on. False: there is no more.
    async fn more(&mut self) -> bool {
        let chunk = self.response.chunk().await.expect("the reply can be read");
        let more = chunk.is_some();
        self.said.extend(chunk.into_iter().flatten());
        more
    }

    /// Reads on until `words` have come so many times in all.
    ///
    /// # Panics
    /// If it ends before.
    pub async fn until(&mut self, words: &str, count: usize) {
        while String::from_utf8_lossy(&self.said).matches(words).count() < count {
            let more = self.more().await;
            assert!(more, "the reply ended without `{words}`: {}", String::from_utf8_lossy(&self.said));
        }
    }

    /// The whole reply, once it has ended.
    pub async fn rest(mut self) -> String {
        while self.more().await {}
        String::from_utf8_lossy(&self.said).into_owned()
    }
}

impl Reply {
    async fn of(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        Self { status, headers, body: response.text().await.expect("the body is text") }
    }

    /// The messages in the body: one JSON text, or a stream of events.
    ///
    /// # Panics
    /// If it is anything else.
    #[must_use]
    pub fn messages(&self) -> Vec<Value> {
        let kind = self.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let parse = |text: &str| {
            serde_json::from_str(text).unwrap_or_else(|error| panic!("not JSON ({error}): {text:?}"))
        };
        if !kind.starts_with("text/event-stream") {
            return vec![parse(&self.body)];
        }
        let data = self.body.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim);
        data.filter(|data| !data.is_empty()).map(parse).collect()
    }

    /// The last message: the answer.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn answer(&self) -> Value {
        self.messages().pop().unwrap_or_else(|| panic!("no message in {self:?}"))
    }
}

//! Sends whatever a test asks it to, and tells what came of it.

use cofferdam_sdk::prelude::*;
use cofferdam_sdk::{Request, Response};
use std::time::Duration;

#[derive(Deserialize, JsonSchema)]
struct Send {
    requests: Vec<Wanted>,
    /// All at the same time.
    #[serde(default)]
    together: bool,
    /// How much of each body is told.
    #[serde(default = "all")]
    text: usize,
}

#[derive(Deserialize, JsonSchema)]
struct Wanted {
    #[serde(default = "get")]
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    body: Option<String>,
    /// So many bytes more.
    #[serde(default)]
    fill: usize,
    timeout_ms: Option<u64>,
    redirects: Option<u8>,
    #[serde(default)]
    retries: u8,
}

fn all() -> usize {
    usize::MAX
}

fn get() -> String {
    "GET".to_owned()
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Answer {
    Came(Came),
    Denied(String),
    Unavailable(String),
    Failed(String),
}

#[derive(Serialize, JsonSchema)]
struct Came {
    status: u16,
    url: String,
    headers: Vec<(String, String)>,
    bytes: usize,
    text: String,
}

/// Send requests.
#[tool(http("GET https://api.example.com/*", "POST https://api.example.com/v1/*"))]
fn send(send: Send, http: Http) -> Vec<Answer> {
    let limit = send.text;
    let requests = send.requests.into_iter().map(|wanted| request(wanted, &http));
    let answers: Vec<_> = match send.together {
        true => http.send_all(requests),
        false => requests.map(Request::send).collect(),
    };
    answers.into_iter().map(|answer| told(answer, limit)).collect()
}

fn request(wanted: Wanted, http: &Http) -> Request {
    let mut request = http.request(wanted.method, wanted.url).retries(wanted.retries);
    for (name, value) in wanted.headers {
        request = request.header(name, value);
    }
    if let Some(body) = wanted.body {
        request = request.body([body.into_bytes(), vec![b'x'; wanted.fill]].concat());
    }
    if let Some(ms) = wanted.timeout_ms {
        request = request.timeout(Duration::from_millis(ms));
    }
    match wanted.redirects {
        Some(redirects) => request.redirects(redirects),
        None => request,
    }
}

fn told(answer: Result<Response>, limit: usize) -> Answer {
    match answer {
        Ok(response) => Answer::Came(Came {
            status: response.status,
            bytes: response.body.len(),
            text: response.text().chars().take(limit).collect(),
            headers: response.headers.into_iter().map(|(name, value)| (name, text(&value))).collect(),
            url: response.url,
        }),
        Err(ToolError::Denied(text)) => Answer::Denied(text),
        Err(ToolError::Unavailable(text)) => Answer::Unavailable(text),
        Err(error) => Answer::Failed(error.to_string()),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

plugin!(send);

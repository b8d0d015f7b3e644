//! HTTP in a component: the import. `mock/http.rs` is the same in a native build.

use super::Scope;
use super::bindings::cofferdam::plugin::http as wit;
use crate::http::{Parts, Problem, Response};

impl Scope {
    pub(crate) fn http_send(&self, request: Parts) -> Result<Response, Problem> {
        answer(wit::send(&parts(request)))
    }

    pub(crate) fn http_send_all(&self, requests: Vec<Parts>) -> Vec<Result<Response, Problem>> {
        let requests: Vec<_> = requests.into_iter().map(parts).collect();
        wit::send_all(&requests).into_iter().map(answer).collect()
    }
}

fn parts(request: Parts) -> wit::Request {
    let header = |(name, value): (String, String)| wit::Header { name, value: value.into_bytes() };
    wit::Request {
        method: request.method,
        url: request.url,
        headers: request.headers.into_iter().map(header).collect(),
        body: request.body,
        timeout_ms: request.timeout_ms,
        redirects: request.redirects,
        retries: request.retries,
    }
}

fn answer(answer: Result<wit::Response, wit::Error>) -> Result<Response, Problem> {
    let response = answer?;
    let headers = response.headers.into_iter().map(|header| (header.name, header.value)).collect();
    Ok(Response { status: response.status, url: response.url, headers, body: response.body })
}

impl From<wit::Error> for Problem {
    fn from(error: wit::Error) -> Self {
        match error {
            wit::Error::Denied(text) => Self::Denied(text),
            wit::Error::Limit(text) => Self::Limit(text),
            wit::Error::Invalid(text) => Self::Invalid(text),
            wit::Error::Timeout(text) => Self::Timeout(text),
            wit::Error::Dns(text) => Self::Dns(text),
            wit::Error::Connect(text) => Self::Connect(text),
            wit::Error::Tls(text) => Self::Tls(text),
            wit::Error::Failed(text) => Self::Failed(text),
        }
    }
}

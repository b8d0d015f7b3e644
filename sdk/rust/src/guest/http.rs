//! HTTP in a component: the import. `mock/http.rs` is the same in a native build.

use super::Scope;
use super::bindings::cofferdam::plugin::http as wit;
use crate::http::{Parts, Response};
use crate::{Result, ToolError};

impl Scope {
    pub(crate) fn http_send(&self, request: Parts) -> Result<Response> {
        answer(wit::send(&parts(request)))
    }

    pub(crate) fn http_send_all(&self, requests: Vec<Parts>) -> Vec<Result<Response>> {
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

fn answer(answer: Result<wit::Response, wit::Error>) -> Result<Response> {
    let response = answer.map_err(error)?;
    let headers = response.headers.into_iter().map(|header| (header.name, header.value)).collect();
    Ok(Response { status: response.status, url: response.url, headers, body: response.body })
}

fn error(error: wit::Error) -> ToolError {
    use wit::Error;
    match error {
        Error::Denied(text) => ToolError::Denied(text),
        Error::Timeout(text) | Error::Dns(text) | Error::Connect(text) | Error::Tls(text) => {
            ToolError::Unavailable(text)
        }
        Error::Limit(text) | Error::Invalid(text) | Error::Failed(text) => ToolError::Failed(text),
    }
}

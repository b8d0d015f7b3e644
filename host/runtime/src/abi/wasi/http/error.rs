//! Our errors as `wasi:http` has them. Where it has no kind for one, it is an internal error with our text.

use cofferdam_capabilities::{
    HttpError,
    http::{Failure, HttpLimit},
};
use wasmtime_wasi_http::Error;

/// Why a request wasn't sent, or has no response.
pub(super) enum Unsent {
    /// The service says so.
    Http(HttpError),
    /// The guest didn't finish its body, or the response can't be given to it.
    Aborted(Error),
    /// The guest finished its body with trailers.
    Trailers,
}

impl From<HttpError> for Unsent {
    fn from(error: HttpError) -> Self {
        Self::Http(error)
    }
}

impl From<Error> for Unsent {
    fn from(error: Error) -> Self {
        Self::Aborted(error)
    }
}

/// The nearest kind. `text` is what a guest may read of it.
pub(super) fn code(error: &HttpError, text: String) -> Error {
    match error {
        HttpError::Denied(_) => Error::HttpRequestDenied,
        HttpError::Refused { .. } => Error::DestinationIpProhibited,
        HttpError::Limited { limit, .. } => limited(*limit, text),
        HttpError::Invalid(_) => Error::InternalError(Some(text)),
        HttpError::Failed { kind, .. } => failed(*kind, text),
    }
}

fn limited(limit: HttpLimit, text: String) -> Error {
    match limit {
        HttpLimit::RequestBody => Error::HttpRequestBodySize(None),
        HttpLimit::RequestHeaders => Error::HttpRequestHeaderSectionSize(None),
        HttpLimit::ResponseBody => Error::HttpResponseBodySize(None),
        HttpLimit::ResponseHeaders => Error::HttpResponseHeaderSectionSize(None),
        HttpLimit::Concurrent | HttpLimit::Connections => Error::ConnectionLimitReached,
        HttpLimit::Requests
        | HttpLimit::HeaderCount
        | HttpLimit::CallBytes
        | HttpLimit::RateBytes
        | HttpLimit::Answer => Error::InternalError(Some(text)),
    }
}

fn failed(failure: Failure, text: String) -> Error {
    match failure {
        Failure::Dns => Error::DnsError { rcode: None, info_code: None },
        Failure::Connect => Error::ConnectionRefused,
        Failure::Tls => Error::TlsProtocolError,
        Failure::Timeout => Error::HttpResponseTimeout,
        Failure::Reset => Error::ConnectionTerminated,
        Failure::Protocol => Error::HttpProtocolError,
        Failure::Redirects => Error::LoopDetected,
        Failure::Internal => Error::InternalError(Some(text)),
    }
}

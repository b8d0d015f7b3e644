//! Why a request gave no response. Everything here may be read by the guest: no addresses, no paths, no text of
//! a library that could hold either.

use std::{error::Error, fmt, io, net::IpAddr};

use cofferdam_policy::{
    Code, Denied, HttpLimits, Refused,
    units::{Bytes, Quantity},
};

/// Why there is no response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The plugin's grant doesn't cover the request, or a redirect of it.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The host is granted, and leads to an address that is not public.
    #[error(
        "`{host}` leads to an address that `{plugin}` may not reach: {refused} [{}]{}",
        Code::HttpAddress,
        opened_by(plugin, host, refused)
    )]
    Refused {
        /// Whose rule it was.
        plugin: String,
        /// The name, or the address as written.
        host: String,
        /// The address and the reason.
        refused: Refused,
    },
    /// A ceiling was hit.
    #[error("{limit}, expected {bound} (`{}`) [{}]", .limit.key(), Code::HttpLimit)]
    Limited {
        /// Which one.
        limit: HttpLimit,
        /// What it is set to, such as `at most 8 MiB`.
        bound: String,
    },
    /// What was asked for is no request.
    #[error("{0}")]
    Invalid(String),
    /// It was tried, and went wrong.
    #[error("{kind}: {text}")]
    Failed {
        /// Where it went wrong.
        kind: Failure,
        /// How.
        text: String,
    },
}

/// The command that opens the address. Where a name led to is for the operator alone to know: they find it in the log.
fn opened_by(plugin: &str, host: &str, refused: &Refused) -> String {
    if !refused.can_be_allowed() {
        return String::new();
    }
    let address = refused.address;
    match host.parse::<IpAddr>().is_ok_and(|written| written == address.ip()) {
        true => format!("; to allow it, run: cofferdam grant {plugin} private {address}"),
        false => format!(
            "; to allow it, run: cofferdam grant {plugin} private ADDRESS:{} (the host's log has the address)",
            address.port()
        ),
    }
}

/// Where a request went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Failure {
    /// The name has no address, or nobody answered for it.
    Dns,
    /// No connection.
    Connect,
    /// No trust, or no common version.
    Tls,
    /// Not in time.
    Timeout,
    /// The connection ended before the response did.
    Reset,
    /// What came is not HTTP.
    Protocol,
    /// More redirects than the request allows.
    Redirects,
    /// Something in the host.
    Internal,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dns => "no address",
            Self::Connect => "no connection",
            Self::Tls => "no trusted connection",
            Self::Timeout => "no answer in time",
            Self::Reset => "the connection ended",
            Self::Protocol => "the answer is not HTTP",
            Self::Redirects => "too many redirects",
            Self::Internal => "the host failed",
        })
    }
}

/// A ceiling of [`HttpLimits`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is documented as the field of the same name")]
pub enum HttpLimit {
    Requests,
    Concurrent,
    Connections,
    RequestBody,
    RequestHeaders,
    ResponseBody,
    ResponseHeaders,
    HeaderCount,
    CallBytes,
    RateBytes,
    /// What one call into the host may copy: a limit of the call, not of [`HttpLimits`].
    Answer,
}

impl HttpLimit {
    /// The key that raises it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Concurrent => "concurrent",
            Self::Connections => "connections",
            Self::RequestBody => "request_body",
            Self::RequestHeaders => "request_headers",
            Self::ResponseBody => "response_body",
            Self::ResponseHeaders => "response_headers",
            Self::HeaderCount => "header_count",
            Self::CallBytes => "call_bytes",
            Self::RateBytes => "rate_bytes",
            Self::Answer => "limits.host_call_bytes",
        }
    }

    /// The error that says that this was hit.
    pub(super) fn reached(self, limits: &HttpLimits) -> HttpError {
        let ceiling = match self {
            Self::Requests => limits.requests.to_string(),
            Self::Concurrent => limits.concurrent.to_string(),
            Self::Connections => limits.connections.to_string(),
            Self::RequestBody => limits.request_body.to_string(),
            Self::RequestHeaders => limits.request_headers.to_string(),
            Self::ResponseBody => limits.response_body.to_string(),
            Self::ResponseHeaders => limits.response_headers.to_string(),
            Self::HeaderCount => limits.header_count.to_string(),
            Self::CallBytes => limits.call_bytes.to_string(),
            // Its ceiling isn't among these.
            Self::Answer => return HttpError::answer(0),
            Self::RateBytes => {
                let bound = format!("at least {} in each {}", limits.rate_bytes, limits.rate_window);
                return HttpError::Limited { limit: self, bound };
            }
        };
        HttpError::Limited { limit: self, bound: format!("at most {ceiling}") }
    }
}

impl fmt::Display for HttpLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Requests => "this call makes too many requests",
            Self::Concurrent => "too many requests of this plugin run at the same time",
            Self::Connections => "this plugin has too many connections open",
            Self::RequestBody => "the request's body is too large",
            Self::RequestHeaders => "the request's headers are too large",
            Self::ResponseBody => "the response's body is too large",
            Self::ResponseHeaders => "the response's headers are too large",
            Self::HeaderCount => "there are too many headers",
            Self::CallBytes => "this call sends and receives too much",
            Self::RateBytes => "the response comes too slowly",
            Self::Answer => "the response is larger than what one call into the host may copy",
        })
    }
}

impl HttpError {
    /// A response of more bytes than one call into the host may copy.
    #[must_use]
    pub fn answer(ceiling: u64) -> Self {
        Self::Limited { limit: HttpLimit::Answer, bound: format!("at most {}", Bytes::of(ceiling)) }
    }

    pub(super) fn failed(kind: Failure, text: impl Into<String>) -> Self {
        Self::Failed { kind, text: text.into() }
    }

    /// What the HTTP library says, told apart by what it is, not by how it is worded.
    pub(super) fn from_exchange(error: &(dyn Error + 'static), limits: &HttpLimits) -> Self {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(ours) = error.downcast_ref::<Self>() {
                return ours.clone();
            }
            if let Some(found) = error.downcast_ref::<hyper::Error>().and_then(|e| of_hyper(e, limits)) {
                return found;
            }
            if let Some(found) = error.downcast_ref::<io::Error>().and_then(of_io) {
                return found;
            }
            cause = error.source();
        }
        Self::failed(Failure::Protocol, "it broke the rules of the protocol")
    }
}

fn of_hyper(error: &hyper::Error, limits: &HttpLimits) -> Option<HttpError> {
    if error.is_parse_too_large() {
        return Some(HttpLimit::ResponseHeaders.reached(limits));
    }
    if error.is_parse() {
        return Some(HttpError::failed(Failure::Protocol, "its head can't be read"));
    }
    let ended = error.is_incomplete_message() || error.is_closed() || error.is_canceled();
    ended.then(|| HttpError::failed(Failure::Reset, "before the response was complete"))
}

fn of_io(error: &io::Error) -> Option<HttpError> {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof};
    let ended = [BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof];
    let text = || format!("before the response was complete ({})", error.kind());
    ended.contains(&error.kind()).then(|| HttpError::failed(Failure::Reset, text()))
}

//! The head of a request: what the guest may say in it, and what only the host says.

use bytes::Bytes;
use cofferdam_policy::{HttpLimits, limits::http::URL_BYTES, units::Quantity};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use url::Url;

use super::{HttpError, HttpLimit, HttpRequest};

/// One hop of a request: what is to be permitted and sent.
#[derive(Debug, Clone)]
pub(super) struct Hop {
    pub(super) method: String,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// Whether the host asked for compression, and so takes it off.
    pub(super) decode: bool,
    /// Lines of the grant whose bound headers may still go along; none: those that permit it, as it is the first hop.
    pub(super) bound: Option<Vec<usize>>,
}

/// Headers that say where a message ends or to whom it goes. A guest that set them could send one request and
/// mean two.
const HOST_ONLY: [HeaderName; 8] = [
    header::HOST,
    header::CONNECTION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::EXPECT,
    HeaderName::from_static("http2-settings"),
];

const USER_AGENT: HeaderValue = HeaderValue::from_static(concat!("cofferdam/", env!("CARGO_PKG_VERSION")));
const CODINGS: HeaderValue = HeaderValue::from_static("gzip, br, zstd, deflate");

impl Hop {
    /// The first hop. The guest's address is parsed here, once.
    pub(super) fn first(request: &HttpRequest, limits: &HttpLimits) -> Result<Self, HttpError> {
        if request.url.len() > URL_BYTES {
            let text = format!("the address has {} bytes, expected at most {URL_BYTES}", request.url.len());
            return Err(HttpError::Invalid(text));
        }
        let url = Url::parse(&request.url)
            .map_err(|error| HttpError::Invalid(format!("the address can't be read: {error}")))?;
        let body = request.body.clone().unwrap_or_default();
        if body.len() as u64 > limits.request_body.value() {
            return Err(HttpLimit::RequestBody.reached(limits));
        }
        let mut headers = read_headers(&request.headers, &body, limits)?;
        let decode = !headers.contains_key(header::ACCEPT_ENCODING);
        if decode {
            headers.insert(header::ACCEPT_ENCODING, CODINGS);
        }
        headers.entry(header::USER_AGENT).or_insert(USER_AGENT);
        headers.entry(header::ACCEPT).or_insert(HeaderValue::from_static("*/*"));
        Ok(Self { method: request.method.clone(), url, headers, body, decode, bound: None })
    }
}

fn read_headers(
    given: &[(String, Vec<u8>)],
    body: &Bytes,
    limits: &HttpLimits,
) -> Result<HeaderMap, HttpError> {
    if given.len() as u64 > limits.header_count.value() {
        return Err(HttpLimit::HeaderCount.reached(limits));
    }
    let bytes: usize = given.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes as u64 > limits.request_headers.value() {
        return Err(HttpLimit::RequestHeaders.reached(limits));
    }
    let mut headers = HeaderMap::with_capacity(given.len() + 3);
    for (name, value) in given {
        let shown = || name.chars().take(60).collect::<String>();
        let invalid = |what: &str| HttpError::Invalid(format!("the header {:?} {what}", shown()));
        let known = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| invalid("has no valid name, expected letters, digits and -"))?;
        let value = HeaderValue::from_bytes(value)
            .map_err(|_| invalid("has control characters in its value, expected none"))?;
        if is_host_only(&known) {
            return Err(invalid("is for the host to set, leave it out"));
        }
        if known == header::CONTENT_LENGTH {
            // Many libraries send it along. The host counts for itself.
            match value.as_bytes() == body.len().to_string().as_bytes() {
                true => continue,
                false => return Err(invalid("is not the body's length, leave it out")),
            }
        }
        headers.append(known, value);
    }
    Ok(headers)
}

/// Whether only the host may set a header of this name.
#[must_use]
pub fn is_host_only(name: &HeaderName) -> bool {
    let text = name.as_str();
    HOST_ONLY.contains(name) || text.starts_with("proxy-") || text == "keep-alive"
}

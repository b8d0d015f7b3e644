//! Redirects: where the next hop goes, and what it leaves behind.
//!
//! The next hop is a request like any other: it is permitted, resolved and judged anew. When it leaves the
//! origin, only headers stay that say nothing about who is asking; a credential can be in any of the others.
//! What was left behind doesn't come back, even if a later hop returns to where it began.

use bytes::Bytes;
use cofferdam_policy::limits::http::URL_BYTES;
use http::{HeaderMap, HeaderName, StatusCode, header};
use url::Url;

use super::{Failure, HttpError, head::Hop};

/// Headers that go along to another origin.
const IMPERSONAL: [HeaderName; 11] = [
    header::ACCEPT,
    header::ACCEPT_CHARSET,
    header::ACCEPT_ENCODING,
    header::ACCEPT_LANGUAGE,
    header::CACHE_CONTROL,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_TYPE,
    header::PRAGMA,
    header::RANGE,
    header::USER_AGENT,
];

/// The hop that the response to `hop` asks for; none if it asks for none.
pub(super) fn next(hop: &Hop, status: StatusCode, headers: &HeaderMap) -> Result<Option<Hop>, HttpError> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(url) = location(&hop.url, headers)? else { return Ok(None) };
    let mut next = Hop { url, ..hop.clone() };
    let to_get = match status.as_u16() {
        301 | 302 => hop.method == "POST",
        303 => hop.method != "GET" && hop.method != "HEAD",
        _ => false,
    };
    if to_get {
        "GET".clone_into(&mut next.method);
        next.body = Bytes::new();
        retain(&mut next.headers, |name| !name.as_str().starts_with("content-"));
    }
    if next.url.origin() != hop.url.origin() {
        retain(&mut next.headers, |name| IMPERSONAL.contains(name));
    }
    Ok(Some(next))
}

fn location(base: &Url, headers: &HeaderMap) -> Result<Option<Url>, HttpError> {
    let unclear = |text: &str| HttpError::failed(Failure::Protocol, format!("its redirect {text}"));
    let mut values = headers.get_all(header::LOCATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.any(|other| other != value) {
        return Err(unclear("leads to more than one address"));
    }
    let text = str::from_utf8(value.as_bytes()).map_err(|_| unclear("is not text"))?;
    if text.len() > URL_BYTES {
        return Err(unclear("leads to an address that is too long"));
    }
    base.join(text).map(Some).map_err(|_| unclear("leads to no address"))
}

fn retain(headers: &mut HeaderMap, keep: impl Fn(&HeaderName) -> bool) {
    let names: Vec<_> = headers.keys().filter(|name| !keep(name)).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}

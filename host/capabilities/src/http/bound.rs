//! Headers that the operator bound to lines of a grant: the host adds them, the plugin never has them.
//!
//! They go along with a request that such a line permits, and on through redirects only within that line and the
//! first origin. What an upstream sends back of a secret is for [`super::scrub`].

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{HttpError, head, scrub::Scrubber};
use crate::secret::{Filled, Secret};

/// The shortest secret that may be bound: a shorter one would be found, and taken out, wherever its letters stand.
pub const SHORTEST_SECRET: usize = 8;

/// One header with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundHeader {
    name: HeaderName,
    value: Filled,
}

/// What can't be bound: expected, found, what to do. It never holds a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BoundError(String);

impl BoundHeader {
    /// The header `name` with this value.
    ///
    /// # Errors
    /// [`BoundError`] for a name or a value that no header has, and for a secret that is too short.
    pub fn new(name: &str, value: Filled) -> Result<Self, BoundError> {
        let bound = Self { name: check_name(name)?, value };
        let is_short = |secret: &&Secret| secret.expose().len() < SHORTEST_SECRET;
        if let Some(short) = bound.value.secrets().find(is_short) {
            return Err(BoundError(format!(
                "the secret `{}` has fewer than {SHORTEST_SECRET} characters, too few to be found in what comes back",
                short.name()
            )));
        }
        match bound.header() {
            Some(_) => Ok(bound),
            None => Err(BoundError(format!(
                "the value of the header `{name}` has characters that no header has, expected printable ASCII"
            ))),
        }
    }

    fn header(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(&self.value.expose()).ok()?;
        // Kept out of what the protocol library prints, and of HTTP/2's tables.
        value.set_sensitive(true);
        Some(value)
    }
}

/// Whether the operator may bind a header of this name.
///
/// # Errors
/// [`BoundError`] if no header has this name, or only the host says it.
pub fn check_name(name: &str) -> Result<HeaderName, BoundError> {
    let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
        BoundError(format!("expected a header's name, such as Authorization, found {name:?}"))
    })?;
    match head::is_host_only(&header) || header == http::header::CONTENT_LENGTH {
        true => Err(BoundError(format!("the header `{name}` is for the host to set, it can't be bound"))),
        false => Ok(header),
    }
}

/// The bound headers of a grant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bound(Vec<Vec<BoundHeader>>);

impl Bound {
    /// The headers of each line, in the order of the grant's lines.
    #[must_use]
    pub fn new(lines: Vec<Vec<BoundHeader>>) -> Self {
        Self(if lines.iter().all(Vec::is_empty) { Vec::new() } else { lines })
    }

    fn of(&self, lines: &[usize]) -> impl Iterator<Item = &BoundHeader> {
        lines.iter().filter_map(|line| self.0.get(*line)).flatten()
    }

    /// Refuses a plugin's own header where the operator has one of that name.
    pub(super) fn check(&self, lines: &[usize], headers: &HeaderMap) -> Result<(), HttpError> {
        match self.of(lines).find(|bound| headers.contains_key(&bound.name)) {
            None => Ok(()),
            Some(bound) => Err(HttpError::Invalid(format!(
                "the header {:?} is the operator's to set for this address, leave it out",
                bound.name.as_str()
            ))),
        }
    }

    /// Adds those of these lines; where two lines have one header, the first counts.
    pub(super) fn add(&self, lines: &[usize], headers: &mut HeaderMap) {
        for bound in self.of(lines) {
            if let (false, Some(value)) = (headers.contains_key(&bound.name), bound.header()) {
                headers.insert(bound.name.clone(), value);
            }
        }
    }

    /// What takes the secrets out of what comes back; none if there are none.
    pub(super) fn scrubber(&self) -> Option<Scrubber> {
        Scrubber::new(self.0.iter().flatten().flat_map(|bound| bound.value.secrets()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use zeroize::Zeroizing;

    use super::*;
    use crate::secret::Template;

    fn bind(name: &str, value: &str) -> Result<BoundHeader, String> {
        let secret =
            |name: &str, value: &str| (name.to_owned(), Secret::new(name, Zeroizing::new(value.to_owned())));
        let secrets = BTreeMap::from([
            secret("w", "tok-12345678"),
            secret("short", "1234567"),
            secret("odd", "a\r\nb: 12345"),
        ]);
        let filled = Template::parse(value).unwrap().fill(&secrets).unwrap();
        BoundHeader::new(name, filled).map_err(|error| error.to_string())
    }

    #[test]
    fn a_value_is_text_with_secrets_in_it_and_shows_none() {
        let bound = bind("Authorization", "Bearer ${secret:w}.").unwrap();
        assert_eq!(bound.header().unwrap().to_str().unwrap(), "Bearer tok-12345678.");
        for shown in [format!("{bound:?}"), format!("{:?}", bound.header())] {
            assert!(!shown.contains("tok-"), "{shown}");
        }
    }

    #[test]
    fn what_can_not_be_bound_is_told_and_never_the_value() {
        for (name, value, words) in [
            ("", "x", "expected a header's name"),
            ("Host", "x", "for the host to set"),
            ("Content-Length", "1", "for the host to set"),
            ("Proxy-Authorization", "x", "for the host to set"),
            ("X", "${secret:short}", "fewer than 8 characters"),
            ("X", "${secret:odd}", "has characters that no header has"),
        ] {
            let error = bind(name, value).unwrap_err();
            assert!(error.contains(words) && !error.contains("12345"), "{name} {value}: {error}");
        }
    }
}

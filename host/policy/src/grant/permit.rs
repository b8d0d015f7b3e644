//! Proof that a check passed.

use url::Url;

use crate::host_pattern::HttpPattern;

/// One HTTP request that was permitted. Only a grant makes one, and nobody can change it.
///
/// ```compile_fail
/// let url = "https://example.com/".parse().unwrap();
/// let forged = cofferdam_policy::HttpPermit { method: "GET".into(), url, pattern: String::new(), lines: vec![] };
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct HttpPermit {
    method: String,
    url: Url,
    pattern: String,
    lines: Vec<usize>,
}

impl HttpPermit {
    pub(super) fn new(method: &str, url: &Url, pattern: &HttpPattern, lines: Vec<usize>) -> Self {
        let mut url = url.clone();
        // A fragment is for whoever reads the answer; it never goes out.
        url.set_fragment(None);
        Self { method: method.to_owned(), url, pattern: pattern.to_string(), lines }
    }

    /// The method to send.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The address to send it to, without a fragment.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The first line of the grant that permits it, for the operator's records.
    #[must_use]
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// All lines of the grant that permit it, by their places in it: what the operator bound to one of them goes along.
    #[must_use]
    pub fn lines(&self) -> &[usize] {
        &self.lines
    }
}

//! One line of an HTTP grant, such as `GET,POST https://*.example.com:8443/v1/*`: parsed once, then matched
//! against parsed addresses.
//!
//! - Methods: `*`, or a list in upper case. `*` is every method but `CONNECT` and `TRACE`, which nobody gets.
//! - Scheme: `https`; `http` only where it is written.
//! - Host: exact, or `*.example.com`, which is every name below `example.com` at any depth, and not
//!   `example.com` itself. `*`, and a wildcard below a single label (`*.com`), are accepted only with the word
//!   `dangerous-any` behind the address. We know no list of registries: `*.co.uk` is taken for a company.
//! - Port: the scheme's own unless one is written.
//! - Path: exact (`/v1/search`), or all below a folder (`/v1/*`, which is `/v1/` too, and not `/v1`).
//!   Queries are not matched.
//!
//! Both sides are compared as the WHATWG parser writes them: lower case, punycode, dots in the path resolved.
//! What that parser leaves open, we close: a host that ends with a dot or has other characters than letters,
//! digits, `-` and `_` matches nothing; a needlessly encoded letter in a path is another path; and below a
//! folder, a path is refused if decoding it, however often, yields `.` or `..` as a segment (see `host_pattern/path`).
//! An encoded slash by itself is no way out of a folder and stays.

mod parse;
pub(crate) mod path;

use std::fmt;

pub use parse::PatternError;
use path::PathRule;
use url::{Host, Url};

/// The word behind a pattern that is wider than any that should be written.
pub const DANGEROUS_ANY: &str = "dangerous-any";

/// One line of an HTTP grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpPattern {
    methods: Methods,
    scheme: Scheme,
    host: HostRule,
    port: u16,
    path: PathRule,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Methods {
    Any,
    Listed(Vec<String>),
}

/// How an upstream is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "http" => Some(Self::Http),
            "https" => Some(Self::Https),
            _ => None,
        }
    }

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    pub(crate) fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum HostRule {
    Exact(Host<String>),
    /// Every name that ends with this, which starts with a dot.
    Below(String),
    Any,
}

/// How far a request was from being covered; the greatest is the nearest miss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Miss {
    Host,
    Scheme,
    Port,
    Path,
    UnclearPath,
    Method,
}

/// An address as it is matched: parsed, and in a form that means the same to everyone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) scheme: Scheme,
    pub(crate) host: Host<String>,
    pub(crate) port: u16,
    pub(crate) path: String,
}

/// Why an address can be matched by no grant at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfit {
    Scheme,
    UserInfo,
    TrailingDot,
    Host,
    Port,
}

impl Target {
    pub(crate) fn of(url: &Url) -> Result<Self, Unfit> {
        let scheme = Scheme::parse(url.scheme()).ok_or(Unfit::Scheme)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Unfit::UserInfo);
        }
        let host = url.host().ok_or(Unfit::Host)?.to_owned();
        if let Host::Domain(name) = &host {
            match name {
                name if name.ends_with('.') => return Err(Unfit::TrailingDot),
                name if !is_plain_name(name) => return Err(Unfit::Host),
                _ => {}
            }
        }
        let port = url.port().unwrap_or(scheme.port());
        match port {
            0 => Err(Unfit::Port),
            _ => Ok(Self { scheme, host, port, path: url.path().to_owned() }),
        }
    }

    /// The address without what follows the path.
    pub(crate) fn address(&self) -> String {
        format!("{}{}", self.origin(), self.path)
    }

    pub(crate) fn origin(&self) -> String {
        origin(self.scheme, &self.host.to_string(), self.port)
    }
}

fn origin(scheme: Scheme, host: &str, port: u16) -> String {
    let text = scheme.text();
    if port == scheme.port() { format!("{text}://{host}") } else { format!("{text}://{host}:{port}") }
}

impl HttpPattern {
    /// Whether a request is covered, and if not, what is in the way.
    pub(crate) fn covers(&self, method: &str, target: &Target) -> Result<(), Miss> {
        let check = |holds: bool, miss| if holds { Ok(()) } else { Err(miss) };
        check(self.host.matches(&target.host), Miss::Host)?;
        check(self.scheme == target.scheme, Miss::Scheme)?;
        check(self.port == target.port, Miss::Port)?;
        check(self.path.matches(&target.path), Miss::Path)?;
        check(!self.path.is_unclear(&target.path), Miss::UnclearPath)?;
        check(self.methods.matches(method), Miss::Method)
    }

    /// Whether it is so wide that it was accepted only with [`DANGEROUS_ANY`].
    #[must_use]
    pub fn is_dangerous(&self) -> bool {
        match &self.host {
            HostRule::Any => true,
            HostRule::Below(suffix) => suffix.matches('.').count() < 2,
            HostRule::Exact(_) => false,
        }
    }
}

/// As an operator would write it; parses to the same pattern.
impl fmt::Display for HttpPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.methods {
            Methods::Any => f.write_str("*")?,
            Methods::Listed(methods) => f.write_str(&methods.join(","))?,
        }
        let host = match &self.host {
            HostRule::Exact(host) => host.to_string(),
            HostRule::Below(suffix) => format!("*{suffix}"),
            HostRule::Any => "*".to_owned(),
        };
        write!(f, " {}{}", origin(self.scheme, &host, self.port), self.path)?;
        if self.is_dangerous() { write!(f, " {DANGEROUS_ANY}") } else { Ok(()) }
    }
}

impl Methods {
    fn matches(&self, method: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(methods) => methods.iter().any(|listed| listed == method),
        }
    }
}

impl HostRule {
    fn matches(&self, host: &Host<String>) -> bool {
        match (self, host) {
            (Self::Any, _) => true,
            (Self::Exact(exact), host) => exact == host,
            (Self::Below(suffix), Host::Domain(name)) => {
                name.len() > suffix.len() && name.ends_with(suffix.as_str())
            }
            (Self::Below(_), _) => false,
        }
    }
}

/// A method that a plugin may ask for at all: upper case, and nothing that turns a connection around or
/// plays a request back.
pub(crate) fn is_method(text: &str) -> bool {
    let upper = |b: u8| b.is_ascii_uppercase() || b == b'-';
    let form = (1..=32).contains(&text.len()) && text.bytes().all(upper) && !text.starts_with('-');
    form && !matches!(text, "CONNECT" | "TRACE" | "TRACK")
}

/// A name of labels as DNS and shells take them; the parser alone would take `a'b;$(c)`.
fn is_plain_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    let label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(plain);
    name.len() <= 253 && name.split('.').all(label)
}

#[cfg(test)]
mod tests;

//! Reads one line of a grant. An operator's typing error must not open a door: what isn't exactly of the form
//! is refused with what to write instead.

use std::str::FromStr;

use url::{Host, Url};

use super::{
    DANGEROUS_ANY, HostRule, HttpPattern, Methods, PathRule, Scheme, is_method, is_plain_name, path,
};

/// A line that is no grant: what came, what is wrong with it, what to write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not a grant for HTTP: {problem}")]
pub struct PatternError {
    found: String,
    problem: String,
}

/// The longest line that is read.
const LONGEST: usize = 4096;

impl FromStr for HttpPattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        parse(text).map_err(|problem| PatternError { found: text.chars().take(200).collect(), problem })
    }
}

fn parse(text: &str) -> Result<HttpPattern, String> {
    if text.len() > LONGEST {
        return Err(format!("it has {} bytes, expected at most {LONGEST}", text.len()));
    }
    let words: Vec<_> = text.split_whitespace().collect();
    let (methods, address, dangerous) = match words.as_slice() {
        [methods, address] => (methods, address, false),
        [methods, address, word] if *word == DANGEROUS_ANY => (methods, address, true),
        [address] if address.contains("://") => {
            return Err(format!("it names no method, write `GET {address}` or `* {address}`"));
        }
        _ => return Err("expected `METHODS ADDRESS`, such as `GET https://api.example.com/*`".to_owned()),
    };
    let pattern = parse_address(parse_methods(methods)?, address)?;
    match (pattern.is_dangerous(), dangerous) {
        (true, false) => Err(format!(
            "it opens hosts that nobody has named; name them, or write `{DANGEROUS_ANY}` behind it if you mean that"
        )),
        (false, true) => Err(format!("`{DANGEROUS_ANY}` is for wider patterns, leave it out")),
        _ => Ok(pattern),
    }
}

fn parse_methods(text: &str) -> Result<Methods, String> {
    if text == "*" {
        return Ok(Methods::Any);
    }
    let mut methods: Vec<String> = Vec::new();
    for method in text.split(',') {
        if !is_method(method) {
            let upper = method.to_ascii_uppercase();
            return Err(match is_method(&upper) {
                true => format!("the method {method:?} is written `{upper}`"),
                false => format!("{method:?} is no method, expected such as `GET`, `GET,POST` or `*`"),
            });
        }
        if !methods.iter().any(|known| known == method) {
            methods.push(method.to_owned());
        }
    }
    Ok(Methods::Listed(methods))
}

fn parse_address(methods: Methods, address: &str) -> Result<HttpPattern, String> {
    let (scheme, rest) = address
        .split_once("://")
        .ok_or_else(|| format!("the address has no scheme, write `https://{address}`"))?;
    let scheme = Scheme::parse(scheme)
        .ok_or_else(|| format!("the scheme is {scheme:?}, expected `https` or `http`"))?;
    if let Some(odd) = rest.chars().find(|c| matches!(c, '\\' | '?' | '#') || c.is_control()) {
        return Err(format!(
            "the address has {odd:?}, expected host, port and path: queries are not matched"
        ));
    }
    let Some(slash) = rest.find('/') else {
        return Err(format!("it has no path, write `{address}/*` for all of the host or `{address}/`"));
    };
    let (authority, path) = rest.split_at(slash);
    if authority.contains('@') {
        return Err("the address has a user name, leave it out: a plugin sends its own headers".to_owned());
    }
    let (host, port) = split_port(authority)?;
    let port = port.map_or(Ok(scheme.port()), parse_port)?;
    Ok(HttpPattern { methods, scheme, host: parse_host(host)?, port, path: parse_path(path)? })
}

fn split_port(authority: &str) -> Result<(&str, Option<&str>), String> {
    let Some(end) = authority.rfind(']') else {
        return Ok(match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        });
    };
    let (host, rest) = authority.split_at(end + 1);
    match rest.strip_prefix(':') {
        Some(port) => Ok((host, Some(port))),
        None if rest.is_empty() => Ok((host, None)),
        None => Err(format!("{rest:?} follows the host, expected a port such as `:8443`")),
    }
}

fn parse_port(text: &str) -> Result<u16, String> {
    // No sign, no zeros in front: one port is written in one way.
    match text.parse::<u16>() {
        Ok(port) if port != 0 && port.to_string() == text => Ok(port),
        _ => Err(format!("the port is {text:?}, expected 1 to 65535")),
    }
}

fn parse_host(text: &str) -> Result<HostRule, String> {
    if text == "*" {
        return Ok(HostRule::Any);
    }
    let (wild, name) = match text.strip_prefix("*.") {
        Some(name) => (true, name),
        None => (false, text),
    };
    if name.contains('*') {
        return Err(format!(
            "the host is {text:?}, expected a `*` only for whole labels in front, such as `*.example.com`"
        ));
    }
    match (read_host(name)?, wild) {
        (host, false) => Ok(HostRule::Exact(host)),
        (Host::Domain(name), true) => Ok(HostRule::Below(format!(".{name}"))),
        (_, true) => Err(format!("{name:?} is an address, which has no names below it")),
    }
}

fn read_host(text: &str) -> Result<Host<String>, String> {
    let expected = "expected a name such as `api.example.com`, or an address";
    if text.is_empty() || text.contains('%') || text.ends_with('.') {
        return Err(format!("the host is {text:?}, {expected}, without `%` or a dot at the end"));
    }
    match Host::parse(text) {
        // Other spellings of an address are for those who want to be misunderstood.
        Ok(host @ (Host::Ipv4(_) | Host::Ipv6(_))) if host.to_string() != text => {
            Err(format!("the host is {text:?}, write `{host}`"))
        }
        Ok(Host::Domain(name)) if !is_plain_name(&name) => Err(format!("the host is {text:?}, {expected}")),
        Ok(host) => Ok(host),
        Err(error) => Err(format!("the host is {text:?}, {expected}: {error}")),
    }
}

fn parse_path(text: &str) -> Result<PathRule, String> {
    let (literal, folder) = match text.strip_suffix("/*") {
        Some(parent) => (format!("{parent}/"), true),
        None => (text.to_owned(), false),
    };
    if literal.contains('*') {
        return Err(format!("the path is {text:?}, expected a `*` only at the end, as in `/v1/*`"));
    }
    if path::may_climb(&literal) {
        return Err(format!("the path is {text:?}, expected one without `.` and `..`, encoded or not"));
    }
    let normal = normal_path(&literal)?;
    if normal != literal {
        let star = if folder { "*" } else { "" };
        return Err(format!("the path is {text:?}, write `{normal}{star}`"));
    }
    Ok(if folder { PathRule::Below(literal) } else { PathRule::Exact(literal) })
}

/// The path as the parser of addresses writes it.
fn normal_path(path: &str) -> Result<String, String> {
    match Url::parse(&format!("https://host{path}")) {
        Ok(url) => Ok(url.path().to_owned()),
        Err(error) => Err(format!("the path {path:?} can't be read: {error}")),
    }
}

//! What a plugin may reach over HTTP: lines, headers that go along with them, and addresses that are not public.

use std::{collections::BTreeMap, net::SocketAddr};

use cofferdam_policy::{AddressRule, HttpGrant, HttpPattern, PluginId};
use cofferdam_runtime::capabilities::{
    http::{Bound, BoundHeader, bound::check_name},
    secret::{Secret, Template},
};

use super::{
    resolve::Fault,
    written::{HttpLine, HttpRule, PluginTable},
};

/// What the operator wrote of it, checked line by line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HttpAccess {
    /// The lines.
    pub(crate) lines: Vec<HttpPattern>,
    /// Addresses that are not public.
    allow_private: Vec<SocketAddr>,
    headers: Vec<Vec<(String, Template)>>,
    /// [`HttpAccess::headers`] with their secrets.
    pub(super) bound: Bound,
}

impl HttpAccess {
    /// The grant, for a host that listens on `own`; none if no line is written.
    #[must_use]
    pub(crate) fn grant(&self, id: &PluginId, own: &[SocketAddr]) -> Option<HttpGrant> {
        if self.lines.is_empty() {
            return None;
        }
        let addresses = AddressRule::new(self.allow_private.clone(), own.to_vec()).ok()?;
        Some(HttpGrant::new(id.clone(), self.lines.clone(), addresses))
    }

    /// Each line, with the names of the headers that go along.
    pub(crate) fn shown(&self) -> impl Iterator<Item = (&HttpPattern, Vec<&str>)> {
        let names =
            self.headers.iter().map(|headers| headers.iter().map(|(name, _)| name.as_str()).collect());
        self.lines.iter().zip(names)
    }

    /// Addresses that are not public, and that it may reach.
    #[must_use]
    pub(crate) fn private(&self) -> &[SocketAddr] {
        &self.allow_private
    }

    /// The headers that go along.
    #[must_use]
    pub(crate) fn bound(&self) -> Bound {
        self.bound.clone()
    }
}

/// All but the secrets.
pub(super) fn access(table: &PluginTable, path: [&str; 2]) -> Result<HttpAccess, Fault> {
    let [plugins, id] = path;
    let mut access = HttpAccess::default();
    for line in table.http.as_deref().unwrap_or_default() {
        let (pattern, headers) = read(line).map_err(|label| Fault::new(&[plugins, id, "http"], label))?;
        access.lines.push(pattern);
        access.headers.push(headers);
    }
    for text in table.allow_private.as_deref().unwrap_or_default() {
        let address = private(text).map_err(|label| Fault::new(&[plugins, id, "allow_private"], label))?;
        access.allow_private.push(address);
    }
    Ok(access)
}

type Line = (HttpPattern, Vec<(String, Template)>);

fn read(line: &HttpLine) -> Result<Line, String> {
    let pattern = |text: &str| text.parse::<HttpPattern>().map_err(|error| error.to_string());
    let HttpRule { allow, headers } = match line {
        HttpLine::Plain(text) => return Ok((pattern(text)?, Vec::new())),
        HttpLine::Rule(rule) => rule,
    };
    let pattern = pattern(allow)?;
    if pattern.is_dangerous() && !headers.is_empty() {
        return Err(format!("{allow:?} has headers, and would send them to hosts that nobody has named"));
    }
    let header = |(name, value): (&String, &String)| {
        check_name(name).map_err(|error| error.to_string())?;
        let value = Template::parse(value).map_err(|error| format!("the header `{name}`: {error}"))?;
        Ok((name.clone(), value))
    };
    Ok((pattern, headers.iter().map(header).collect::<Result<_, String>>()?))
}

fn private(text: &str) -> Result<SocketAddr, String> {
    let expected = "expected the address and port of one machine, such as \"10.1.2.3:8080\"";
    let address = text.parse().map_err(|_| format!("{expected}, found {text:?}"))?;
    match AddressRule::new(vec![address], Vec::new()) {
        Ok(_) => Ok(address),
        Err(_) => Err(format!("{expected}, found {text:?}")),
    }
}

/// Puts the secrets into the headers.
pub(super) fn bind(
    access: &mut HttpAccess,
    id: &PluginId,
    secrets: &BTreeMap<String, Secret>,
) -> Result<(), Fault> {
    let wrong = |label: String| Fault::new(&["plugins", id.as_str(), "http"], label);
    let bind = |(name, value): &(String, Template)| {
        let value = value.fill(secrets).map_err(|error| wrong(error.to_string()))?;
        BoundHeader::new(name, value).map_err(|error| wrong(error.to_string()))
    };
    let lines = access.headers.iter().map(|headers| headers.iter().map(bind).collect());
    access.bound = Bound::new(lines.collect::<Result<_, _>>()?);
    Ok(())
}

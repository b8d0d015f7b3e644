//! What the operator allows one plugin, and the decisions that follow from it.
//!
//! Denied is the default. A decision that allows gives a permit, which only this crate makes, and which holds
//! what was judged: the capability acts on the permit, never on what the guest said.
//! Grants come from the operator's file. Nothing here reads it.

mod denied;
mod permit;

pub use denied::{Denial, Denied};
pub use permit::HttpPermit;
use url::Url;

use crate::{
    AddressRule, PluginId,
    host_pattern::{HttpPattern, Miss, PatternError, Target, is_method},
};

/// Which HTTP requests one plugin may make, and which addresses they may reach.
///
/// Two grants that are equal allow the same: connections made under one may be used under the other.
///
/// ```
/// use cofferdam_policy::{AddressRule, HttpGrant, PluginId};
///
/// let weather = PluginId::parse("weather")?;
/// let grant = HttpGrant::parse(weather, ["GET https://api.example.com/v1/*"], AddressRule::default())?;
/// let permit = grant.permit("GET", &"https://api.example.com/v1/now?city=Oslo".parse()?)?;
/// assert_eq!(permit.url().path(), "/v1/now");
///
/// let denied = grant.permit("POST", &"https://api.example.com/v1/now".parse()?).unwrap_err();
/// assert!(denied.to_string().ends_with(
///     "to allow it, run: cofferdam grant weather http 'POST https://api.example.com/v1/now'"
/// ));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpGrant {
    plugin: PluginId,
    patterns: Vec<HttpPattern>,
    addresses: AddressRule,
}

impl HttpGrant {
    /// From the lines that the operator wrote for `plugin`; none: nothing is allowed.
    ///
    /// # Errors
    /// [`PatternError`] for the first line that is not one.
    pub fn parse<I>(plugin: PluginId, lines: I, addresses: AddressRule) -> Result<Self, PatternError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let patterns = lines.into_iter().map(|line| line.as_ref().parse()).collect::<Result<_, _>>()?;
        Ok(Self { plugin, patterns, addresses })
    }

    /// From lines that were read before.
    #[must_use]
    pub fn new(plugin: PluginId, patterns: Vec<HttpPattern>, addresses: AddressRule) -> Self {
        Self { plugin, patterns, addresses }
    }

    /// Whose grant it is.
    #[must_use]
    pub fn plugin(&self) -> &PluginId {
        &self.plugin
    }

    /// Its lines.
    #[must_use]
    pub fn patterns(&self) -> &[HttpPattern] {
        &self.patterns
    }

    /// Which addresses a permitted request may reach.
    #[must_use]
    pub fn addresses(&self) -> &AddressRule {
        &self.addresses
    }

    /// Decides one request. Each hop of a redirect is a request of its own.
    ///
    /// # Errors
    /// [`Denied`] with the reason and, if a grant could cover the request, the command that adds it.
    pub fn permit(&self, method: &str, url: &Url) -> Result<HttpPermit, Denied> {
        if !is_method(method) {
            return Err(Denied::method(&self.plugin, method));
        }
        let target = Target::of(url).map_err(|unfit| Denied::unfit(&self.plugin, method, url, unfit))?;
        let mut nearest: Option<Miss> = None;
        let (mut first, mut lines) = (None, Vec::new());
        for (line, pattern) in self.patterns.iter().enumerate() {
            match pattern.covers(method, &target) {
                Ok(()) => {
                    first.get_or_insert(pattern);
                    lines.push(line);
                }
                Err(miss) => nearest = nearest.max(Some(miss)),
            }
        }
        match first {
            Some(pattern) => Ok(HttpPermit::new(method, url, pattern, lines)),
            None => Err(Denied::missed(&self.plugin, method, &target, nearest)),
        }
    }
}

#[cfg(test)]
mod tests;

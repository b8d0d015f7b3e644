//! A denial: what was asked for, why not, and what would allow it.
//!
//! Its text goes to the guest, to a model and to people who may paste the remedy into a shell, while the guest
//! chose the address: nothing in it can end a quoted word, and queries, which may hold secrets, are left out.

use std::fmt;

use url::Url;

use crate::{
    Code, PluginId,
    host_pattern::{Miss, Target, Unfit, path::may_climb},
};

/// A request that policy refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    plugin: PluginId,
    what: String,
    why: Denial,
    remedy: Option<String>,
}

/// What stands in the way of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    /// The plugin has no grant for HTTP.
    NoGrant,
    /// No line names the host.
    Host,
    /// The host is granted, with another scheme.
    Scheme,
    /// The host is granted, on another port.
    Port,
    /// The host is granted, for other paths.
    Path,
    /// The address is granted, for other methods.
    Method,
    /// The path could be read as one outside the folder that is granted.
    UnclearPath,
    /// No grant covers such a method.
    UnfitMethod,
    /// No grant covers such a scheme.
    UnfitScheme,
    /// The address has a user name or password.
    UserInfo,
    /// The host ends with a dot.
    TrailingDot,
    /// The host is missing or has characters that no name has.
    UnfitHost,
    /// Port 0.
    UnfitPort,
}

/// The longest address that is repeated.
const LONGEST: usize = 300;

impl Denied {
    pub(super) fn method(plugin: &PluginId, method: &str) -> Self {
        let what = format!("{:?}", method.chars().take(40).collect::<String>());
        Self { plugin: plugin.clone(), what, why: Denial::UnfitMethod, remedy: None }
    }

    pub(super) fn unfit(plugin: &PluginId, method: &str, url: &Url, unfit: Unfit) -> Self {
        let why = match unfit {
            Unfit::Scheme => Denial::UnfitScheme,
            Unfit::UserInfo => Denial::UserInfo,
            Unfit::TrailingDot => Denial::TrailingDot,
            Unfit::Host => Denial::UnfitHost,
            Unfit::Port => Denial::UnfitPort,
        };
        // Not the whole address: it may hold a password. Debug form: its host may hold anything.
        let host = url.host_str().unwrap_or_default().chars().take(100).collect::<String>();
        let what = format!("{method} {:?}", format!("{}://{host}", url.scheme()));
        Self { plugin: plugin.clone(), what, why, remedy: None }
    }

    pub(super) fn missed(plugin: &PluginId, method: &str, target: &Target, nearest: Option<Miss>) -> Self {
        let why = match nearest {
            None => Denial::NoGrant,
            Some(Miss::Host) => Denial::Host,
            Some(Miss::Scheme) => Denial::Scheme,
            Some(Miss::Port) => Denial::Port,
            Some(Miss::Path) => Denial::Path,
            Some(Miss::UnclearPath) => Denial::UnclearPath,
            Some(Miss::Method) => Denial::Method,
        };
        let remedy = (!may_climb(&target.path)).then(|| {
            format!(
                "cofferdam grant {plugin} http '{method} {}{}'",
                target.origin(),
                wanted_path(&target.path)
            )
        });
        let mut what = format!("{method} {}", target.address());
        if what.len() > LONGEST {
            what = what.chars().take(LONGEST).chain(['…']).collect();
        }
        Self { plugin: plugin.clone(), what, why, remedy }
    }

    /// What stands in the way.
    #[must_use]
    pub fn why(&self) -> Denial {
        self.why
    }

    /// The command that would allow exactly this, if a grant can.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        self.remedy.as_deref()
    }
}

/// The narrowest path that a grant can spell and a shell can quote.
fn wanted_path(path: &str) -> String {
    let odd = path.find(['*', '\'']);
    if odd.is_none() && path.len() <= LONGEST {
        return path.to_owned();
    }
    let folder = |path: &str| path.rfind('/').and_then(|end| path.get(..=end)).unwrap_or("/").to_owned();
    let end = odd.unwrap_or(path.len()).min(LONGEST);
    format!("{}*", folder(path.get(..end).unwrap_or("/")))
}

impl Denial {
    /// The code to look up.
    #[must_use]
    pub fn code(self) -> Code {
        match self {
            Self::NoGrant => Code::HttpNoGrant,
            Self::Host => Code::HttpHost,
            Self::Scheme => Code::HttpScheme,
            Self::Port => Code::HttpPort,
            Self::Path => Code::HttpPath,
            Self::UnclearPath => Code::HttpUnclearPath,
            Self::Method => Code::HttpMethod,
            Self::UnfitMethod => Code::HttpUnfitMethod,
            Self::UnfitScheme => Code::HttpUnfitScheme,
            Self::UserInfo => Code::HttpUserInfo,
            Self::TrailingDot => Code::HttpTrailingDot,
            Self::UnfitHost => Code::HttpUnfitHost,
            Self::UnfitPort => Code::HttpUnfitPort,
        }
    }

    fn reason(self) -> &'static str {
        match self {
            Self::NoGrant => "it has no grant for HTTP",
            Self::Host => "no grant names this host",
            Self::Scheme => "this host is granted with another scheme",
            Self::Port => "this host is granted on another port",
            Self::Path => "this host is granted for other paths",
            Self::Method => "this address is granted for other methods",
            Self::UnclearPath => {
                "the path, once decoded, has `.` or `..` or no clear meaning, expected one inside the granted folder"
            }
            Self::UnfitMethod => "no grant covers this method, expected one in upper case, such as GET",
            Self::UnfitScheme => "no grant covers this scheme, expected https or http",
            Self::UserInfo => "the address has a user name or password, send them in a header",
            Self::TrailingDot => "the host ends with a dot, leave it out",
            Self::UnfitHost => "the host has characters that no name has",
            Self::UnfitPort => "there is no port 0",
        }
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.why.code();
        write!(f, "`{}` may not {}: {} [{code}]", self.plugin, self.what, self.why.reason())?;
        match &self.remedy {
            Some(remedy) => write!(f, "; to allow it, run: {remedy}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Denied {}

//! Values from the command line: they go before all others.

use std::sync::Arc;

use super::{leaf::Leaf, origin::Origin, written::Level};
use crate::diagnostic::Source;

/// A flag that sets a key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Flag {
    name: &'static str,
    path: &'static [&'static str],
    value: toml::Value,
}

impl Flag {
    /// `--plugins DIR`.
    #[must_use]
    pub(crate) fn plugins(directory: &str) -> Self {
        Self { name: "--plugins", path: &["plugins_dir"], value: directory.into() }
    }

    /// A plugins directory that is a command's own argument.
    #[must_use]
    pub(crate) fn directory(directory: &str) -> Self {
        Self { name: "DIR", path: &["plugins_dir"], value: directory.into() }
    }

    /// `--http ADDR`.
    #[must_use]
    pub(crate) fn http(address: &str) -> Self {
        Self { name: "--http", path: &["server", "http"], value: address.into() }
    }

    /// `--allow-remote`.
    #[must_use]
    pub(crate) fn allow_remote() -> Self {
        Self { name: "--allow-remote", path: &["server", "allow_remote"], value: true.into() }
    }

    /// `--log-level LEVEL`.
    #[must_use]
    pub(crate) fn log_level(level: Level) -> Self {
        Self { name: "--log-level", path: &["log", "level"], value: level.as_str().into() }
    }

    pub(super) fn leaf(&self) -> Leaf {
        let value = match &self.value {
            toml::Value::String(text) => format!(" {text}"),
            _ => String::new(),
        };
        let text = format!("{}{value}", self.name);
        let keys = vec![0..self.name.len(); self.path.len()];
        Leaf {
            path: self.path.iter().map(|key| (*key).to_owned()).collect(),
            value: self.value.clone(),
            origin: Origin::Flag(self.name.to_owned()),
            span: if value.is_empty() { 0..text.len() } else { self.name.len() + 1..text.len() },
            source: Arc::new(Source { name: "command line".to_owned(), text }),
            keys,
        }
    }
}

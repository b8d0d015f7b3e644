//! What a component imports and exports, by name: what is offered, and what it means in plain words.

use std::borrow::Cow;

use cofferdam_policy::{DatabaseAccess, HttpGrant};

use crate::{abi::v0_1, error::LoadError, plugin::PluginSpec};

/// One import of a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// For example `cofferdam:plugin/request@0.1.0`.
    pub name: String,
    /// What it lets the plugin do.
    pub meaning: Cow<'static, str>,
}

impl Import {
    /// The same, with the quota or the grant of what it gives.
    pub(crate) fn within(&self, spec: &PluginSpec) -> Self {
        let meaning = match self.meaning.as_ref() {
            CACHE => format!("{CACHE} ({}, {} entries)", spec.cache.bytes, spec.cache.entries).into(),
            HTTP => match spec.http.as_ref().map(HttpGrant::patterns) {
                None | Some([]) => self.meaning.clone(),
                Some(lines) => {
                    let lines: Vec<_> = lines.iter().map(ToString::to_string).collect();
                    format!("{HTTP}: {}", lines.join("; ")).into()
                }
            },
            DATABASE => databases(spec).into(),
            _ => self.meaning.clone(),
        };
        Self { name: self.name.clone(), meaning }
    }

    /// Whether it leads to databases.
    pub(crate) fn is_database(&self) -> bool {
        self.meaning.starts_with(DATABASE)
    }

    /// Whether it is a door that only the operator opens.
    pub(crate) fn is_http(&self) -> bool {
        self.meaning.starts_with(HTTP)
    }
}

const CACHE: &str = "has a private cache";
const HTTP: &str = "may send HTTP requests as far as granted";
const SETTINGS: &str = "may read its own settings from cofferdam.toml";
const DATABASE: &str = "has a private database";

/// The plugin's own, and those of the operator's that it may open.
fn databases(spec: &PluginSpec) -> String {
    let mut text = format!("{DATABASE} ({})", spec.databases.limits.size);
    for (label, access) in spec.databases.grant.labels() {
        let may = match access {
            DatabaseAccess::Read => "read",
            DatabaseAccess::Write => "read and write",
            DatabaseAccess::Schema => "read, write and change the tables of",
        };
        text.push_str(&format!("; may {may} `{label}`"));
    }
    text
}

/// Interfaces of our own package that the host offers, with their meaning.
const OFFERED: [(&str, &str); 6] = [
    ("types", "shared types"),
    ("request", "may report progress, log, and read who called"),
    ("config", SETTINGS),
    ("cache", CACHE),
    ("http", HTTP),
    ("database", DATABASE),
];

/// Interfaces of WASI 0.2 that are linked, to an empty context, because ordinary toolchains import them.
const WASI: [(&str, &str); 6] = [
    ("cli", "finds no arguments and no environment; its output goes to the host's log"),
    ("clocks", "may read the time, coarsely"),
    ("filesystem", "finds no files and no directories"),
    ("io", "streams and polling"),
    ("random", "may ask for random bytes"),
    ("sockets", "finds no network: every connection is refused"),
];

/// Interfaces of WASI that are linked to the services of our own ones: package, interface, version (one that ends with
/// a dot is a track), meaning.
const STANDARD: [(&str, &str, &str, &str); 6] = [
    ("http", "types", "0.2.", "the types of requests and responses"),
    ("http", "outgoing-handler", "0.2.", HTTP),
    ("keyvalue", "store", "0.2.0-draft", CACHE),
    ("keyvalue", "atomics", "0.2.0-draft", "may count in its private cache"),
    ("keyvalue", "batch", "0.2.0-draft", "may use many keys of its private cache at once"),
    ("config", "store", "0.2.0-rc.1", SETTINGS),
];

const PACKAGE: &str = "cofferdam:plugin";
const TOOLS: &str = "tools";

/// Explains every import, or says what is wrong with those that are not offered.
pub(crate) fn explain<'a>(names: impl Iterator<Item = &'a str>) -> Result<Vec<Import>, LoadError> {
    let mut offered = Vec::new();
    let mut refused = Vec::new();
    for name in names {
        match meaning(name) {
            Ok(meaning) => offered.push(Import { name: name.to_owned(), meaning: meaning.into() }),
            Err(reason) => refused.push(format!("`{}`, {reason}", shown(name))),
        }
    }
    if refused.is_empty() { Ok(offered) } else { Err(LoadError::UnknownImports { imports: refused }) }
}

/// What an import lets the plugin do; none if it isn't offered.
pub(crate) fn meaning_of(name: &str) -> Option<&'static str> {
    meaning(name).ok()
}

/// What an operator calls an import: WASI by its package, our own interfaces by their names.
pub(crate) fn short(name: &str) -> &str {
    let Some(Interface { package, interface, .. }) = Interface::parse(name) else { return name };
    if package == PACKAGE { interface } else { package }
}

fn meaning(name: &str) -> Result<&'static str, String> {
    let Some(Interface { package, interface, version }) = Interface::parse(name) else {
        return Err(
            "which is not a versioned interface; a plugin may import only cofferdam:plugin and WASI 0.2"
                .into(),
        );
    };
    if package == PACKAGE {
        serves(version)?;
        return OFFERED
            .iter()
            .find(|(known, _)| *known == interface)
            .map(|(_, meaning)| *meaning)
            .ok_or_else(|| {
                format!(
                    "which this host doesn't offer; it offers {}",
                    OFFERED.map(|(known, _)| known).join(", ")
                )
            });
    }
    let Some(wasi) = package.strip_prefix("wasi:") else {
        return Err("which is not known here; a plugin may import only cofferdam:plugin and WASI 0.2".into());
    };
    match WASI.iter().find(|(known, _)| *known == wasi) {
        Some((_, meaning)) if version.starts_with("0.2.") => Ok(meaning),
        Some(_) => {
            Err(format!("which is WASI {version}; build the plugin for WASI 0.2 (target wasm32-wasip2)"))
        }
        None => standard(wasi, interface, version),
    }
}

/// An interface of WASI that isn't among those that every toolchain imports.
fn standard(package: &str, interface: &str, version: &str) -> Result<&'static str, String> {
    let offered = STANDARD.iter().find(|known| (known.0, known.1) == (package, interface));
    let Some((_, _, wanted, meaning)) = offered else { return Err("which this host doesn't offer".into()) };
    let serves = match wanted.ends_with('.') {
        true => version.starts_with(wanted) && !version.contains('-'),
        false => version == *wanted,
    };
    let of = if wanted.ends_with('.') { format!("{wanted}x") } else { (*wanted).to_owned() };
    serves.then_some(*meaning).ok_or_else(|| {
        format!(
            "which is version {}, and this host serves {of}; build the plugin for that one",
            shown(version)
        )
    })
}

/// The ABI version of the component, by the version of `tools` that it exports.
pub(crate) fn abi<'a>(exports: impl Iterator<Item = &'a str>) -> Result<String, LoadError> {
    let mut others = Vec::new();
    for name in exports {
        match Interface::parse(name) {
            Some(Interface { package: PACKAGE, interface: TOOLS, version }) => {
                return serves(version).map(|()| version.to_owned()).map_err(|reason| {
                    LoadError::Exports(format!("the component exports `{name}`, {reason}"))
                });
            }
            _ => others.push(shown(name)),
        }
    }
    let found = if others.is_empty() { "nothing".to_owned() } else { others.join(", ") };
    let (major, minor, patch) = v0_1::VERSION;
    Err(LoadError::Exports(format!(
        "the component exports no tools: expected `{PACKAGE}/{TOOLS}@{major}.{minor}.{patch}`, found {found}; \
         did you forget `plugin!(…)`?"
    )))
}

/// Whether the host serves this version of its package: the same track, no newer than its own.
fn serves(version: &str) -> Result<(), String> {
    let (major, minor, patch) = v0_1::VERSION;
    let mut parts = version.splitn(3, '.').map(|part| part.parse::<u64>().ok());
    let found = (parts.next().flatten(), parts.next().flatten(), parts.next().flatten());
    match found {
        (Some(a), Some(b), Some(c)) if (a, b) == (major, minor) && c <= patch => Ok(()),
        _ => Err(format!(
            "which is version {} of the plugin ABI, and this host serves {major}.{minor}.0 to {major}.{minor}.{patch}; \
             build the plugin with a matching SDK, or update the host",
            shown(version)
        )),
    }
}

fn shown(name: &str) -> String {
    cofferdam_capabilities::sanitize::line(name, 120)
}

/// The parts of a name such as `wasi:io/streams@0.2.6`.
pub(crate) struct Interface<'a> {
    pub(crate) package: &'a str,
    pub(crate) interface: &'a str,
    pub(crate) version: &'a str,
}

impl<'a> Interface<'a> {
    /// Parses `namespace:package/interface@version`.
    pub(crate) fn parse(name: &'a str) -> Option<Self> {
        let (path, version) = name.split_once('@')?;
        let (package, interface) = path.split_once('/')?;
        Some(Self { package, interface, version })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_is_explained() {
        let names = ["cofferdam:plugin/request@0.1.0", "wasi:io/streams@0.2.6", "wasi:cli/stdout@0.2.3"];
        assert_eq!(explain(names.into_iter()).unwrap().len(), 3);
    }

    #[test]
    fn quotas_and_grants_are_explained() {
        let names = [
            "cofferdam:plugin/config@0.1.0",
            "cofferdam:plugin/cache@0.1.0",
            "cofferdam:plugin/database@0.1.0",
        ];
        let label = |text| cofferdam_policy::Label::parse(text).unwrap();
        let mut spec = PluginSpec::default();
        spec.databases.grant = cofferdam_policy::DatabaseGrant::new([
            (label("shop"), DatabaseAccess::Read),
            (label("log"), DatabaseAccess::Write),
        ]);
        let explained = explain(names.into_iter()).unwrap();
        let within = explained.iter().map(|import| import.within(&spec).meaning);
        assert_eq!(
            within.collect::<Vec<_>>(),
            [
                "may read its own settings from cofferdam.toml",
                "has a private cache (16 MiB, 10000 entries)",
                "has a private database (64 MiB); may read and write `log`; may read `shop`",
            ]
        );
    }

    #[test]
    fn what_is_not_offered_is_named_with_a_reason() {
        for (name, words) in [
            (
                "cofferdam:plugin/files@0.1.0",
                "doesn't offer; it offers types, request, config, cache, http, database",
            ),
            ("cofferdam:plugin/request@0.1.1", "serves 0.1.0 to 0.1.0"),
            ("cofferdam:plugin/request@0.2.0", "serves 0.1.0 to 0.1.0"),
            ("wasi:http/incoming-handler@0.2.3", "this host doesn't offer"),
            ("wasi:http/outgoing-handler@0.3.0", "is version 0.3.0, and this host serves 0.2.x"),
            ("wasi:http/types@0.2.0-rc-2023-12-05", "this host serves 0.2.x"),
            ("wasi:keyvalue/store@0.2.0-draft2", "is version 0.2.0-draft2, and this host serves 0.2.0-draft"),
            ("wasi:keyvalue/watcher@0.2.0-draft", "this host doesn't offer"),
            ("wasi:config/store@0.2.0-draft", "this host serves 0.2.0-rc.1"),
            ("wasi:nn/graph@0.2.0", "this host doesn't offer"),
            ("wasi:io/streams@0.3.0", "build the plugin for WASI 0.2"),
            ("evil:pkg/iface@1.0.0", "not known here"),
            ("do-something", "not a versioned interface"),
        ] {
            let error = explain([name].into_iter()).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains(words), "{error}");
        }
    }

    #[test]
    fn standard_interfaces_mean_what_ours_mean() {
        for (name, ours) in [
            ("wasi:http/outgoing-handler@0.2.12", "http"),
            ("wasi:keyvalue/store@0.2.0-draft", "cache"),
            ("wasi:config/store@0.2.0-rc.1", "config"),
        ] {
            assert_eq!(meaning_of(name), meaning_of(&format!("cofferdam:plugin/{ours}@0.1.0")), "{name}");
        }
        let is_http = |name| explain([name].into_iter()).unwrap().iter().any(Import::is_http);
        assert!(is_http("wasi:http/outgoing-handler@0.2.0") && !is_http("wasi:http/types@0.2.0"));
    }

    #[test]
    fn an_import_has_a_short_name() {
        for (name, expected) in [
            ("cofferdam:plugin/request@0.1.0", "request"),
            ("wasi:io/streams@0.2.6", "wasi:io"),
            ("do-something", "do-something"),
        ] {
            assert_eq!(short(name), expected);
        }
    }

    #[test]
    fn the_abi_version_is_read_off_the_exports() {
        assert_eq!(abi(["x:y/z@1.0.0", "cofferdam:plugin/tools@0.1.0"].into_iter()).unwrap(), "0.1.0");
        let wrong = abi(["cofferdam:plugin/tools@0.2.0"].into_iter()).unwrap_err().to_string();
        assert!(wrong.contains("version 0.2.0") && wrong.contains("update the host"), "{wrong}");
        let none = abi(["wasi:cli/run@0.2.0"].into_iter()).unwrap_err().to_string();
        assert!(none.contains("exports no tools") && none.contains("wasi:cli/run@0.2.0"), "{none}");
    }
}

//! All sources together: what is checked, and how a mistake is worded.

use std::{collections::HashSet, path::PathBuf, sync::Arc};

use serde::Deserialize as _;
use serde_json::Value;

use super::{
    Config, Given, databases, environment, find, http,
    leaf::{self, Leaf, Leaves},
    nearest,
    resolve::{self, Defaults, Fault},
    schema::{self, Lookup},
    secrets, trust,
    written::Written,
};
use crate::diagnostic::{Diagnostic, Place};

/// Reads all sources and checks them. What one source overrides in another is checked all the same.
pub(super) fn load(given: &Given) -> Result<Config, Vec<Diagnostic>> {
    let schema = schema::schema();
    let schema = schema.as_value();
    let mut mistakes = Vec::new();
    let mut leaves = Leaves::default();
    let found = find::find(given).map_err(|mistake| vec![mistake])?;
    let mut sources = Vec::new();
    if let Some(found) = &found {
        match leaf::parse(&found.source, &found.path) {
            Ok(leaves) => sources.push((leaves, found.directory.as_path())),
            Err(wrong) => mistakes.extend(wrong),
        }
    }
    let (variables, unknown) = environment::leaves(&given.environment, schema);
    mistakes.extend(unknown);
    sources.push((variables, given.directory.as_path()));
    sources.push((given.flags.iter().map(super::Flag::leaf).collect(), given.directory.as_path()));
    for (source, directory) in sources {
        mistakes.extend(check_each(&source, schema));
        relative_to(source, directory).into_iter().for_each(|leaf| leaves.insert(leaf));
    }
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let defaults = Defaults { plugins_dir: given.directory.join("plugins"), cache_dir: given.cache_dir() };
    let config =
        together(&leaves, defaults, given).map_err(|fault| vec![at_leaf(&fault, &leaves, schema)])?;
    let given = leaves.iter().map(|leaf| (leaf.path.clone(), leaf.value.clone(), leaf.origin.clone()));
    Ok(Config { file: found.map(|found| found.path), given: given.collect(), ..config })
}

fn together(leaves: &Leaves, defaults: Defaults, given: &Given) -> Result<Config, Fault> {
    let written = read(leaves.document()).map_err(|label| Fault::new(&[], label))?;
    let mut config = resolve::resolve(&written, defaults)?;
    resolve::whole(&config)?;
    if given.without_secrets {
        return Ok(config);
    }
    config.secrets = secrets::values(&written.secrets, given)?;
    config.databases = Arc::new(databases::all(&written.databases, Some(&config.secrets))?);
    if let Some(url) = &written.cache.url {
        config.remote_cache.url = Some(resolve::redis(url, Some(&config.secrets))?);
    }
    for (id, entry) in &mut config.plugins {
        http::bind(&mut entry.http, id, &config.secrets)?;
    }
    Ok(config)
}

fn read(document: toml::Table) -> Result<Written, String> {
    Written::deserialize(document).map_err(|error| worded(error.message()))
}

/// The keys that hold a path.
const PATHS: [&[&str]; 4] =
    [&["plugins_dir"], &["data_dir"], &["compile", "cache_dir"], &["admin", "socket"]];

fn is_path(path: &[String]) -> bool {
    let of_secret = matches!(path, [secrets, _, file] if secrets == "secrets" && file == "file");
    of_secret || PATHS.iter().any(|known| path == *known)
}

/// A path in a file is relative to the file, any other to the working directory.
fn relative_to(mut leaves: Vec<Leaf>, directory: &std::path::Path) -> Vec<Leaf> {
    for leaf in leaves.iter_mut().filter(|leaf| is_path(&leaf.path)) {
        if let toml::Value::String(path) = &mut leaf.value
            && !path.is_empty()
        {
            *path = tidy(&directory.join(&*path)).to_string_lossy().into_owned();
        }
    }
    for leaf in leaves.iter_mut().filter(|leaf| databases::is_url(&leaf.path)) {
        if let toml::Value::String(url) = &mut leaf.value
            && let Some(file) = databases::file(url)
        {
            *url = format!("sqlite:{}", tidy(&directory.join(file)).to_string_lossy());
        }
    }
    leaves
}

/// Without `.` in the middle, and absolute if that can be had.
fn tidy(path: &std::path::Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Every mistake that shows in one value alone, each one once.
fn check_each(leaves: &[Leaf], schema: &Value) -> Vec<Diagnostic> {
    let mut seen = HashSet::new();
    let mistakes = leaves.iter().filter_map(|leaf| check_one(leaf, schema));
    mistakes
        .filter(|mistake| {
            let place = mistake.place.as_ref().map(|place| (place.source.text.clone(), place.span.clone()));
            seen.insert((place, mistake.title.clone()))
        })
        .collect()
}

fn check_one(leaf: &Leaf, schema: &Value) -> Option<Diagnostic> {
    if let Some(fault) = trust::no_plugin(leaf) {
        return Some(wrong(&fault, Some(leaf), None));
    }
    let key = match schema::look_up(schema, &leaf.path) {
        Lookup::Unknown { depth, nearest, known } => return Some(unknown(leaf, depth, nearest, &known)),
        Lookup::Plain { depth, key } => return Some(no_table(leaf, depth, key)),
        Lookup::Known(key) => Some(key),
        Lookup::Free => None,
    };
    // The deserializer would take a list for a table, value by value.
    if let Some(key) = key.filter(|key| schema::is_table(key) && !leaf.value.is_table()) {
        if let Some(meant) = meant_for_all_plugins(leaf) {
            return Some(unknown(leaf, 1, Some(meant), &[]));
        }
        let label = format!("expected a table, found {}", leaf.value.type_str());
        return Some(wrong(&fault_of(leaf, label), Some(leaf), Some(key)));
    }
    let fault = match read(leaf.alone()) {
        Err(label) => fault_of(leaf, label),
        Ok(written) => resolve::resolve(&written, Defaults::default()).err()?,
    };
    Some(wrong(&fault, Some(leaf), key))
}

/// The key that a plain value among the plugins' tables was probably meant for.
fn meant_for_all_plugins(leaf: &Leaf) -> Option<&'static str> {
    match leaf.path.as_slice() {
        [plugins, key] if plugins == "plugins" => nearest(key, &trust::KEYS),
        _ => None,
    }
}

fn fault_of(leaf: &Leaf, label: String) -> Fault {
    Fault { path: leaf.path.clone(), is_name: false, label, help: None }
}

/// A table where a plain value belongs: shown at its name.
fn no_table(leaf: &Leaf, depth: usize, key: &Value) -> Diagnostic {
    let path = leaf.path.iter().take(depth + 1).cloned().collect();
    let label = "expected a value, found a table".to_owned();
    wrong(&Fault { path, is_name: true, label, help: None }, Some(leaf), Some(key))
}

fn unknown(leaf: &Leaf, depth: usize, nearest: Option<&str>, known: &[&str]) -> Diagnostic {
    let table = match leaf.path.get(..depth) {
        None | Some([]) => "the file".to_owned(),
        Some(path) => format!("[{}]", path.join(".")),
    };
    let key = leaf.path.get(depth).map(String::as_str).unwrap_or_default();
    let is_table = depth + 1 < leaf.path.len();
    let what = if is_table { "table" } else { "key" };
    Diagnostic {
        title: format!("unknown {what} `{key}`"),
        place: Some(leaf.key_place(depth)),
        label: format!("{table} has no such key"),
        notes: match nearest {
            Some(_) => Vec::new(),
            None => vec![format!("{table} has {}", known.join(", "))],
        },
        help: match nearest {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "remove it; `cofferdam config schema` lists all keys".to_owned(),
        },
    }
}

/// A fault of several values, shown at the one that is named.
fn at_leaf(fault: &Fault, leaves: &Leaves, schema: &Value) -> Diagnostic {
    let path: Vec<&str> = fault.path.iter().map(String::as_str).collect();
    let key = match schema::look_up(schema, &fault.path) {
        Lookup::Known(key) => Some(key),
        Lookup::Free | Lookup::Plain { .. } | Lookup::Unknown { .. } => None,
    };
    wrong(fault, leaves.get(&path), key)
}

fn wrong(fault: &Fault, leaf: Option<&Leaf>, key: Option<&Value>) -> Diagnostic {
    let dotted = fault.path.join(".");
    let described = key.and_then(schema::description).map(|text| format!("{dotted}: {text}"));
    let (note, help) = match &fault.help {
        // The name of a table is no key that could be described.
        Some(help) if fault.is_name => (None, Some(help.clone())),
        Some(help) => (described, Some(help.clone())),
        None => (None, described),
    };
    Diagnostic {
        title: format!("`{dotted}` can't be used"),
        place: leaf.map(|leaf| place(fault, leaf)),
        label: fault.label.clone(),
        notes: note.into_iter().collect(),
        help: help.unwrap_or_else(|| "`cofferdam config schema` describes every key".to_owned()),
    }
}

fn place(fault: &Fault, leaf: &Leaf) -> Place {
    match fault.path.len().checked_sub(1) {
        Some(depth) if fault.is_name => leaf.key_place(depth),
        _ => leaf.place(),
    }
}

/// The deserializer's words in our order: what was expected, then what was found.
fn worded(message: &str) -> String {
    let message = message.trim_end();
    for prefix in ["invalid type: ", "invalid value: ", "unknown variant "] {
        if let Some(rest) = message.strip_prefix(prefix)
            && let Some((what, expected)) = rest.split_once(", expected ")
        {
            let expected = if expected.trim_start_matches(['i', 'u']).parse::<u8>().is_ok() {
                "a whole number"
            } else {
                expected
            };
            return format!("expected {expected}, found {what}");
        }
    }
    message.to_owned()
}

//! Values from the environment: `COFFERDAM_SERVER__HTTP` is `server.http`.
//!
//! Two underscores part the segments of a path. An underscore within a plugin's id stands for its hyphen,
//! since ids have no underscores: `COFFERDAM_PLUGINS__MY_TOOL__NAMESPACE` is `plugins.my-tool.namespace`.
//! `COFFERDAM_PLUGINS__TRUSTED_KEYS` is no id.
//! A variable of ours that means nothing is an error, as an unknown key in the file is.

use std::sync::Arc;

use serde_json::Value;

use super::{
    leaf::Leaf,
    nearest,
    origin::Origin,
    schema::{Lookup, look_up, plain_keys},
    trust,
};
use crate::diagnostic::{Diagnostic, Place, Source};

const PREFIX: &str = "COFFERDAM_";
/// Variables of ours that are not keys of the file.
const OTHER: [&str; 2] = ["COFFERDAM_CONFIG", "COFFERDAM_LOG"];

/// The values that these variables set, and the variables that mean nothing.
pub(super) fn leaves(variables: &[(String, String)], schema: &Value) -> (Vec<Leaf>, Vec<Diagnostic>) {
    let mut leaves = Vec::new();
    let mut mistakes = Vec::new();
    for (name, text) in variables {
        let Some(rest) = name.strip_prefix(PREFIX) else { continue };
        if OTHER.contains(&name.as_str()) || is_orchestrators(rest) {
            continue;
        }
        let path = path(rest);
        match look_up(schema, &path) {
            // Not for a plugin, whatever comes below: shown as that mistake.
            Lookup::Plain { .. } if path.get(..2).is_some_and(trust::is_key) => {
                leaves.push(leaf(name, text, path, text.as_str().into()))
            }
            Lookup::Unknown { .. } | Lookup::Plain { .. } => {
                mistakes.push(unknown(name, text, &path, schema))
            }
            Lookup::Known(key) => leaves.push(leaf(name, text, path, typed(text, key))),
            Lookup::Free => {
                leaves.push(leaf(name, text, path, literal(text).unwrap_or_else(|| text.as_str().into())))
            }
        }
    }
    (leaves, mistakes)
}

/// What Kubernetes and Docker put into every container beside a service that is called `cofferdam`.
fn is_orchestrators(rest: &str) -> bool {
    let is_port = |rest: &str| rest.split('_').next().is_some_and(|n| n.parse::<u16>().is_ok());
    rest == "SERVICE_HOST"
        || rest == "SERVICE_PORT"
        || rest.starts_with("SERVICE_PORT_")
        || rest == "PORT"
        || rest.strip_prefix("PORT_").is_some_and(is_port)
}

fn path(rest: &str) -> Vec<String> {
    let mut path: Vec<_> = rest.split("__").map(str::to_ascii_lowercase).collect();
    if let [table, id, below @ ..] = path.as_mut_slice()
        && table == "plugins"
        && !(below.is_empty() && trust::KEYS.contains(&id.as_str()))
    {
        *id = id.replace('_', "-");
    }
    path
}

/// The variable that sets a path.
fn variable(path: &[String]) -> String {
    let segments: Vec<_> = path.iter().map(|key| key.replace('-', "_").to_ascii_uppercase()).collect();
    format!("{PREFIX}{}", segments.join("__"))
}

/// The text as a value of the key's type. Text that is none remains text, and is a wrong value.
fn typed(text: &str, key: &Value) -> toml::Value {
    let is = |kind: &str| key.get("type").is_some_and(|found| found == kind);
    let read = if is("string") || key.get("anyOf").is_some() || key.get("enum").is_some() {
        None
    } else if is("array") && !text.trim_start().starts_with('[') {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        Some(toml::Value::Array(items.map(toml::Value::from).collect()))
    } else {
        literal(text)
    };
    read.unwrap_or_else(|| text.into())
}

/// The text as a TOML value.
fn literal(text: &str) -> Option<toml::Value> {
    text.parse().ok()
}

fn source(name: &str, text: &str) -> Arc<Source> {
    Arc::new(Source { name: "environment".to_owned(), text: format!("{name}={text}") })
}

fn leaf(name: &str, text: &str, path: Vec<String>, value: toml::Value) -> Leaf {
    let source = source(name, text);
    Leaf {
        keys: path.iter().map(|_| 0..name.len()).collect(),
        path,
        value,
        origin: Origin::Environment(name.to_owned()),
        span: name.len() + 1..source.text.len(),
        source,
    }
}

fn unknown(name: &str, text: &str, path: &[String], schema: &Value) -> Diagnostic {
    let id = path.get(1).filter(|_| path.first().is_some_and(|table| table == "plugins"));
    let known: Vec<String> = plain_keys(schema)
        .into_iter()
        .map(|mut key| {
            if let (Some(place), Some(id)) = (key.get_mut(1).filter(|segment| *segment == "<id>"), id) {
                place.clone_from(id);
            }
            variable(&key)
        })
        .collect();
    let names: Vec<&str> = known.iter().map(String::as_str).chain(OTHER).collect();
    Diagnostic {
        title: format!("unknown environment variable {name}"),
        place: Some(Place { source: source(name, text), span: 0..name.len() }),
        label: "no key of cofferdam.toml has this name".to_owned(),
        notes: vec!["COFFERDAM_ is followed by the key's path, with __ between its parts".to_owned()],
        help: match nearest(name, &names) {
            Some(meant) => format!("did you mean {meant}?"),
            None => "unset it; `cofferdam config schema` lists all keys".to_owned(),
        },
    }
}

//! Databases: which there are, and which plugin may go how far in them.

use std::{collections::BTreeMap, path::Path};

use cofferdam_policy::{DatabaseAccess, DatabaseGrant, DatabaseLimits, Label, limits::DatabaseLimitsConfig};
use cofferdam_runtime::capabilities::{Secret, database::DatabaseUrl};

use super::{
    Config,
    resolve::{Fault, limit},
    secrets,
    written::DatabaseTable,
};

/// The databases that plugins can be granted. Without `secrets`, the shape of their addresses alone is checked.
pub(super) fn all(
    tables: &BTreeMap<String, DatabaseTable>,
    secrets: Option<&BTreeMap<String, Secret>>,
) -> Result<BTreeMap<Label, DatabaseUrl>, Fault> {
    let one = |(name, table): (&String, &DatabaseTable)| {
        let path = ["databases", name.as_str()];
        let label = Label::parse(name).map_err(|error| Fault::name(&path, error.to_string()).help(LABEL))?;
        let Some(url) = &table.url else {
            return Err(Fault::name(&path, "expected a `url`, found none")
                .help("write it as url = \"sqlite:shop.db\""));
        };
        Ok((label, place(url, secrets, &["databases", name, "url"])?))
    };
    tables.iter().map(one).collect()
}

const LABEL: &str = "plugins are granted a database by its label, such as `shop` in [databases.shop]";

/// Where a database is. Every URL goes through here.
fn place(url: &str, secrets: Option<&BTreeMap<String, Secret>>, path: &[&str]) -> Result<DatabaseUrl, Fault> {
    let url = secrets::address(url, secrets, "postgres://secret@secret/secret")
        .map_err(|label| Fault::new(path, label))?;
    // A file is absolute by now, wherever it was written.
    DatabaseUrl::parse(&url, Path::new("/")).map_err(|error| Fault::new(path, error.to_string()))
}

/// Which databases a plugin may open.
pub(super) fn grant(written: &BTreeMap<String, DatabaseAccess>, id: &str) -> Result<DatabaseGrant, Fault> {
    let one = |(name, access): (&String, &DatabaseAccess)| {
        let path = ["plugins", id, "databases", name];
        let label = Label::parse(name).map_err(|error| Fault::name(&path, error.to_string()).help(LABEL))?;
        Ok((label, *access))
    };
    written.iter().map(one).collect::<Result<Vec<_>, Fault>>().map(DatabaseGrant::new)
}

pub(super) fn limits(config: &DatabaseLimitsConfig, path: &[&str]) -> Result<DatabaseLimits, Fault> {
    DatabaseLimits::default().with(config).map_err(|error| limit(path, &error))
}

/// Every label that is granted is that of a database.
pub(super) fn whole(config: &Config) -> Result<(), Fault> {
    for (id, entry) in &config.plugins {
        let unknown = entry.databases.labels().find(|(label, _)| !config.databases.contains_key(*label));
        let Some((label, _)) = unknown else { continue };
        let path = ["plugins", id.as_str(), "databases", label.as_str()];
        let known: Vec<_> = config.databases.keys().map(Label::as_str).collect();
        let help = match super::nearest(label.as_str(), &known) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("say where it is: [databases.{label}] with a `url`"),
        };
        return Err(Fault::name(&path, "there is no database with this label").help(help));
    }
    Ok(())
}

/// Whether a key is the URL of a database.
pub(super) fn is_url(path: &[String]) -> bool {
    matches!(path, [databases, _, url] if databases == "databases" && url == "url")
}

/// The file of a URL of SQLite's.
pub(super) fn file(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("sqlite:")?;
    let file = rest.strip_prefix("//").unwrap_or(rest);
    // What is no file is refused where it is read.
    (!file.is_empty() && !file.starts_with(':')).then_some(file)
}

/// A URL without its password, to be shown.
pub(super) fn shown(url: &toml::Value) -> toml::Value {
    let hidden = url.as_str().and_then(|text| {
        let (before, after) = text.split_once("://")?;
        let (user, rest) = after.rsplit_once('@')?;
        let (name, _) = user.split_once(':')?;
        Some(format!("{before}://{name}:…@{rest}"))
    });
    hidden.map_or_else(|| url.clone(), toml::Value::String)
}

//! Changes of the operator's file by a program: one grant more or less, and everything else as it was, comments and
//! all.
//!
//! Works on the text alone. That the result is a configuration, and that it gets to its place, is for others to see to.

mod array;

use std::net::SocketAddr;

use cofferdam_policy::{HttpPattern, PluginId};
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, TableLike, Value};

/// One thing that a plugin may be allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Grant {
    /// Requests over HTTP.
    Http(HttpPattern),
    /// An address that is not public.
    Private(SocketAddr),
    /// A shared database, with what may be done there.
    Database { label: String, access: String },
}

/// What is taken away from a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Revocation {
    /// The one line of the plugin's `http`.
    Http(HttpPattern),
    /// One of its private addresses.
    Private(SocketAddr),
    /// A shared database.
    Database(String),
    /// Everything.
    All,
}

/// The keys of a plugin's table that grant something.
const KEYS: [&str; 3] = [HTTP, PRIVATE, DATABASES];
const HTTP: &str = "http";
const PRIVATE: &str = "allow_private";
const DATABASES: &str = "databases";

/// A file that says something else than what it should say, such as a table where a list belongs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EditError {
    /// Not TOML.
    #[error("it is not TOML: {0}")]
    Syntax(String),
    /// A key holds something that can't be added to.
    #[error("`{key}` holds {found}, expected {expected}; correct it by hand")]
    Shape { key: String, found: &'static str, expected: &'static str },
}

/// The text with the grant in it; none if it is there already.
pub(crate) fn grant(text: &str, plugin: &PluginId, grant: &Grant) -> Result<Option<String>, EditError> {
    let mut document = parse(text)?;
    let table = plugin_table(&mut document, plugin)?;
    let changed = match grant {
        Grant::Http(pattern) => add_line(table, plugin, HTTP, &pattern.to_string(), is_http(pattern))?,
        Grant::Private(address) => {
            add_line(table, plugin, PRIVATE, &address.to_string(), is_address(*address))?
        }
        Grant::Database { label, access } => add_database(table, plugin, label, access)?,
    };
    Ok(changed.then(|| document.to_string()))
}

/// The text without what is revoked; none if it wasn't there.
pub(crate) fn revoke(
    text: &str,
    plugin: &PluginId,
    revocation: &Revocation,
) -> Result<Option<String>, EditError> {
    let mut document = parse(text)?;
    let Some(table) = existing(&mut document, plugin) else { return Ok(None) };
    let changed = match revocation {
        Revocation::Http(pattern) => remove_line(table, HTTP, is_http(pattern)),
        Revocation::Private(address) => remove_line(table, PRIVATE, is_address(*address)),
        Revocation::Database(label) => remove_database(table, label),
        Revocation::All => {
            let there = KEYS.iter().filter(|key| table.remove(key).is_some());
            there.count() > 0
        }
    };
    Ok(changed.then(|| document.to_string()))
}

fn parse(text: &str) -> Result<DocumentMut, EditError> {
    text.parse().map_err(|error: toml_edit::TomlError| EditError::Syntax(error.message().to_owned()))
}

/// The plugin's table, made if there is none.
fn plugin_table<'a>(
    document: &'a mut DocumentMut,
    plugin: &PluginId,
) -> Result<&'a mut dyn TableLike, EditError> {
    let plugins = document.entry("plugins").or_insert_with(|| {
        let mut table = Table::new();
        // Its name alone says nothing: `[plugins.weather]` is enough.
        table.set_implicit(true);
        Item::Table(table)
    });
    let found = plugins.type_name();
    let plugins = plugins.as_table_like_mut().ok_or(shape("plugins".to_owned(), found, "a table"))?;
    let inline = plugins.get(plugin.as_str()).is_none() && is_inline(plugins);
    let item = plugins.entry(plugin.as_str()).or_insert_with(|| match inline {
        true => Item::Value(InlineTable::new().into()),
        false => Item::Table(Table::new()),
    });
    let found = item.type_name();
    item.as_table_like_mut().ok_or(shape(format!("plugins.{plugin}"), found, "a table"))
}

/// Whether the table is written within braces, where no table with a head can be.
fn is_inline(table: &dyn TableLike) -> bool {
    // Only inline tables give nothing but values; an empty one tells nothing, and takes both.
    !table.is_empty() && table.iter().all(|(_, item)| item.as_inline_table().is_some())
}

fn existing<'a>(document: &'a mut DocumentMut, plugin: &PluginId) -> Option<&'a mut dyn TableLike> {
    let plugins = document.get_mut("plugins")?.as_table_like_mut()?;
    plugins.get_mut(plugin.as_str())?.as_table_like_mut()
}

fn shape(key: String, found: &'static str, expected: &'static str) -> EditError {
    EditError::Shape { key, found, expected }
}

/// Whether a value of `http` is this pattern, with or without headers of its own.
fn is_http(pattern: &HttpPattern) -> impl Fn(&Value) -> bool {
    move |value| {
        let text = value.as_str().or_else(|| value.as_inline_table()?.get("allow")?.as_str());
        text.is_some_and(|text| text.parse().is_ok_and(|found: HttpPattern| found == *pattern))
    }
}

fn is_address(address: SocketAddr) -> impl Fn(&Value) -> bool {
    move |value| value.as_str().is_some_and(|text| text.parse() == Ok(address))
}

fn add_line(
    table: &mut dyn TableLike,
    plugin: &PluginId,
    key: &'static str,
    line: &str,
    is_it: impl Fn(&Value) -> bool,
) -> Result<bool, EditError> {
    let item = table.entry(key).or_insert_with(|| Item::Value(Array::new().into()));
    let found = item.type_name();
    let array = item.as_array_mut().ok_or(shape(format!("plugins.{plugin}.{key}"), found, "a list"))?;
    if array.iter().any(is_it) {
        return Ok(false);
    }
    array::push(array, line);
    Ok(true)
}

fn remove_line(table: &mut dyn TableLike, key: &str, is_it: impl Fn(&Value) -> bool) -> bool {
    let Some(array) = table.get_mut(key).and_then(Item::as_array_mut) else { return false };
    let found: Vec<usize> =
        array.iter().enumerate().filter(|(_, value)| is_it(value)).map(|(index, _)| index).collect();
    found.iter().rev().for_each(|index| array::remove(array, *index));
    let changed = !found.is_empty();
    if changed && array.is_empty() {
        table.remove(key);
    }
    changed
}

fn add_database(
    table: &mut dyn TableLike,
    plugin: &PluginId,
    label: &str,
    access: &str,
) -> Result<bool, EditError> {
    let item = table.entry(DATABASES).or_insert_with(|| Item::Value(InlineTable::new().into()));
    let found = item.type_name();
    let databases =
        item.as_table_like_mut().ok_or(shape(format!("plugins.{plugin}.{DATABASES}"), found, "a table"))?;
    match databases.get_mut(label).and_then(Item::as_value_mut) {
        Some(value) if value.as_str() == Some(access) => return Ok(false),
        Some(value) => {
            let decor = value.decor().clone();
            *value = access.into();
            *value.decor_mut() = decor;
        }
        None => drop(databases.insert(label, toml_edit::value(access))),
    }
    Ok(true)
}

fn remove_database(table: &mut dyn TableLike, label: &str) -> bool {
    let Some(databases) = table.get_mut(DATABASES).and_then(Item::as_table_like_mut) else { return false };
    let changed = databases.remove(label).is_some();
    if changed && databases.is_empty() {
        table.remove(DATABASES);
    }
    changed
}

#[cfg(test)]
mod tests;

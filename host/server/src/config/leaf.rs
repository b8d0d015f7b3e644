//! The single values of the operator's policy: each with its path, its place and its origin.
//!
//! A document is taken apart into its values, because each source (file, environment, flags) gives some of
//! them, and because a mistake is shown at the value that made it.

use std::{collections::BTreeMap, ops::Range, path::PathBuf, sync::Arc};

use toml::de::{DeTable, DeValue};

use super::origin::Origin;
use crate::diagnostic::{Diagnostic, Place, Source};

/// One value. A table without keys is one, too: it names a plugin, or it is a mistake.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    /// Its keys from the root on.
    pub(super) path: Vec<String>,
    /// The value.
    pub(super) value: toml::Value,
    /// Who gave it.
    pub(super) origin: Origin,
    /// The text that it is in.
    pub(super) source: Arc<Source>,
    /// Where each segment of the path is.
    pub(super) keys: Vec<Range<usize>>,
    /// Where the value is.
    pub(super) span: Range<usize>,
}

impl Leaf {
    /// The place of its value.
    pub(super) fn place(&self) -> Place {
        Place { source: Arc::clone(&self.source), span: self.span.clone() }
    }

    /// The place of one of its keys.
    pub(super) fn key_place(&self, depth: usize) -> Place {
        let span = self.keys.get(depth).unwrap_or(&self.span).clone();
        Place { source: Arc::clone(&self.source), span }
    }

    /// A document that holds nothing else.
    pub(super) fn alone(&self) -> toml::Table {
        document([self])
    }
}

/// Values by their path; a later one takes the place of an earlier one.
#[derive(Debug, Clone, Default)]
pub(super) struct Leaves(BTreeMap<Vec<String>, Leaf>);

impl Leaves {
    /// Adds a value, in place of one at the same path, and of those that can't stand beside it.
    pub(super) fn insert(&mut self, leaf: Leaf) {
        self.0.retain(|path, _| !path.starts_with(&leaf.path) && !leaf.path.starts_with(path));
        self.0.insert(leaf.path.clone(), leaf);
    }

    /// The value at a path.
    pub(super) fn get(&self, path: &[&str]) -> Option<&Leaf> {
        self.0.values().find(|leaf| leaf.path.iter().map(String::as_str).eq(path.iter().copied()))
    }

    /// All values, sorted by path.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Leaf> {
        self.0.values()
    }

    /// The document that they make together.
    pub(super) fn document(&self) -> toml::Table {
        document(self.iter())
    }
}

fn document<'a>(leaves: impl IntoIterator<Item = &'a Leaf>) -> toml::Table {
    let mut root = toml::Table::new();
    for leaf in leaves {
        let Some((last, parents)) = leaf.path.split_last() else { continue };
        let mut table = &mut root;
        for key in parents {
            let below = table.entry(key).or_insert_with(|| toml::Value::Table(toml::Table::new()));
            let toml::Value::Table(below) = below else { return root };
            table = below;
        }
        table.insert(last.clone(), leaf.value.clone());
    }
    root
}

/// Reads a TOML document. All syntax errors come back together, duplicate keys among them.
pub(super) fn parse(source: &Arc<Source>, path: &std::path::Path) -> Result<Vec<Leaf>, Vec<Diagnostic>> {
    let (table, errors) = DeTable::parse_recoverable(&source.text);
    if !errors.is_empty() {
        let mut errors: Vec<_> = errors.iter().collect();
        errors.sort_by_key(|error| error.span().map(|span| span.start));
        return Err(errors.into_iter().map(|error| syntax(source, error)).collect());
    }
    let mut reading = Reading { source, file: path.to_owned(), leaves: Vec::new() };
    reading.table(table.get_ref(), &mut Vec::new(), &mut Vec::new());
    reading.leaves.sort_by_key(|leaf| leaf.span.start);
    Ok(reading.leaves)
}

fn syntax(source: &Arc<Source>, error: &toml::de::Error) -> Diagnostic {
    let duplicate = error.message().contains("duplicate key");
    Diagnostic {
        title: if duplicate { "a key is written twice".to_owned() } else { "this is not TOML".to_owned() },
        place: error.span().map(|span| Place { source: Arc::clone(source), span }),
        label: error.message().to_owned(),
        notes: Vec::new(),
        help: match duplicate {
            true => "keep one of them; a table is opened once, with all of its keys below".to_owned(),
            false => "text stands in quotes, a table's name in brackets: https://toml.io".to_owned(),
        },
    }
}

struct Reading<'a> {
    source: &'a Arc<Source>,
    file: PathBuf,
    leaves: Vec<Leaf>,
}

impl Reading<'_> {
    fn table(&mut self, table: &DeTable<'_>, path: &mut Vec<String>, keys: &mut Vec<Range<usize>>) {
        for (key, value) in table {
            path.push(key.get_ref().to_string());
            keys.push(key.span());
            match value.get_ref() {
                DeValue::Table(below) if !below.is_empty() => self.table(below, path, keys),
                value_ref => self.leaf(value_ref, value.span(), path, keys),
            }
            path.pop();
            keys.pop();
        }
    }

    fn leaf(&mut self, value: &DeValue<'_>, span: Range<usize>, path: &[String], keys: &[Range<usize>]) {
        let line = self.source.line(span.start);
        self.leaves.push(Leaf {
            path: path.to_vec(),
            value: plain(value),
            origin: Origin::File { path: self.file.clone(), line },
            source: Arc::clone(self.source),
            keys: keys.to_vec(),
            span,
        });
    }
}

/// The value without its places. A number that doesn't fit becomes its text, and so a wrong value.
fn plain(value: &DeValue<'_>) -> toml::Value {
    match value {
        DeValue::String(text) => toml::Value::String(text.to_string()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => toml::Value::Integer(number),
            Err(_) => toml::Value::String(number.to_string()),
        },
        DeValue::Float(number) => match number.as_str().parse() {
            Ok(number) => toml::Value::Float(number),
            Err(_) => toml::Value::String(number.to_string()),
        },
        DeValue::Boolean(value) => toml::Value::Boolean(*value),
        DeValue::Datetime(time) => toml::Value::Datetime(*time),
        DeValue::Array(items) => toml::Value::Array(items.iter().map(|item| plain(item.get_ref())).collect()),
        DeValue::Table(table) => {
            let pairs = table.iter().map(|(key, value)| (key.get_ref().to_string(), plain(value.get_ref())));
            toml::Value::Table(pairs.collect())
        }
    }
}

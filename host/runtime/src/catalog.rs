//! The catalog: which tools there are now. An immutable snapshot, replaced whole, never edited.

use std::{collections::HashMap, path::PathBuf, sync::Arc};

use cofferdam_policy::PublicName;

use crate::{
    error::LoadError,
    plugin::{Plugin, Tool},
};

/// A tool and the plugin that runs it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The plugin.
    pub plugin: Arc<Plugin>,
    /// The tool.
    pub tool: Arc<Tool>,
}

/// A file that gave no plugin.
#[derive(Debug)]
pub struct Refused {
    /// The file.
    pub file: PathBuf,
    /// Why.
    pub error: Arc<LoadError>,
}

/// One snapshot.
#[derive(Debug, Default)]
pub struct Catalog {
    /// Sorted by public name: the order in which tools are listed.
    entries: Vec<Entry>,
    by_name: HashMap<PublicName, usize>,
    /// In the order in which they were added.
    plugins: Vec<Arc<Plugin>>,
    refused: Vec<Refused>,
}

impl Catalog {
    /// A catalog of these plugins, in this order: where two want one name, the first one has it and the
    /// second is refused whole.
    #[must_use]
    pub fn assemble(loaded: Vec<(PathBuf, Result<Plugin, LoadError>)>) -> Self {
        let (mut plugins, mut refused) = (Vec::<Arc<Plugin>>::new(), Vec::new());
        for (file, plugin) in loaded {
            match plugin.and_then(|plugin| clash(&plugin, plugins.iter().map(|p| &**p)).map(|()| plugin)) {
                Ok(plugin) => plugins.push(Arc::new(plugin)),
                Err(error) => refused.push(Refused { file, error: Arc::new(error) }),
            }
        }
        Self::of(plugins, refused)
    }

    /// A catalog of plugins that don't clash.
    pub(crate) fn of(plugins: Vec<Arc<Plugin>>, refused: Vec<Refused>) -> Self {
        let mut catalog = Self { plugins, refused, ..Self::default() };
        catalog.index();
        catalog
    }

    fn index(&mut self) {
        let of = |plugin: &Arc<Plugin>| {
            let entry = |tool: &Arc<Tool>| Entry { plugin: Arc::clone(plugin), tool: Arc::clone(tool) };
            plugin.tools.iter().map(entry).collect::<Vec<_>>()
        };
        self.entries = self.plugins.iter().flat_map(of).collect();
        self.entries.sort_by(|a, b| a.tool.public_name.cmp(&b.tool.public_name));
        let names = self.entries.iter().enumerate();
        self.by_name = names.map(|(index, entry)| (entry.tool.public_name.clone(), index)).collect();
    }

    /// The tool of this public name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Entry> {
        self.by_name.get(name).and_then(|index| self.entries.get(*index))
    }

    /// The public name that `name` was probably meant to be.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Option<&PublicName> {
        // The distance is quadratic in the length, and the name comes from a client.
        if name.len() > 2 * cofferdam_policy::name::PUBLIC_NAME_MAX {
            return None;
        }
        let distance = |entry: &&Entry| strsim::damerau_levenshtein(entry.tool.public_name.as_str(), name);
        let best = self.entries.iter().min_by_key(distance)?;
        (distance(&best) <= name.len().div_ceil(3).max(2)).then_some(&best.tool.public_name)
    }

    /// Each plugin goes on with what it has kept while `before` was served. Who isn't in there starts with nothing,
    /// even under the id of one that was.
    pub(crate) fn inherit(&self, before: &Self) {
        let before: HashMap<_, _> = before.plugins.iter().map(|plugin| (&plugin.id, plugin)).collect();
        for plugin in &self.plugins {
            if let Some(before) = before.get(&plugin.id) {
                plugin.inherit(before);
            }
        }
    }

    /// Whether clients see the same list of tools.
    pub(crate) fn shows_the_same(&self, other: &Self) -> bool {
        let same = |(a, b): (&Entry, &Entry)| a.tool.shows_the_same(&b.tool);
        self.entries.len() == other.entries.len() && self.entries.iter().zip(&other.entries).all(same)
    }

    /// All tools, sorted by public name.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// All plugins.
    #[must_use]
    pub fn plugins(&self) -> &[Arc<Plugin>] {
        &self.plugins
    }

    /// The files that gave no plugin.
    #[must_use]
    pub fn refused(&self) -> &[Refused] {
        &self.refused
    }
}

/// Whether `plugin` wants an id or a name that one of the `others` has.
pub(crate) fn clash<'a>(plugin: &Plugin, others: impl Iterator<Item = &'a Plugin>) -> Result<(), LoadError> {
    for other in others {
        if other.id == plugin.id {
            return Err(LoadError::IdTaken(plugin.id.to_string()));
        }
        let taken =
            |tool: &&Arc<Tool>| other.tools.iter().any(|theirs| theirs.public_name == tool.public_name);
        if let Some(tool) = plugin.tools.iter().find(taken) {
            return Err(LoadError::NameTaken {
                name: tool.public_name.to_string(),
                holder: other.id.to_string(),
                plugin: plugin.id.to_string(),
            });
        }
    }
    Ok(())
}

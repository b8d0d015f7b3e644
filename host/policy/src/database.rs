//! What the operator allows one plugin of databases, and the decisions that follow from it.
//!
//! A database has a label; the operator's file says which labels a plugin may open, and how far. Every plugin has a
//! database of its own besides, under the label [`PRIVATE`], in which it may do everything.
//! What a single statement may do is decided per kind of database: for SQLite in [`crate::sqlite`].

mod denied;
mod label;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::{
    denied::{DatabaseDenial, DatabaseDenied},
    label::{Label, PRIVATE},
};
use crate::PluginId;

/// How far a plugin may go in a database. Each level has those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DatabaseAccess {
    /// It may read.
    Read,
    /// It may change rows.
    Write,
    /// It may change tables.
    Schema,
}

impl DatabaseAccess {
    /// As it is written in a grant.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Schema => "schema",
        }
    }
}

impl std::fmt::Display for DatabaseAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which databases of the operator's one plugin may open, and how far it may go in them.
///
/// ```
/// use cofferdam_policy::{DatabaseAccess, DatabaseGrant, Label, PluginId};
///
/// let weather = PluginId::parse("weather")?;
/// let grant = DatabaseGrant::new([(Label::parse("shop")?, DatabaseAccess::Read)]);
/// assert_eq!(grant.permit(&weather, "shop")?.access(), DatabaseAccess::Read);
/// assert_eq!(grant.permit(&weather, "private")?.access(), DatabaseAccess::Schema);
///
/// let denied = grant.permit(&weather, "books").unwrap_err();
/// assert!(denied.to_string().ends_with("to allow it, run: cofferdam grant weather database books read"));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatabaseGrant {
    labels: BTreeMap<Label, DatabaseAccess>,
}

impl DatabaseGrant {
    /// From what the operator wrote.
    pub fn new(labels: impl IntoIterator<Item = (Label, DatabaseAccess)>) -> Self {
        Self { labels: labels.into_iter().collect() }
    }

    /// The labels that may be opened, besides [`PRIVATE`].
    pub fn labels(&self) -> impl Iterator<Item = (&Label, DatabaseAccess)> {
        self.labels.iter().map(|(label, access)| (label, *access))
    }

    /// Decides whether `plugin` may open what is behind `label`.
    ///
    /// # Errors
    /// [`DatabaseDenied`] with the command that would allow it.
    pub fn permit(&self, plugin: &PluginId, label: &str) -> Result<DatabasePermit, DatabaseDenied> {
        let permit = |access| DatabasePermit { plugin: plugin.clone(), label: label.to_owned(), access };
        if label == PRIVATE {
            return Ok(permit(DatabaseAccess::Schema));
        }
        match self.labels.get(label) {
            Some(access) => Ok(permit(*access)),
            None => Err(DatabaseDenied::no_grant(plugin, label)),
        }
    }
}

/// One plugin may open one database. Only a grant makes one, and nobody can change it.
///
/// ```compile_fail
/// let plugin = cofferdam_policy::PluginId::parse("p").unwrap();
/// let access = cofferdam_policy::DatabaseAccess::Schema;
/// let forged = cofferdam_policy::DatabasePermit { plugin, label: "shop".into(), access };
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabasePermit {
    plugin: PluginId,
    label: String,
    access: DatabaseAccess,
}

impl DatabasePermit {
    /// Who may open it.
    #[must_use]
    pub fn plugin(&self) -> &PluginId {
        &self.plugin
    }

    /// What may be opened.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Whether it is the plugin's own database.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.label == PRIVATE
    }

    /// How far it goes.
    #[must_use]
    pub fn access(&self) -> DatabaseAccess {
        self.access
    }

    /// The denial of something in this database.
    #[must_use]
    pub fn deny(&self, why: DatabaseDenial) -> DatabaseDenied {
        DatabaseDenied::within(self, why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_opens_its_own_and_what_was_granted_and_nothing_else() {
        let plugin = PluginId::parse("p").unwrap();
        let grant = DatabaseGrant::new([(Label::parse("shop").unwrap(), DatabaseAccess::Write)]);
        let private = grant.permit(&plugin, "private").unwrap();
        assert_eq!((private.is_private(), private.access()), (true, DatabaseAccess::Schema));
        let shop = grant.permit(&plugin, "shop").unwrap();
        assert_eq!((shop.is_private(), shop.access()), (false, DatabaseAccess::Write));
        for other in ["Shop", "shop ", "", "PRIVATE", "private\0", "books", "../shop"] {
            assert!(grant.permit(&plugin, other).is_err(), "{other:?}");
        }
    }

    #[test]
    fn each_level_has_those_before_it() {
        use DatabaseAccess::{Read, Schema, Write};
        assert!(Read < Write && Write < Schema);
    }

    #[test]
    fn a_level_that_is_too_low_is_denied_with_the_command_that_raises_it() {
        let plugin = PluginId::parse("p").unwrap();
        let grant = DatabaseGrant::new([(Label::parse("shop").unwrap(), DatabaseAccess::Read)]);
        let denied =
            grant.permit(&plugin, "shop").unwrap().deny(DatabaseDenial::Access(DatabaseAccess::Write));
        assert_eq!(
            denied.to_string(),
            "`p` has `read` for the database `shop`, and this needs `write` [C0402]; \
             to allow it, run: cofferdam grant p database shop write"
        );
    }

    #[test]
    fn what_no_label_can_be_is_denied_without_a_command() {
        let plugin = PluginId::parse("p").unwrap();
        let denied = DatabaseGrant::default().permit(&plugin, "'; rm -rf ~ #").unwrap_err();
        assert_eq!(denied.remedy(), None);
        assert_eq!(
            denied.to_string(),
            "`p` may not open the database \"'; rm -rf ~ #\": there is no such label [C0401]"
        );
        let long = DatabaseGrant::default().permit(&plugin, &"ä".repeat(10_000)).unwrap_err().to_string();
        assert!(long.len() < 300, "{}", long.len());
    }
}

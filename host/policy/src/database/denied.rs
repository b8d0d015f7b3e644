//! A denial: what was asked of a database, why not, and what would allow it.
//!
//! Its text goes to the guest, to a model and to people who may paste the command into a shell, while the guest chose the
//! names: what is no plain name is shown escaped, and is in no command.

use std::fmt;

use super::{DatabaseAccess, DatabasePermit, Label};
use crate::{Code, PluginId};

/// The longest name that is repeated, in characters.
const LONGEST: usize = 60;

/// Something that policy refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseDenied {
    code: Code,
    text: String,
    remedy: Option<String>,
}

/// What stands in the way within a database that may be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseDenial {
    /// This level of access is needed.
    Access(DatabaseAccess),
    /// No plugin may run such a statement: its name, and what to do instead, if there is something.
    Statement(String, Option<&'static str>),
    /// No plugin may use this function.
    Function(String),
    /// No plugin may use or change this table.
    Table(String),
}

impl DatabaseDenied {
    pub(super) fn no_grant(plugin: &PluginId, label: &str) -> Self {
        let code = Code::DatabaseNoGrant;
        match Label::parse(label) {
            Ok(label) => Self {
                code,
                text: format!("`{plugin}` may not open the database `{label}`: no grant names it"),
                remedy: Some(format!("cofferdam grant {plugin} database {label} read")),
            },
            Err(_) => Self {
                code,
                text: format!(
                    "`{plugin}` may not open the database {:?}: there is no such label",
                    short(label)
                ),
                remedy: None,
            },
        }
    }

    pub(super) fn within(permit: &DatabasePermit, why: DatabaseDenial) -> Self {
        let (plugin, label, access) = (permit.plugin(), permit.label(), permit.access());
        match why {
            DatabaseDenial::Access(needed) => Self {
                code: Code::DatabaseAccess,
                text: format!(
                    "`{plugin}` has `{access}` for the database `{label}`, and this needs `{needed}`"
                ),
                remedy: Some(format!("cofferdam grant {plugin} database {label} {needed}")),
            },
            DatabaseDenial::Statement(name, instead) => {
                let instead = instead.map(|instead| format!("; {instead}")).unwrap_or_default();
                let text = format!("no plugin may run {}{instead}", shown(&name));
                Self { code: Code::DatabaseStatement, text, remedy: None }
            }
            DatabaseDenial::Function(name) => {
                let text = format!("no plugin may use the function {} in SQL", shown(&name));
                Self { code: Code::DatabaseFunction, text, remedy: None }
            }
            DatabaseDenial::Table(name) => {
                let text = format!("no plugin may use the table {} so", shown(&name));
                Self { code: Code::DatabaseTable, text, remedy: None }
            }
        }
    }

    /// The code to look up.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The command that would allow it, if a grant can.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        self.remedy.as_deref()
    }
}

fn short(name: &str) -> String {
    name.chars().take(LONGEST).collect()
}

/// A plain name as it is, anything else escaped.
fn shown(name: &str) -> String {
    let name = short(name);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ' ' | '-' | '.' | ',');
    if name.chars().all(plain) { format!("`{name}`") } else { format!("{name:?}") }
}

impl fmt::Display for DatabaseDenied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.text, self.code)?;
        match &self.remedy {
            Some(remedy) => write!(f, "; to allow it, run: {remedy}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for DatabaseDenied {}

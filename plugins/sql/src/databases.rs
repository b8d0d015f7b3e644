//! The tool `databases`.

use cofferdam_sdk::db::Dialect;
use cofferdam_sdk::prelude::*;

use crate::target;

/// The databases.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Known {
    /// In the order of the plugin's settings.
    pub(crate) databases: Vec<Database>,
}

/// One database.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Database {
    /// Its label, for the argument `database` of the other tools.
    pub(crate) database: String,
    /// `sqlite` or `postgres`: in which dialect statements for it are written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dialect: Option<&'static str>,
    /// Why it can't be used, where it can't.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) problem: Option<String>,
}

/// List the databases that can be queried, and their SQL dialects. Begin here when you don't know them.
#[tool(title = "List databases", read_only, idempotent, open_world = false)]
pub(crate) fn databases(_: NoArgs, db: Db, config: Config) -> Result<Known> {
    let labels = target::labels(&config)?;
    let databases = labels.into_iter().map(|label| {
        let (dialect, problem) = match db.named(&label).and_then(|named| named.dialect()) {
            Ok(dialect) => (Some(name(dialect)), None),
            Err(error) => (None, Some(error.message().to_owned())),
        };
        Database { database: label, dialect, problem }
    });
    Ok(Known { databases: databases.collect() })
}

fn name(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "sqlite",
        Dialect::Postgres => "postgres",
    }
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock::Host;

    use super::*;

    #[test]
    fn databases_of_the_settings_are_listed_with_what_is_wrong() {
        assert_eq!(Host::new().call::<databases>(json!({})), Ok(Known { databases: Vec::new() }));
        let host = Host::new().sqlite("shop", "").config("databases", json!(["shop", "stock"]));
        let known = host.call::<databases>(json!({})).unwrap().databases;
        assert_eq!(
            (known[0].database.as_str(), known[0].dialect, &known[0].problem),
            ("shop", Some("sqlite"), &None)
        );
        assert_eq!((known[1].database.as_str(), known[1].dialect), ("stock", None));
        assert!(known[1].problem.as_deref().unwrap().contains("`stock`"));
    }
}

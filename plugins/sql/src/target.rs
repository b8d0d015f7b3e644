//! Which database a tool works on: the one that was named, or the only one of the plugin's settings.

use cofferdam_sdk::prelude::*;

/// The labels in the plugin's settings.
pub(crate) fn labels(config: &Config) -> Result<Vec<String>> {
    Ok(config.get("databases")?.unwrap_or_default())
}

/// The database that was named; without a name the one that the settings name, if it is one.
pub(crate) fn open(db: &Db, config: &Config, named: Option<&str>) -> Result<Db> {
    if let Some(label) = named {
        return database(db, label);
    }
    match labels(config)?.as_slice() {
        [only] => database(db, only),
        [] => Err(ToolError::invalid(
            "no database is known: give `database`, or the operator adds `databases = [\"...\"]` under `[plugins.sql.config]` in cofferdam.toml",
        )),
        several => Err(ToolError::invalid(format!("give `database`: there are {}", several.join(", ")))),
    }
}

/// The private database has nothing in it that anybody wants to see.
fn database(db: &Db, label: &str) -> Result<Db> {
    if label == db.label() {
        return Err(ToolError::not_found(format!("`{label}` is no shared database")));
    }
    db.named(label)
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock::Host;

    use super::*;

    fn opened(host: &Host, named: Option<&str>) -> Result<String> {
        open(&host.handle(), &host.handle(), named).map(|db| db.label().to_owned())
    }

    #[test]
    fn the_only_database_needs_no_name() {
        let host = Host::new().sqlite("shop", "").sqlite("stock", "");
        let none = opened(&host, None).unwrap_err();
        assert!(none.message().starts_with("no database is known: give `database`"), "{none}");
        assert_eq!(opened(&host, Some("stock")), Ok("stock".to_owned()));
        let host = host.config("databases", json!(["shop"]));
        assert_eq!(opened(&host, None), Ok("shop".to_owned()));
        assert_eq!(opened(&host, Some("stock")), Ok("stock".to_owned()));
        let host = host.config("databases", json!(["shop", "stock"]));
        assert_eq!(opened(&host, None), Err(ToolError::invalid("give `database`: there are shop, stock")));
    }

    #[test]
    fn what_is_not_granted_is_the_hosts_to_refuse() {
        let host = Host::new();
        assert!(matches!(opened(&host, Some("shop")), Err(ToolError::Denied(_))));
        let own = ToolError::not_found("`private` is no shared database");
        assert_eq!(opened(&host, Some("private")), Err(own));
    }
}

//! Where a database of the operator's is.

use std::{
    fmt,
    path::{Path, PathBuf},
};

/// Where a database is. It may hold a password, so its debug form doesn't say where.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file of SQLite's, absolute.
    Sqlite(PathBuf),
    /// A server of Postgres'.
    Postgres(String),
}

/// A text that is no such place. It doesn't repeat the text, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected \"sqlite:FILE\" or \"postgres://USER@HOST/DATABASE\", found {0}")]
pub struct UrlError(String);

impl DatabaseUrl {
    /// Parses `sqlite:FILE`, relative to `folder`, or `postgres://…`.
    ///
    /// # Errors
    /// [`UrlError`] with what is wrong.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, UrlError> {
        match text.split_once(':') {
            Some(("sqlite", rest)) => file(rest, folder).map(Self::Sqlite),
            Some(("postgres" | "postgresql", _)) => server(text).map(Self::Postgres),
            Some((scheme, _)) if scheme.len() <= 20 && scheme.chars().all(|c| c.is_ascii_alphanumeric()) => {
                Err(UrlError(format!("the scheme {scheme:?}")))
            }
            _ => Err(UrlError("no scheme".to_owned())),
        }
    }
}

fn file(rest: &str, folder: &Path) -> Result<PathBuf, UrlError> {
    let path = rest.strip_prefix("//").unwrap_or(rest);
    let wrong = |found: &str| Err(UrlError(found.to_owned()));
    match path {
        "" => wrong("no file"),
        ":memory:" => wrong("a database in memory, which no two connections share"),
        _ if path.contains(['?', '#', '\0']) => wrong("a file with options, which it can't have"),
        _ => Ok(folder.join(path)),
    }
}

fn server(text: &str) -> Result<String, UrlError> {
    let url = url::Url::parse(text).map_err(|error| UrlError(format!("a URL with a mistake: {error}")))?;
    if url.host_str().is_none_or(str::is_empty) && !url.query_pairs().any(|(key, _)| key == "host") {
        return Err(UrlError("no host".to_owned()));
    }
    Ok(text.to_owned())
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite(_) => "sqlite:…",
            Self::Postgres(_) => "postgres:…",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<DatabaseUrl, UrlError> {
        DatabaseUrl::parse(text, Path::new("/etc/cofferdam"))
    }

    #[test]
    fn a_file_is_relative_to_the_configuration() {
        for (text, path) in [
            ("sqlite:shop.db", "/etc/cofferdam/shop.db"),
            ("sqlite://shop.db", "/etc/cofferdam/shop.db"),
            ("sqlite:/srv/shop.db", "/srv/shop.db"),
            ("sqlite:///srv/shop.db", "/srv/shop.db"),
        ] {
            assert_eq!(parse(text), Ok(DatabaseUrl::Sqlite(path.into())), "{text}");
        }
    }

    #[test]
    fn what_is_no_place_is_refused_without_repeating_it() {
        for text in [
            "",
            "shop.db",
            "sqlite:",
            "sqlite::memory:",
            "sqlite:shop.db?mode=rwc",
            "mysql://root:hunter2@db/shop",
            "hunter2://x",
            "postgres:hunter2",
            "postgres://hunter2:hunter2@:99999999/x",
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with("expected \"sqlite:FILE\""), "{error}");
            assert!(!error.contains("hunter2@"), "{error}");
        }
        assert!(parse("postgres://u:hunter2@db.example/shop").is_ok());
        assert!(!format!("{:?}", parse("postgres://u:hunter2@db.example/shop")).contains("hunter2"));
    }
}

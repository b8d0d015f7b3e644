//! From the operator's address to how sessions are opened.

use std::{net::IpAddr, time::Duration};

use sqlx::{
    ConnectOptions as _,
    postgres::{PgConnectOptions, PgSslMode},
};
use url::Url;

use super::{super::DatabaseError, DatabaseAccess};

/// Statements that a session keeps prepared.
const PREPARED: usize = 64;
/// How much longer the server waits than the host, where both end a thing: the host's words are better.
const SLACK: Duration = Duration::from_millis(500);
/// How long a session may wait for its next use before the server closes it.
const IDLE: Duration = Duration::from_secs(300);

/// Whose sessions they are, and what bounds them.
#[derive(Debug, Clone)]
pub struct PostgresSettings {
    /// The plugin's id.
    pub plugin: String,
    /// The database's label.
    pub label: String,
    /// What the plugin may do there.
    pub access: DatabaseAccess,
    /// Sessions at the same time. One more may be open, which ends statements of the others.
    pub connections: usize,
    /// The longest that a statement may run.
    pub statement: Duration,
    /// The longest that a transaction may last.
    pub transaction: Duration,
    /// The longest that connecting may take.
    pub connect: Duration,
}

/// Options for sessions. What they set is each session's default, which `RESET ALL` goes back to.
pub(super) fn parse(url: &str, settings: &PostgresSettings) -> Result<PgConnectOptions, DatabaseError> {
    // Not what the parsers say: it may repeat the password.
    let wrong = || {
        DatabaseError::Invalid(format!(
            "the address of the database `{}` is none, expected postgres://user@host/database",
            settings.label
        ))
    };
    let parsed = Url::parse(url).map_err(|_| wrong())?;
    let known = ["postgres", "postgresql"].contains(&parsed.scheme());
    let asked = |keys: &[&str]| parsed.query_pairs().any(|(key, _)| keys.contains(&key.as_ref()));
    let named = !parsed.username().is_empty() || asked(&["user"]);
    let placed = parsed.host_str().is_some_and(|host| !host.is_empty()) || asked(&["host", "hostaddr"]);
    if !known || !named || !placed {
        return Err(wrong());
    }
    let mut options: PgConnectOptions = url.parse().map_err(|_| wrong())?;
    if !asked(&["sslmode", "ssl-mode"]) {
        let mode = if is_here(&options) { PgSslMode::Prefer } else { PgSslMode::VerifyFull };
        options = options.ssl_mode(mode);
    }
    let millis = |time: Duration| time.as_millis().clamp(1, 86_400_000).to_string();
    let read_only = if settings.access == DatabaseAccess::Read { "on" } else { "off" };
    let mine = [
        ("statement_timeout", millis(settings.statement + SLACK)),
        ("lock_timeout", millis(settings.statement)),
        ("idle_in_transaction_session_timeout", millis(settings.transaction + SLACK)),
        ("idle_session_timeout", millis(IDLE)),
        // A session whose host is gone doesn't run on.
        ("client_connection_check_interval", "1000".to_owned()),
        ("default_transaction_read_only", read_only.to_owned()),
        // The gate reads text in this one way.
        ("standard_conforming_strings", "on".to_owned()),
        ("client_min_messages", "error".to_owned()),
    ];
    Ok(options
        .options(mine)
        .application_name(&format!("cofferdam/{}/{}", settings.plugin, settings.label))
        .statement_cache_capacity(PREPARED)
        .disable_statement_logging())
}

/// Whether it is on this machine, as far as the address says.
fn is_here(options: &PgConnectOptions) -> bool {
    let host = options.get_host().trim_matches(['[', ']']);
    options.get_socket().is_some()
        || host == "localhost"
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// What to say of how the server is recognised; nothing if there is nothing to say.
pub(super) fn weak_tls(options: &PgConnectOptions) -> Option<String> {
    if is_here(options) || matches!(options.get_ssl_mode(), PgSslMode::VerifyFull) {
        return None;
    }
    Some("its address has an sslmode other than verify-full: who answers could be anyone".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> PostgresSettings {
        PostgresSettings {
            plugin: "stock".into(),
            label: "shop".into(),
            access: DatabaseAccess::Read,
            connections: 1,
            statement: Duration::from_secs(1),
            transaction: Duration::from_secs(2),
            connect: Duration::from_secs(1),
        }
    }

    #[test]
    fn a_server_elsewhere_has_to_prove_who_it_is_unless_the_address_says_otherwise() {
        let mode = |url: &str| parse(url, &settings()).unwrap().get_ssl_mode();
        assert!(matches!(mode("postgres://u@db.example/shop"), PgSslMode::VerifyFull));
        assert!(matches!(mode("postgres://u@db.example/shop?sslmode=require"), PgSslMode::Require));
        for here in [
            "postgres://u@localhost/shop",
            "postgres://u@127.0.0.1:5/shop",
            "postgres://u@[::1]/shop",
            "postgres://u@%2Frun%2Fpg/shop",
        ] {
            assert!(matches!(mode(here), PgSslMode::Prefer), "{here}");
        }
    }

    #[test]
    fn what_a_session_starts_with_comes_after_what_the_address_says() {
        let options = parse("postgres://u@h/d?options=-c%20statement_timeout%3D0", &settings()).unwrap();
        let written = options.get_options().unwrap();
        assert!(written.contains("-c statement_timeout=0 -c statement_timeout=1500"), "{written}");
        assert!(written.contains("-c default_transaction_read_only=on"), "{written}");
        assert_eq!(options.get_application_name(), Some("cofferdam/stock/shop"));
    }

    #[test]
    fn an_address_that_is_none_is_refused_without_repeating_it() {
        for url in [
            "",
            "postgres://",
            "postgres://host/db",
            "mysql://u:secret@h/d",
            "postgres://u:secret@/d",
            "postgres://u:secret@h:port/d",
            "postgres://u:secret@h/d?sslmode=maybe",
        ] {
            let error = parse(url, &settings()).unwrap_err().to_string();
            assert_eq!(
                error, "the address of the database `shop` is none, expected postgres://user@host/database",
                "{url}"
            );
        }
    }
}

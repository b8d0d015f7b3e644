//! Databases in the operator's file.

use cofferdam_policy::DatabaseAccess;
use cofferdam_runtime::capabilities::database::DatabaseUrl;

use super::*;

#[test]
fn a_plugin_has_its_own_database_and_those_it_was_granted() {
    let scratch = Scratch::new();
    scratch.write(
        "deep/policy.toml",
        "plugins_dir = \"tools\"\n[database_limits]\nrows = 5\n\
         [databases.shop]\nurl = \"sqlite:shop.db\"\n[databases.log]\nurl = \"postgres://u@db.example/log\"\n\
         [plugins.a]\ndatabases = { shop = \"write\" }\ndatabase_limits = { size = \"1 MiB\" }\n",
    );
    let given = Given { file: Some("deep/policy.toml".into()), ..scratch.given() };
    let config = Config::load(&given).unwrap();
    let a = config.plugin_spec(&id("a")).databases;
    assert_eq!(a.data_dir, Some(scratch.path("deep/cofferdam-data")));
    assert_eq!((a.limits.rows.value(), a.limits.size.value()), (5, 1 << 20));
    assert_eq!(a.grant.permit(&id("a"), "shop").unwrap().access(), DatabaseAccess::Write);
    assert!(a.grant.permit(&id("a"), "log").is_err());
    let places: Vec<_> = a.shared.iter().map(|(label, url)| (label.to_string(), url.clone())).collect();
    assert_eq!(places, [("shop".to_owned(), DatabaseUrl::Sqlite(scratch.path("deep/shop.db")))]);
    let other = config.plugin_spec(&id("other")).databases;
    assert_eq!((other.limits.rows.value(), other.limits.size.value()), (5, 64 << 20));
    assert!(other.grant.labels().next().is_none() && other.shared.is_empty());
}

#[test]
fn the_data_is_beside_the_plugins_unless_it_is_said_otherwise() {
    let config = load("").unwrap();
    assert_eq!(config.data_dir, config.plugins_dir.parent().unwrap().join("cofferdam-data"));
    assert_eq!(load("plugins_dir = \"/srv/plugins/\"").unwrap().data_dir, Path::new("/srv/cofferdam-data"));
    assert_eq!(load("data_dir = \"/var/lib/it\"").unwrap().data_dir, Path::new("/var/lib/it"));
}

#[test]
fn a_mistake_is_shown_at_its_place() {
    for (text, place, words) in [
        (
            "[databases.shop]\nurl = \"sqlite:x\"\n[plugins.a]\ndatabases = { shp = \"read\" }\n",
            "cofferdam.toml:4:15",
            "did you mean `shop`?",
        ),
        (
            "[plugins.a]\ndatabases = { shop = \"read\" }\n",
            "cofferdam.toml:2:15",
            "say where it is: [databases.shop]",
        ),
        (
            "[plugins.a]\ndatabases = { shop = \"all\" }\n",
            "cofferdam.toml:2:22",
            "expected one of `read`, `write`, `schema`",
        ),
        ("[databases.private]\nurl = \"sqlite:x\"\n", "cofferdam.toml:1:12", "each plugin's own database"),
        ("[databases.shop]\nurl = \"mysql://x/y\"\n", "cofferdam.toml:2:7", "found the scheme \"mysql\""),
        ("[databases]\nshop = {}\n", "cofferdam.toml:2:1", "expected a `url`, found none"),
        ("[database_limits]\nrows = 0\n", "cofferdam.toml:2:8", "`rows` is 0"),
        ("data_dir = \"\"\n", "cofferdam.toml:1:12", "expected the path of a directory"),
    ] {
        let error = load(text).unwrap_err();
        assert!(error.contains(place) && error.contains(words), "{text}\n{error}");
    }
}

#[test]
fn no_password_is_shown() {
    let config = load("[databases.shop]\nurl = \"postgres://u:hunter2@db.example/shop\"\n").unwrap();
    let effective = config.effective();
    let url = effective.iter().find(|value| value.path.join(".") == "databases.shop.url").unwrap();
    assert_eq!(url.value.as_str(), Some("postgres://u:…@db.example/shop"));
}

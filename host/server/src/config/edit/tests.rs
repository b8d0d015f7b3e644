//! What a person's file looks like before and after.

use super::*;

fn plugin() -> PluginId {
    PluginId::parse("weather").unwrap()
}

fn http(line: &str) -> Grant {
    Grant::Http(line.parse().unwrap())
}

fn granted(text: &str, what: &Grant) -> String {
    let edited = grant(text, &plugin(), what).unwrap().expect("it was there already");
    assert_eq!(grant(&edited, &plugin(), what), Ok(None), "twice:\n{edited}");
    edited
}

fn revoked(text: &str, what: &Revocation) -> String {
    let edited = revoke(text, &plugin(), what).unwrap().expect("it wasn't there");
    edited.parse::<DocumentMut>().unwrap();
    edited
}

#[test]
fn a_file_that_is_empty_gets_a_table_for_the_plugin() {
    assert_eq!(
        granted("", &http("GET https://a.example/*")),
        "[plugins.weather]\nhttp = [\"GET https://a.example/*\"]\n"
    );
    assert_eq!(
        granted("", &Grant::Database { label: "shop".into(), access: "read".into() }),
        "[plugins.weather]\ndatabases = { shop = \"read\" }\n"
    );
    assert_eq!(
        granted("", &Grant::Private("10.1.2.3:80".parse().unwrap())),
        "[plugins.weather]\nallow_private = [\"10.1.2.3:80\"]\n"
    );
}

#[test]
fn everything_else_stays_as_it_is() {
    let text = "# mine\nplugins_dir = 'p' # here\n\n[plugins.other] # two\nenabled = false\n\n\
                [plugins.weather.limits] # three\nfuel = 1_000_000\n";
    let edited = granted(text, &http("GET https://a.example/*"));
    let (before, after) = text.split_once("[plugins.weather.limits]").unwrap();
    let table = "[plugins.weather]\nhttp = [\"GET https://a.example/*\"]\n\n";
    assert_eq!(edited, format!("{before}{table}[plugins.weather.limits]{after}"));
}

#[test]
fn a_line_more_looks_like_the_others() {
    for (before, after) in [
        (
            r#"http = ["GET https://a.example/*"]"#,
            r#"http = ["GET https://a.example/*", "GET https://b.example/*"]"#,
        ),
        (
            "http = [\n  \"GET https://a.example/*\", # for a\n  # more\n]",
            "http = [\n  \"GET https://a.example/*\", # for a\n  # more\n  \"GET https://b.example/*\",\n]",
        ),
        (
            "http = [\n    \"GET https://a.example/*\" # for a\n]",
            "http = [\n    \"GET https://a.example/*\", # for a\n    \"GET https://b.example/*\",\n]",
        ),
    ] {
        let table = |list: &str| format!("[plugins.weather]\n{list} # end\n");
        assert_eq!(granted(&table(before), &http("GET https://b.example/*")), table(after));
    }
}

#[test]
fn a_line_less_takes_its_comments_along_and_no_others() {
    let list = "[plugins.weather]\nhttp = [\n  # for a\n  \"GET https://a.example/*\", # a\n  # for b\n  \
                \"GET https://b.example/*\", # b\n  { allow = \"GET https://c.example/*\" }, # c\n]\n";
    let without = |address: &str| {
        revoked(list, &Revocation::Http(format!("GET https://{address}.example/*").parse().unwrap()))
    };
    assert_eq!(
        without("b"),
        "[plugins.weather]\nhttp = [\n  # for a\n  \"GET https://a.example/*\", # a\n  \
         { allow = \"GET https://c.example/*\" }, # c\n]\n"
    );
    assert_eq!(
        without("c"),
        "[plugins.weather]\nhttp = [\n  # for a\n  \"GET https://a.example/*\", # a\n  # for b\n  \
         \"GET https://b.example/*\", # b\n]\n"
    );
    assert!(!without("a").contains("a.example"));
}

#[test]
fn the_last_line_takes_its_key_along() {
    let line = Revocation::Http("GET https://a.example/*".parse().unwrap());
    assert_eq!(
        revoked("[plugins.weather]\nhttp = [\"GET https://a.example/*\"]\n", &line),
        "[plugins.weather]\n"
    );
    let database = Revocation::Database("shop".into());
    for databases in [
        "databases = { shop = \"read\" }\n",
        "databases.shop = \"read\"\n",
        "[plugins.weather.databases]\nshop = \"read\"\n",
    ] {
        let edited = revoked(&format!("[plugins.weather]\n{databases}"), &database);
        assert_eq!(edited, "[plugins.weather]\n");
    }
}

#[test]
fn all_of_it_is_what_grants_and_nothing_else() {
    let text = "[plugins.weather]\nenabled = true\nhttp = []\nallow_private = []\n\n[plugins.weather.databases]\na = \"read\"\n\n\
                [plugins.weather.limits]\nfuel = 1\n";
    assert_eq!(
        revoked(text, &Revocation::All),
        "[plugins.weather]\nenabled = true\n\n[plugins.weather.limits]\nfuel = 1\n"
    );
    assert_eq!(revoke("[plugins.weather]\nenabled = true\n", &plugin(), &Revocation::All), Ok(None));
    assert_eq!(revoke("", &plugin(), &Revocation::All), Ok(None));
}

#[test]
fn an_access_is_raised_and_lowered_in_its_place() {
    let text = "[plugins.weather]\ndatabases = { shop = \"read\", other = \"read\" } # two\n";
    let write = Grant::Database { label: "shop".into(), access: "write".into() };
    assert_eq!(
        granted(text, &write),
        "[plugins.weather]\ndatabases = { shop = \"write\", other = \"read\" } # two\n"
    );
}

#[test]
fn tables_in_braces_and_dotted_keys_are_edited_too() {
    for text in [
        "plugins = { weather = { enabled = true } }\n",
        "plugins = { other = { enabled = true } }\n",
        "plugins.weather.enabled = true\n",
        "plugins.weather = { enabled = true }\n",
        "[plugins]\nweather = { enabled = true }\n",
        "[plugins]\ntrust = \"open\"\n",
    ] {
        let edited = granted(text, &http("GET https://a.example/*"));
        let table: toml::Table = edited.parse().unwrap_or_else(|error| panic!("{error}\n{edited}"));
        assert_eq!(
            table["plugins"]["weather"]["http"][0].as_str(),
            Some("GET https://a.example/*"),
            "{edited}"
        );
    }
}

#[test]
fn what_has_another_shape_is_left_to_people() {
    for (text, words) in [
        ("plugins = 1\n", "`plugins` holds integer, expected a table"),
        ("[plugins]\nweather = 1\n", "`plugins.weather` holds integer"),
        (
            "[plugins.weather]\nhttp = \"GET https://a.example/*\"\n",
            "`plugins.weather.http` holds string, expected a list",
        ),
        ("[", "it is not TOML"),
    ] {
        let error = grant(text, &plugin(), &http("GET https://b.example/*")).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

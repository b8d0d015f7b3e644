//! `grant`, `revoke`, `grants` and `explain`: what they write, what they refuse, and what they leave alone.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use cofferdam_tests::process;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder with the operator's file.
struct Operator(TempDir);

impl Operator {
    fn with(text: &str) -> Self {
        let operator = Self(tempfile::tempdir().unwrap());
        fs::write(operator.file(), text).unwrap();
        operator
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("cofferdam.toml")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Said {
        said(command(self.0.path(), arguments).output().unwrap())
    }
}

fn command(directory: &Path, arguments: &[&str]) -> std::process::Command {
    let mut command = process::command(arguments);
    command.current_dir(directory).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

struct Said {
    out: String,
    err: String,
    code: i32,
}

fn said(output: Output) -> Said {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { out: text(output.stdout), err: text(output.stderr), code: output.status.code().unwrap() }
}

const LINE: &str = "GET https://api.example.com/*";

#[test]
fn a_grant_is_one_line_more_and_a_revocation_one_less() {
    let before = "# ours\n[plugins.weather]  # the weather\nenabled = true\n";
    let operator = Operator::with(before);
    let granted = operator.run(&["grant", "weather", "http", LINE]);
    assert_eq!(granted.code, 0, "{}", granted.err);
    assert_eq!(
        granted.out,
        "weather: granted in cofferdam.toml; a running host applies it within a second\n"
    );
    assert_eq!(operator.text(), format!("{before}http = [\"{LINE}\"]\n"));
    let listed = operator.run(&["grants"]);
    assert_eq!(listed.out, format!("weather\n  http      {LINE}\n"));
    let again = operator.run(&["grant", "weather", "http", LINE]);
    assert_eq!((again.code, again.out.contains("nothing has changed")), (0, true), "{}", again.out);
    let revoked = operator.run(&["revoke", "weather", "http", LINE]);
    assert_eq!(revoked.code, 0, "{}", revoked.err);
    assert_eq!(operator.text(), before);
    assert!(operator.run(&["grants"]).out.starts_with("nothing is granted"));
}

#[test]
fn programs_read_grants_as_json() {
    let operator = Operator::with("");
    let both = operator.run(&["grant", "weather", "http", LINE, "POST https://b.example/x", "--json"]);
    let answer: Value = serde_json::from_str(&both.out).unwrap();
    assert_eq!(answer, json!({ "plugin": "weather", "file": "cofferdam.toml", "changed": true }));
    assert_eq!(operator.run(&["grant", "weather", "private", "10.1.2.3:80"]).code, 0);
    let listed: Value = serde_json::from_str(&operator.run(&["grants", "--json"]).out).unwrap();
    assert_eq!(
        listed["weather"]["http"],
        json!([
            { "allow": LINE, "headers": [] },
            { "allow": "POST https://b.example/x", "headers": [] },
        ])
    );
    assert_eq!(listed["weather"]["allowPrivate"], json!(["10.1.2.3:80"]));
    assert_eq!(listed["weather"]["databases"], json!({}));
    assert_eq!(operator.run(&["grants", "other", "--json"]).out, "{}\n");
    assert_eq!(operator.run(&["revoke", "weather", "all"]).code, 0);
    assert_eq!(operator.text(), "[plugins.weather]\n");
}

#[test]
fn a_database_is_granted_by_its_label() {
    let shop = "[databases.shop]\nurl = \"sqlite:shop.db\"\n";
    let operator = Operator::with(shop);
    let unknown = operator.run(&["grant", "orders", "database", "shp", "read"]);
    assert_eq!(unknown.code, 3);
    assert!(unknown.err.contains("did you mean `shop`?"), "{}", unknown.err);
    assert_eq!(operator.text(), shop);
    for access in ["read", "write"] {
        let granted = operator.run(&["grant", "orders", "database", "shop", access]);
        assert_eq!(granted.code, 0, "{}", granted.err);
        assert_eq!(operator.run(&["grants"]).out, format!("orders\n  database  shop {access}\n"));
    }
    assert_eq!(operator.text(), format!("{shop}\n[plugins.orders]\ndatabases = {{ shop = \"write\" }}\n"));
    assert_eq!(operator.run(&["revoke", "orders", "database", "shop"]).code, 0);
    assert_eq!(operator.text(), format!("{shop}\n[plugins.orders]\n"));
}

#[test]
fn what_is_no_grant_is_refused_and_nothing_is_written() {
    let operator = Operator::with("# mine\n");
    for (arguments, code, words) in [
        (
            &["grant", "weather", "http", "https://api.example.com/*"][..],
            2,
            "it names no method, write `GET https://",
        ),
        (&["grant", "weather", "http", "get https://a.example/"], 2, "is written `GET`"),
        (&["grant", "weather", "http", "GET https://a.example"], 2, "it has no path"),
        (&["grant", "weather", "http", "GET https://*/*"], 2, "add --dangerous-any if you mean that"),
        (&["grant", "weather", "http", "GET https://*.com/*"], 2, "add --dangerous-any if you mean that"),
        (&["grant", "weather", "http"], 2, "required"),
        (&["grant", "Weather", "http", LINE], 2, "plugin id"),
        (&["grant", "weather", "private", "10.1.2.3"], 2, "invalid"),
        (&["grant", "weather", "private", "0.0.0.0:80"], 3, "expected the address and port of one machine"),
        (&["grant", "weather", "database", "shop", "admin"], 2, "read, write, schema"),
        (&["grant", "weather", "everything"], 2, "unexpected argument 'everything'"),
    ] {
        let said = operator.run(arguments);
        assert_eq!(said.code, code, "{arguments:?}: {}{}", said.out, said.err);
        assert!(said.err.contains(words), "{arguments:?}: {}", said.err);
        assert_eq!(operator.text(), "# mine\n");
    }
}

#[test]
fn a_pattern_that_opens_everything_needs_a_flag_of_that_name() {
    let operator = Operator::with("");
    let granted = operator.run(&["grant", "fetch", "http", "GET https://*/*", "--dangerous-any"]);
    assert_eq!(granted.code, 0, "{}", granted.err);
    assert!(operator.text().contains("http = [\"GET https://*/* dangerous-any\"]"), "{}", operator.text());
    // As it was granted, and as it is listed.
    for line in ["GET https://*/*", "GET https://*/* dangerous-any"] {
        let operator = Operator::with(&operator.text());
        assert_eq!(operator.run(&["revoke", "fetch", "http", line]).code, 0);
        assert_eq!(operator.text(), "[plugins.fetch]\n");
    }
}

#[test]
fn a_file_that_is_missing_is_made_and_one_that_can_not_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let made = said(command(folder.path(), &["grant", "weather", "http", LINE]).output().unwrap());
    assert_eq!(made.code, 0, "{}", made.err);
    assert!(made.err.contains("there is no plugin `weather` yet"), "{}", made.err);
    let file = folder.path().join("cofferdam.toml");
    assert_eq!(fs::read_to_string(&file).unwrap(), format!("[plugins.weather]\nhttp = [\"{LINE}\"]\n"));

    let named = said(
        command(folder.path(), &["grant", "a", "http", LINE, "--config", "/proc/version"]).output().unwrap(),
    );
    assert_ne!(named.code, 0);
    assert!(named.err.contains("/proc/version"), "{}", named.err);
}

#[test]
fn a_file_with_mistakes_is_left_as_it_is() {
    let operator = Operator::with("plugins_dirr = \"p\"\n");
    let said = operator.run(&["grant", "weather", "http", LINE]);
    assert_eq!(said.code, 3);
    assert!(said.err.contains("did you mean `plugins_dir`?"), "{}", said.err);
    assert_eq!(operator.text(), "plugins_dirr = \"p\"\n");
}

#[test]
fn permissions_and_links_stay() {
    let (operator, away) = (Operator::with(""), tempfile::tempdir().unwrap());
    let real = away.path().join("real.toml");
    fs::write(&real, "").unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    fs::remove_file(operator.file()).unwrap();
    std::os::unix::fs::symlink(&real, operator.file()).unwrap();
    assert_eq!(operator.run(&["grant", "weather", "http", LINE]).code, 0);
    assert!(fs::symlink_metadata(operator.file()).unwrap().is_symlink());
    assert!(fs::read_to_string(&real).unwrap().contains(LINE));
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn grants_that_are_given_at_the_same_time_are_all_there() {
    let operator = Operator::with("");
    let lines: Vec<String> = (0..16).map(|index| format!("GET https://a{index}.example/*")).collect();
    let running: Vec<_> = lines
        .iter()
        .map(|line| command(operator.0.path(), &["grant", "weather", "http", line]).spawn().unwrap())
        .collect();
    for child in running {
        let said = said(child.wait_with_output().unwrap());
        assert_eq!(said.code, 0, "{}", said.err);
    }
    let listed = operator.run(&["grants"]).out;
    assert!(lines.iter().all(|line| listed.contains(line)), "{listed}");
}

#[test]
fn no_secret_is_read_to_change_or_list_grants() {
    let operator = Operator::with(
        "[secrets]\nweather = { command = [\"touch\", \"was-run\"] }\n\n\
         [plugins.weather]\nhttp = [\n  { allow = \"GET https://api.example.com/*\", headers = { X-Key = \"${secret:weather}\" } },\n]\n",
    );
    for arguments in [
        &["grants"][..],
        &["grant", "weather", "http", "GET https://b.example/*"],
        &["revoke", "weather", "http", "GET https://b.example/*"],
    ] {
        let said = operator.run(arguments);
        assert_eq!(said.code, 0, "{}", said.err);
    }
    assert!(operator.run(&["grants"]).out.contains(&format!("{LINE}  (with X-Key)")));
    assert!(!operator.0.path().join("was-run").exists());
    let checked = operator.run(&["config", "check"]);
    assert_eq!(checked.code, 3);
    assert!(operator.0.path().join("was-run").exists());
}

#[test]
fn a_code_is_explained_and_all_are_listed() {
    let operator = Operator::with("not even = [toml");
    let explained = operator.run(&["explain", "c0101"]);
    assert_eq!(explained.code, 0, "{}", explained.err);
    assert!(explained.out.starts_with("C0101: a plugin needs a capability that it was not granted\n\n"));
    assert!(explained.out.contains("cofferdam grant weather http 'GET https://api.example.com/*'"));
    let listed = operator.run(&["explain"]).out;
    let as_json: Value = serde_json::from_str(&operator.run(&["explain", "--json"]).out).unwrap();
    let codes = as_json.as_array().unwrap();
    assert_eq!(listed.lines().count(), codes.len());
    for code in codes {
        assert!(listed.contains(code["code"].as_str().unwrap()));
        assert!(code["text"].as_str().unwrap().len() > 20, "{code}");
    }
    let unknown = operator.run(&["explain", "C9999"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("`cofferdam explain` lists all of them"), "{}", unknown.err);
}

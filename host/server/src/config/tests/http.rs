//! Grants for HTTP, and secrets: what they mean, and each mistake at its place.

use std::os::unix::fs::PermissionsExt as _;

use cofferdam_policy::units::Quantity as _;

use super::*;

const TOKEN: &str = "token-0123456789";

fn marked(text: &str) -> String {
    let environment = [("TOKEN", TOKEN), ("SHORT", "1234567"), ("LINES", "one\ntwo"), ("EMPTY", "")];
    let shown = load_with(text, &environment, Vec::new()).unwrap_err();
    assert!(!shown.contains(TOKEN) && !shown.contains("1234567"), "{shown}");
    let mark = shown.lines().find(|line| line.contains('^')).unwrap();
    mark.trim_start_matches([' ', '|', '^']).to_owned()
}

#[test]
fn a_grant_is_lines_addresses_and_limits() {
    let config = load(
        "[http_limits]\nrequests = 7\nparallel = 3\n\
         [plugins.a]\nhttp = [\"GET https://a.example/*\", { allow = \"POST https://b.example/x\" }]\n\
         allow_private = [\"10.1.2.3:8080\", \"[fd00::1]:80\"]\nhttp_limits = { parallel = 4 }\n\
         [plugins.b]\nallow_private = [\"10.1.2.3:8080\"]\n",
    )
    .unwrap();
    let spec = config.plugin_spec(&id("a"));
    let grant = spec.http.unwrap();
    let lines: Vec<_> = grant.patterns().iter().map(ToString::to_string).collect();
    assert_eq!(lines, ["GET https://a.example/*", "POST https://b.example/x"]);
    for (address, open) in [("10.1.2.3:8080", true), ("[fd00::1]:80", true), ("10.1.2.3:80", false)] {
        assert_eq!(grant.addresses().judge(address.parse().unwrap()).is_ok(), open, "{address}");
    }
    assert_eq!((spec.http_limits.requests.value(), spec.http_limits.parallel.value()), (7, 4));
    let other = config.plugin_spec(&id("other"));
    assert_eq!((other.http, other.http_limits.parallel.value()), (None, 3));
    // An address without a line opens nothing.
    assert_eq!(config.plugin_spec(&id("b")).http, None);
}

#[test]
fn where_the_host_itself_listens_no_plugin_reaches() {
    let mut config =
        load("[plugins.a]\nhttp = [\"* http://h.example/*\"]\nallow_private = [\"127.0.0.1:7331\"]\n")
            .unwrap();
    let judged = |config: &Config| {
        let grant = config.plugin_spec(&id("a")).http.unwrap();
        grant
            .addresses()
            .judge("127.0.0.1:7331".parse().unwrap())
            .map(drop)
            .map_err(|error| error.to_string())
    };
    assert_eq!(judged(&config), Ok(()));
    config.own = vec!["127.0.0.1:7331".parse().unwrap()];
    assert_eq!(judged(&config), Err("this host's own listener".to_owned()));
}

#[test]
fn every_mistake_of_a_grant_is_marked_with_what_was_expected() {
    for (text, expected) in [
        (
            "plugins.a.http = \"GET https://a.example/*\"",
            "expected a sequence, found string \"GET https://a.example/*\"",
        ),
        (
            "plugins.a.http = [1]",
            "expected a line such as \"GET https://api.example.com/*\", or { allow = \"GET https://api.example.com/*\", headers = { NAME = \"VALUE\" } }",
        ),
        (
            "plugins.a.http = [{ allow = \"GET https://a.example/*\", header = {} }]",
            "expected a line such as \"GET https://api.example.com/*\", or { allow = \"GET https://api.example.com/*\", headers = { NAME = \"VALUE\" } }",
        ),
        (
            "plugins.a.http = [\"https://a.example/*\"]",
            "\"https://a.example/*\" is not a grant for HTTP: it names no method, write `GET https://a.example/*` or `* https://a.example/*`",
        ),
        (
            "plugins.a.http = [\"* https://*/*\"]",
            "\"* https://*/*\" is not a grant for HTTP: it opens hosts that nobody has named; name them, or write `dangerous-any` behind it if you mean that",
        ),
        (
            "plugins.a.http = [{ allow = \"* https://*/* dangerous-any\", headers = { X = \"y\" } }]",
            "\"* https://*/* dangerous-any\" has headers, and would send them to hosts that nobody has named",
        ),
        (
            "plugins.a.http = [{ allow = \"* https://a.example/*\", headers = { Host = \"y\" } }]",
            "the header `Host` is for the host to set, it can't be bound",
        ),
        (
            "plugins.a.http = [{ allow = \"* https://a.example/*\", headers = { X = \"${env:Y}\" } }]",
            "the header `X`: expected `${secret:NAME}`, found a `${` that begins something else",
        ),
        (
            "plugins.a.allow_private = [\"10.0.0.0/8\"]",
            "expected the address and port of one machine, such as \"10.1.2.3:8080\", found \"10.0.0.0/8\"",
        ),
        (
            "plugins.a.allow_private = [\"0.0.0.0:80\"]",
            "expected the address and port of one machine, such as \"10.1.2.3:8080\", found \"0.0.0.0:80\"",
        ),
        (
            "plugins.a.allow_private = [\"localhost:80\"]",
            "expected the address and port of one machine, such as \"10.1.2.3:8080\", found \"localhost:80\"",
        ),
        ("plugins.a.http_limits.parallel = 101", "`parallel` is 101, expected 1 to 100"),
        ("http_limits.requests = 0", "`requests` is 0, expected 1 to 10000"),
    ] {
        assert_eq!(marked(text), expected, "{text}");
    }
}

#[test]
fn a_secret_is_bound_by_its_name_and_shown_nowhere() {
    let text = "[secrets]\nw = { env = \"TOKEN\" }\n[plugins.a]\nhttp = [{ allow = \"* https://a.example/*\", \
                headers = { Authorization = \"Bearer ${secret:w}\" } }]\n";
    let config = load_with(text, &[("TOKEN", TOKEN)], Vec::new()).unwrap();
    assert_eq!(config.secrets["w"].expose(), TOKEN);
    let spec = config.plugin_spec(&id("a"));
    let shown = format!("{spec:?} {:?} {:?} {:?}", config.secrets, config.plugins, config.effective());
    assert!(!shown.contains(TOKEN), "{shown}");
    assert!(shown.contains("[secret:w]") && shown.contains("env"), "{shown}");
    // Another value is another policy, so that connections don't go on with the old one.
    let other = load_with(text, &[("TOKEN", "token-9876543210")], Vec::new()).unwrap();
    assert_ne!(spec, other.plugin_spec(&id("a")));
}

#[test]
fn every_mistake_of_a_secret_is_marked_and_tells_nothing_of_it() {
    let bound = |name: &str| {
        format!(
            "secrets.w = {{ env = \"TOKEN\" }}\nsecrets.short = {{ env = \"SHORT\" }}\nplugins.a.http = \
             [{{ allow = \"* https://a.example/*\", headers = {{ X = \"${{secret:{name}}}\" }} }}]\n"
        )
    };
    for (text, expected) in [
        ("secrets.w = {}", "expected one of `env`, `file` and `command`, found none"),
        ("secrets.w = \"hunter2\"", "expected a table, found string"),
        ("secrets.\"a b\" = { env = \"TOKEN\" }", "expected a name of letters, digits, - and _"),
        ("secrets.w = { env = \"NONE\" }", "the variable `NONE` isn't set"),
        ("secrets.w = { env = \"EMPTY\" }", "expected one line, found none or several"),
        ("secrets.w = { env = \"LINES\" }", "expected one line, found none or several"),
        ("secrets.w = { command = [] }", "expected a program and its arguments, found nothing"),
        ("secrets.w = { command = [\"/none/such\"] }", "can't run `/none/such`: entity not found"),
        ("secrets.w = { command = [\"false\"] }", "`false` failed (exit status: 1)"),
        ("secrets.w = { command = [\"true\"] }", "expected one line, found none or several"),
        (&bound("none"), "there is no secret `none`; add it under [secrets]"),
        (
            &bound("short"),
            "the secret `short` has fewer than 8 characters, too few to be found in what comes back",
        ),
    ] {
        assert_eq!(marked(text), expected, "{text}");
    }
}

#[test]
fn a_command_runs_without_a_shell_and_its_first_line_counts() {
    let text = "secrets.w = { command = [\"printf\", \"%s\\\\nmore\", \"a b; $HOME token\"] }\n";
    assert_eq!(load(text).unwrap().secrets["w"].expose(), "a b; $HOME token");
}

#[test]
fn a_secret_s_file_is_beside_the_configuration_and_for_its_owner_alone() {
    let scratch = Scratch::new();
    scratch.write("deep/cofferdam.toml", "secrets.w = { file = \"w.token\" }\n");
    scratch.write("deep/w.token", &format!("{TOKEN}\n"));
    let given = Given { file: Some("deep/cofferdam.toml".into()), ..scratch.given() };
    let token = scratch.path("deep/w.token");
    let load = || Config::load(&given).map_err(|rejected| rejected.to_string());
    for (mode, fine) in [(0o644, false), (0o640, false), (0o604, false), (0o600, true), (0o400, true)] {
        fs::set_permissions(&token, fs::Permissions::from_mode(mode)).unwrap();
        match load() {
            Ok(config) => assert!(fine && config.secrets["w"].expose() == TOKEN, "{mode:o}"),
            Err(shown) => {
                let command = format!("(mode {mode:04o}); run: chmod 600 {}", token.display());
                assert!(!fine && shown.contains(&command) && !shown.contains(TOKEN), "{mode:o}: {shown}");
            }
        }
    }
    fs::remove_file(&token).unwrap();
    let shown = load().unwrap_err();
    assert!(shown.contains(&format!("can't read {}: entity not found", token.display())), "{shown}");
}

//! Where what was compiled is kept, and what a change of it takes.

use super::*;

fn cache_dir(text: &str, environment: &[(&str, &str)]) -> Option<PathBuf> {
    load_with(text, environment, Vec::new()).unwrap().compile.cache_dir
}

/// Where `config show` says that a value comes from, and the value.
fn shown(config: &Config, path: &str) -> Option<String> {
    let effective = config.effective();
    let found = effective.iter().find(|value| value.path.join(".") == path)?;
    Some(format!("{} {}", found.value, found.origin))
}

#[test]
fn the_cache_is_the_user_s_and_without_a_user_there_is_none() {
    let home = ("HOME", "/home/me");
    for (environment, expected) in [
        (&[][..], None),
        (&[home], Some("/home/me/.cache/cofferdam")),
        (&[home, ("XDG_CACHE_HOME", "/var/cache/me")], Some("/var/cache/me/cofferdam")),
        (&[home, ("XDG_CACHE_HOME", "relative")], Some("/home/me/.cache/cofferdam")),
        (&[home, ("XDG_CACHE_HOME", "")], Some("/home/me/.cache/cofferdam")),
        (&[("HOME", "relative")], None),
        (&[home, ("COFFERDAM_COMPILE__CACHE", "false")], None),
        (&[("COFFERDAM_COMPILE__CACHE_DIR", "/x")], Some("/x")),
    ] {
        assert_eq!(cache_dir("", environment).as_deref(), expected.map(Path::new), "{environment:?}");
    }
}

#[test]
fn a_cache_that_is_off_has_no_directory_even_where_one_is_written() {
    assert_eq!(cache_dir("compile = { cache = false, cache_dir = \"/x\" }\n", &[("HOME", "/home/me")]), None);
}

#[test]
fn cache_and_socket_are_relative_to_the_file() {
    let scratch = Scratch::new();
    scratch.write("deep/policy.toml", "compile.cache_dir = \"cache\"\nadmin.socket = \"./run/it.sock\"\n");
    let given = Given { file: Some("deep/policy.toml".into()), ..scratch.given() };
    let config = Config::load(&given).unwrap();
    assert_eq!(config.compile.cache_dir, Some(scratch.path("deep/cache")));
    assert_eq!(config.admin.socket, Some(scratch.path("deep/run/it.sock")));
}

#[test]
fn a_path_that_is_too_long_for_a_socket_only_where_it_stands_is_shown_at_its_value() {
    let scratch = Scratch::new();
    let deep = "d".repeat(100);
    scratch.write(&format!("{deep}/policy.toml"), "[admin]\nsocket = \"it.sock\"\n");
    let given = Given { file: Some(format!("{deep}/policy.toml").into()), ..scratch.given() };
    let shown = Config::load(&given).unwrap_err().to_string();
    assert!(shown.contains("/policy.toml:2:10\n"), "{shown}");
    assert!(shown.contains("expected a path that is short enough for a socket, found "), "{shown}");
}

#[test]
fn what_is_shown_of_the_cache_is_what_holds() {
    let config = load_with("", &[("HOME", "/home/me")], Vec::new()).unwrap();
    assert_eq!(shown(&config, "compile.cache").unwrap(), "true default");
    assert_eq!(shown(&config, "compile.cache_dir").unwrap(), "\"/home/me/.cache/cofferdam\" default");
    let off = load("[compile]\ncache = false\n").unwrap();
    assert_eq!(shown(&off, "compile.cache").unwrap(), "false cofferdam.toml:2");
    assert_eq!(shown(&off, "compile.cache_dir"), None);
    // Wanted, and nowhere to be had.
    let nowhere = load("[compile]\ncache = true\n").unwrap();
    assert_eq!(shown(&nowhere, "compile.cache").unwrap(), "false default");
}

#[test]
fn compilation_and_administration_change_with_a_restart_and_trust_without() {
    let before = load("").unwrap();
    for (text, needs) in [
        ("compile.memory = \"1 GiB\"", true),
        ("compile.cache_dir = \"/x\"", true),
        ("admin.enabled = false", true),
        ("load.plugins = 2", true),
        ("server.meta_tools = true", true),
        ("plugins.trust = \"lock\"", false),
        ("plugins.a.enabled = false", false),
    ] {
        let mut after = load(text).unwrap();
        // Each is of a directory of its own.
        after.plugins_dir.clone_from(&before.plugins_dir);
        assert_eq!(after.needs_restart(&before), needs, "{text}");
    }
}

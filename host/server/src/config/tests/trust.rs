//! Which plugins are served: keys among the plugins' own tables.

use super::*;

const KEY: &str = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";

fn trust(text: &str) -> Trust {
    load(text).unwrap().trust
}

#[test]
fn every_mode_is_read_beside_the_tables_of_plugins() {
    let keys = format!("trusted_keys = [\"{KEY}\"]\n");
    let table = "[plugins.a]\nenabled = false\nconfig = { day = 2026-11-20, ratio = 1.5 }\n";
    assert_eq!(trust(&format!("[plugins]\ntrust = \"open\"\n{table}")), Trust::Open);
    assert_eq!(trust(&format!("[plugins]\ntrust = \"lock\"\n{keys}{table}")), Trust::Lock);
    let config = load(&format!("[plugins]\ntrust = \"signed\"\n{keys}{table}")).unwrap();
    assert_eq!(config.trust, Trust::Signed(vec![KEY.to_owned()]));
    assert!(!config.is_enabled(&id("a")));
    let settings = config.plugin_spec(&id("a")).settings;
    assert_eq!(settings.get("day").as_deref(), Some("\"2026-11-20\""));
    assert_eq!(settings.get("ratio").as_deref(), Some("1.5"));
}

#[test]
fn the_environment_sets_the_mode_and_the_keys() {
    let two = format!("{KEY}, {KEY}");
    let environment = [
        ("COFFERDAM_PLUGINS__TRUST", "signed"),
        ("COFFERDAM_PLUGINS__TRUSTED_KEYS", two.as_str()),
        // Below the table, the same letters are a plugin's id.
        ("COFFERDAM_PLUGINS__TRUSTED_KEYS__NAMESPACE", "x"),
    ];
    let config = load_with("plugins.trust = \"open\"\n", &environment, Vec::new()).unwrap();
    assert_eq!(config.trust, Trust::Signed(vec![KEY.to_owned(), KEY.to_owned()]));
    assert_eq!(config.plugin_spec(&id("trusted-keys")).namespace, Some(Namespace::parse("x").unwrap()));
    let variable = Origin::Environment("COFFERDAM_PLUGINS__TRUST".to_owned());
    assert_eq!(config.origin(&["plugins", "trust"]), variable);
}

#[test]
fn what_is_shown_reads_back_even_where_no_key_counts_now() {
    let text =
        format!("[plugins]\ntrusted_keys = [\"{KEY}\"]\n[plugins.b]\n[plugins.a]\nnamespace = \"x\"\n");
    let config = load(&text).unwrap();
    let of_plugins: Vec<_> = config
        .effective()
        .into_iter()
        .filter(|value| value.path[0] == "plugins")
        .map(|value| format!("{} = {} # {}", value.path.join("."), value.value, value.origin))
        .collect();
    let keys = format!("plugins.trusted_keys = [\"{KEY}\"] # cofferdam.toml:2");
    assert_eq!(
        of_plugins,
        [
            "plugins.trust = \"open\" # default",
            keys.as_str(),
            "plugins.a.namespace = \"x\" # cofferdam.toml:5",
            "plugins.b = {} # cofferdam.toml:3",
        ]
    );
}

#[test]
fn the_lock_is_beside_the_file() {
    let scratch = Scratch::new();
    assert_eq!(Config::load(&scratch.given()).unwrap().lock_file(), scratch.path("cofferdam.lock"));
    scratch.write("deep/policy.toml", "");
    for file in ["deep/policy.toml".into(), scratch.path("deep/policy.toml")] {
        let config = Config::load(&Given { file: Some(file), ..scratch.given() }).unwrap();
        assert_eq!(config.lock_file(), scratch.path("deep/cofferdam.lock"));
    }
    scratch.write("cofferdam.toml", "");
    assert_eq!(Config::load(&scratch.given()).unwrap().lock_file(), scratch.path("cofferdam.lock"));
}

//! The floors: each crate names only what its floor may know.

use std::{collections::BTreeMap, process::Command, sync::OnceLock};

use cofferdam_tests::cargo;
use serde_json::Value;

/// The packages of the host, lowest floor first.
const HOST: [&str; 4] = ["cofferdam-policy", "cofferdam-capabilities", "cofferdam-runtime", "cofferdam"];
const SDK: [&str; 2] = ["cofferdam-sdk", "cofferdam-macros"];

/// What cargo knows of the workspace and of everything that it depends on.
fn metadata() -> &'static Value {
    static METADATA: OnceLock<Value> = OnceLock::new();
    METADATA.get_or_init(|| {
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--locked"])
            .current_dir(cargo::workspace())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    })
}

/// Our packages with what each names as a dependency, tests and build scripts aside.
fn named() -> BTreeMap<&'static str, Vec<&'static str>> {
    let ours =
        metadata()["packages"].as_array().unwrap().iter().filter(|package| package["source"].is_null());
    ours.map(|package| {
        let dependencies = package["dependencies"].as_array().unwrap().iter();
        let normal = dependencies.filter(|dependency| dependency["kind"].is_null());
        let names = normal.map(|dependency| dependency["name"].as_str().unwrap()).collect();
        (package["name"].as_str().unwrap(), names)
    })
    .collect()
}

/// The dependencies of one of our packages, as cargo describes them.
fn of(package: &str) -> impl Iterator<Item = &'static Value> {
    let packages = metadata()["packages"].as_array().unwrap();
    let found = packages.iter().find(|found| found["name"] == package && found["source"].is_null());
    found.unwrap()["dependencies"].as_array().unwrap().iter()
}

/// Asserts that of the host only `owner` names one of these (a name that ends with `*` is a prefix).
fn only(owner: &str, names: &[&str]) {
    let is_one = |dependency: &str| {
        names.iter().any(|name| match name.strip_suffix('*') {
            Some(prefix) => dependency.starts_with(prefix),
            None => dependency == *name,
        })
    };
    let named = named();
    for package in HOST.iter().chain(&SDK).filter(|package| **package != owner) {
        let found = named[package].iter().find(|dependency| is_one(dependency));
        assert_eq!(found, None, "`{package}` names what only `{owner}` may");
    }
    assert!(named[owner].iter().any(|dependency| is_one(dependency)), "`{owner}` names none of {names:?}");
}

#[test]
fn only_the_runtime_names_the_engine() {
    only("cofferdam-runtime", &["wasmtime*", "cranelift*"]);
}

#[test]
fn only_the_server_names_the_protocol_and_the_command_line() {
    only("cofferdam", &["rmcp", "axum", "clap"]);
}

#[test]
fn a_floor_knows_those_below_it_and_none_above() {
    let named = named();
    for (floor, package) in HOST.iter().enumerate() {
        for above in &HOST[floor..] {
            assert!(!named[package].contains(above), "`{package}` names `{above}`");
        }
    }
    for forbidden in ["tokio", "futures", "wasmtime", "rmcp", "reqwest", "axum"] {
        assert!(!named["cofferdam-policy"].contains(&forbidden), "policy names `{forbidden}`");
    }
}

#[test]
fn host_and_sdk_never_depend_on_each_other() {
    let named = named();
    // The decisions alone, and not in a component: the mock host's stubs match as the host's grants do.
    let native: Vec<_> = of("cofferdam-sdk").filter(|found| found["name"] == "cofferdam-policy").collect();
    assert!(native.iter().all(|found| found["target"] == "cfg(not(target_arch = \"wasm32\"))"), "{native:?}");
    for (ones, others) in [(&HOST[..], &SDK[..]), (&SDK[..], &HOST[1..])] {
        for one in ones {
            for other in others {
                assert!(!named[one].contains(other), "`{one}` names `{other}`");
            }
        }
    }
    for (package, dependencies) in
        named.iter().filter(|(package, _)| package.starts_with("cofferdam-plugin-"))
    {
        for host in HOST {
            assert!(!dependencies.contains(&host), "`{package}` names `{host}`");
        }
        assert!(dependencies.contains(&"cofferdam-sdk"), "`{package}` is written without the SDK");
    }
}

#[test]
fn cryptography_comes_from_one_library() {
    let packages = metadata()["packages"].as_array().unwrap();
    let found = packages.iter().find(|package| package["name"].as_str().unwrap().starts_with("aws-lc"));
    assert!(found.is_none(), "something turned on aws-lc: see `cargo tree -i aws-lc-rs`");
}

/// The features with which a library of somebody else's is built.
fn features(package: &str) -> Vec<&'static str> {
    let nodes = metadata()["resolve"]["nodes"].as_array().unwrap();
    let is_it = |node: &&Value| node["id"].as_str().is_some_and(|id| id.contains(&format!("#{package}@")));
    let found: Vec<_> = nodes.iter().filter(is_it).collect();
    assert_eq!(found.len(), 1, "{package} is there once");
    found[0]["features"].as_array().unwrap().iter().map(|feature| feature.as_str().unwrap()).collect()
}

#[test]
fn the_engine_has_the_features_that_were_chosen_and_no_client_of_its_own() {
    assert_eq!(features("wasmtime-wasi"), ["p2"]);
    // Neither `default-send-request`, which brings TLS, nor anything else.
    assert_eq!(features("wasmtime-wasi-http"), ["p2"]);
    let engine = features("wasmtime");
    for forbidden in ["component-model-async", "default", "gc", "profiling", "threads", "wat"] {
        assert!(!engine.contains(&forbidden), "wasmtime has `{forbidden}`");
    }
}

#[test]
fn a_schema_can_neither_fetch_nor_read_files() {
    let nodes = metadata()["resolve"]["nodes"].as_array().unwrap();
    let of = |node: &&Value| node["id"].as_str().is_some_and(|id| id.contains("#jsonschema@"));
    let mut found = 0;
    for node in nodes.iter().filter(of) {
        let features: Vec<_> = node["features"].as_array().unwrap().iter().collect();
        for forbidden in ["default", "resolve-http", "resolve-file", "resolve-async"] {
            assert!(!features.iter().any(|feature| *feature == forbidden), "jsonschema has `{forbidden}`");
        }
        found += 1;
    }
    assert_eq!(found, 1, "jsonschema is there once");
}

#[test]
fn every_crate_of_ours_is_under_the_workspace_s_lints() {
    for package in metadata()["packages"].as_array().unwrap().iter().filter(|p| p["source"].is_null()) {
        let manifest = package["manifest_path"].as_str().unwrap();
        let text = std::fs::read_to_string(manifest).unwrap();
        assert!(text.contains("[lints]\nworkspace = true"), "{manifest} has no `[lints] workspace = true`");
    }
}

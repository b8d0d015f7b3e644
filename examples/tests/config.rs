//! `cofferdam.toml`: valid, complete, and of defaults only.

use std::{fs, process::Command};

use serde_json::{Map, Value};

use crate::build::{examples, host};

fn text() -> String {
    fs::read_to_string(examples().join("cofferdam.toml")).unwrap()
}

fn file() -> Value {
    toml::from_str(&text()).unwrap()
}

/// Every key that has a value of its own, with its description.
fn keys(schema: &Value, path: &str, found: &mut Map<String, Value>) {
    if path == "/plugins" {
        // The one table of a plugin stands for all; its limits, its cache's and those of HTTP are those of the whole file.
        let mut plugin = schema["additionalProperties"].clone();
        for same in ["limits", "cache", "http_limits", "database_limits"] {
            plugin["properties"][same] = Value::Bool(true);
        }
        keys(&plugin, "/plugins/text", found);
    }
    if let Some(properties) = schema["properties"].as_object() {
        for (key, schema) in properties {
            keys(schema, &format!("{path}/{key}"), found);
        }
    } else {
        found.insert(path.to_owned(), schema["description"].clone());
    }
}

fn schema() -> Map<String, Value> {
    let text = fs::read_to_string(examples().join("../host/server/config.schema.json")).unwrap();
    let mut found = Map::new();
    keys(&serde_json::from_str(&text).unwrap(), "", &mut found);
    found
}

#[test]
fn the_host_accepts_it() {
    let mut check = Command::new(host());
    check.args(["config", "check", "--config"]).arg(examples().join("cofferdam.toml"));
    let output = check.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("cofferdam.toml is valid"), "{said}");
}

#[test]
fn it_has_every_key_of_the_schema() {
    let (text, file, schema) = (text(), file(), schema());
    // A default that depends on the machine can't be written; its key is there as a comment.
    let commented = |path: &str, description: &Value| {
        let key = path.rsplit('/').next().unwrap();
        description.as_str().unwrap_or_default().contains("Default: ")
            && text.contains(&format!("\n# {key} = "))
    };
    let is_missing = |path: &str, says: &Value| file.pointer(path).is_none() && !commented(path, says);
    let missing: Vec<_> = schema.iter().filter(|(path, says)| is_missing(path, says)).collect();
    assert!(missing.is_empty(), "missing: {missing:?}");
    assert!(schema.len() > 40, "the schema was not understood: {schema:?}");
}

#[test]
fn every_value_is_the_default_that_the_schema_names() {
    let file = file();
    let plain = |text: &str| text.replace(['_', '"'], "");
    let mut compared = 0;
    for (path, description) in schema() {
        let Some((_, default)) = description.as_str().unwrap_or_default().split_once("Default ") else {
            continue;
        };
        // Some go on after the value: "Default 32 MiB: a Python component has 18."
        let value = plain(&file.pointer(&path).unwrap().to_string());
        let rest = plain(default).strip_prefix(&value).map(str::to_owned);
        assert!(rest.is_some_and(|rest| rest.starts_with(['.', ':'])), "{path}: {value} is not {default}");
        compared += 1;
    }
    assert!(compared > 35, "only {compared} keys name a default");
}

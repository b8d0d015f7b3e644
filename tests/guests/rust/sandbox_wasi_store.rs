//! Keeps, counts and reads its settings by the standard interfaces alone.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a guest that fails is a test that fails")]

#[allow(unsafe_code, missing_docs, unreachable_pub, clippy::all, reason = "generated")]
mod standard {
    wit_bindgen::generate!({
        path: ["../../host/runtime/wit/keyvalue.wit", "../../host/runtime/wit/config.wit"],
        inline: "package test:standard; world uses {
            import wasi:keyvalue/store@0.2.0-draft;
            import wasi:keyvalue/atomics@0.2.0-draft;
            import wasi:keyvalue/batch@0.2.0-draft;
            import wasi:config/store@0.2.0-rc.1;
        }",
        world: "test:standard/uses",
        generate_all,
    });
}

use cofferdam_sdk::{prelude::*, serde_json::Value};
use standard::wasi::{
    config::store as config,
    keyvalue::{
        atomics, batch,
        store::{self, Bucket},
    },
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Step {
    Get(String),
    Set(String, String),
    Delete(String),
    Exists(String),
    ListKeys,
    Increment(String, u64),
    GetMany(Vec<String>),
    SetMany(Vec<(String, String)>),
    DeleteMany(Vec<String>),
}

#[derive(Deserialize, JsonSchema)]
struct Steps {
    bucket: String,
    steps: Vec<Step>,
}

/// Do some things with a bucket, one after the other.
#[tool]
fn steps(steps: Steps) -> Vec<Value> {
    match store::open(&steps.bucket) {
        Ok(bucket) => steps.steps.into_iter().map(|step| done(&bucket, step)).collect(),
        Err(error) => vec![json!({ "error": error.to_string() })],
    }
}

fn done(bucket: &Bucket, step: Step) -> Value {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    match step {
        Step::Get(key) => said(bucket.get(&key).map(|value| value.map(text))),
        Step::Set(key, value) => said(bucket.set(&key, value.as_bytes())),
        Step::Delete(key) => said(bucket.delete(&key)),
        Step::Exists(key) => said(bucket.exists(&key)),
        Step::ListKeys => said(bucket.list_keys(None).map(|page| page.keys)),
        Step::Increment(key, delta) => said(atomics::increment(bucket, &key, delta)),
        Step::GetMany(keys) => {
            let pairs = batch::get_many(bucket, &keys);
            said(pairs.map(|pairs| {
                pairs.into_iter().map(|pair| pair.map(|(k, v)| (k, text(v)))).collect::<Vec<_>>()
            }))
        }
        Step::SetMany(pairs) => {
            let pairs: Vec<_> = pairs.into_iter().map(|(key, value)| (key, value.into_bytes())).collect();
            said(batch::set_many(bucket, &pairs))
        }
        Step::DeleteMany(keys) => said(batch::delete_many(bucket, &keys)),
    }
}

fn said<T: cofferdam_sdk::serde::Serialize>(result: std::result::Result<T, store::Error>) -> Value {
    match result {
        Ok(value) => json!(value),
        Err(store::Error::Other(text)) => json!({ "error": text }),
        Err(other) => json!({ "error": format!("{other:?}") }),
    }
}

#[derive(Deserialize, JsonSchema)]
struct Keys {
    keys: Vec<String>,
}

/// Read settings: those of these keys, and all.
#[tool]
fn settings(keys: Keys) -> Value {
    let each: Vec<_> = keys.keys.iter().map(|key| config::get(key).unwrap()).collect();
    json!({ "each": each, "all": config::get_all().unwrap() })
}

/// The same value many times, in one answer.
#[tool]
fn many(keys: Keys) -> usize {
    let bucket = store::open("default").unwrap();
    batch::get_many(&bucket, &keys.keys).unwrap().len()
}

plugin!(steps, settings, many);

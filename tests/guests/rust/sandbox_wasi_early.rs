//! Uses the standard interfaces while its tools are listed, and describes itself by what came of it.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a guest that fails is a test that fails")]

#[allow(unsafe_code, missing_docs, unreachable_pub, clippy::all, reason = "generated")]
mod standard {
    wit_bindgen::generate!({
        path: ["../../host/runtime/wit/keyvalue.wit", "../../host/runtime/wit/config.wit"],
        inline: "package test:early; world uses {
            import wasi:keyvalue/store@0.2.0-draft;
            import wasi:config/store@0.2.0-rc.1;
        }",
        world: "test:early/uses",
        generate_all,
    });
}

use std::borrow::Cow;

use cofferdam_sdk::{
    prelude::*,
    schemars::{Schema, SchemaGenerator, json_schema},
};
use standard::wasi::{config::store as config, keyvalue::store};
use wasip2::http::{
    outgoing_handler,
    types::{Fields, OutgoingRequest, Scheme},
};

#[derive(Deserialize)]
struct Early {}

impl JsonSchema for Early {
    fn schema_name() -> Cow<'static, str> {
        "Early".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let found = format!("{}; {}; {:?}", sent(), opened(), config::get_all());
        json_schema!({ "type": "object", "properties": {}, "description": found })
    }
}

fn sent() -> String {
    let request = OutgoingRequest::new(Fields::new());
    request.set_scheme(Some(&Scheme::Http)).unwrap();
    request.set_authority(Some("up.example")).unwrap();
    request.set_path_with_query(Some("/")).unwrap();
    let response = outgoing_handler::handle(request, None).unwrap();
    response.subscribe().block();
    match response.get() {
        Some(Ok(Err(code))) => format!("{code:?}"),
        _ => "a response".to_owned(),
    }
}

fn opened() -> String {
    match store::open("default") {
        Ok(_) => "a bucket".to_owned(),
        Err(store::Error::Other(text)) => text,
        Err(other) => format!("{other:?}"),
    }
}

/// Do nothing.
#[tool]
fn nothing(_: Early) {}

plugin!(nothing);

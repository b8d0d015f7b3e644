//! The component side: the generated bindings, and the exports that run a plugin's table of tools.
//!
//! Only in a component. Natively there is `mock`.

use crate::entry::Entry;
use crate::tool::Definition;
use bindings::exports::cofferdam::plugin::tools as wit;

mod cache;
mod convert;
mod db;
mod http;
mod scope;

pub(crate) use cache::Lease;
pub(crate) use db::{Connection, Cursor, OpenTransaction};
pub use scope::Scope;

#[doc(hidden)]
#[allow(missing_docs, unreachable_pub, rust_2018_idioms, clippy::all, reason = "generated code")]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../../wit/v0.1",
        world: "tool-plugin",
        pub_export_macro: true,
        export_macro_name: "__export_bindings",
        default_bindings_module: "cofferdam_sdk::guest::bindings",
    });
}

/// Export a table of tools as the plugin; `plugin!` writes it.
#[doc(hidden)]
#[macro_export]
macro_rules! __export_tools {
    ($tools:ident) => {
        struct Plugin;
        impl $crate::guest::bindings::exports::cofferdam::plugin::tools::Guest for Plugin {
            fn list_tools() -> ::core::result::Result<
                ::std::vec::Vec<$crate::guest::bindings::exports::cofferdam::plugin::tools::Tool>,
                ::std::string::String,
            > {
                $crate::guest::list_tools($tools)
            }

            fn call_tool(
                name: ::std::string::String,
                arguments: ::std::string::String,
                _resume: ::core::option::Option<
                    $crate::guest::bindings::exports::cofferdam::plugin::tools::Resume,
                >,
            ) -> ::core::result::Result<
                $crate::guest::bindings::exports::cofferdam::plugin::tools::Outcome,
                $crate::guest::bindings::exports::cofferdam::plugin::tools::CallError,
            > {
                $crate::guest::call_tool($tools, &name, &arguments)
            }
        }
        $crate::guest::bindings::__export_bindings!(Plugin);
    };
}

/// All tools of the table, as the host wants them.
#[doc(hidden)]
pub fn list_tools(tools: &[Entry]) -> Result<Vec<wit::Tool>, String> {
    tools.iter().map(|entry| entry.define().map(tool)).collect()
}

/// Run one tool of the table.
#[doc(hidden)]
pub fn call_tool(tools: &[Entry], name: &str, arguments: &str) -> Result<wit::Outcome, wit::CallError> {
    let Some(entry) = tools.iter().find(|entry| entry.info.name == name) else {
        return Err(wit::CallError::NotFound(format!("this plugin has no tool `{name}`")));
    };
    let reply = entry.run(arguments, &Scope).map_err(convert::error)?;
    Ok(wit::Outcome::Complete(convert::reply(reply)))
}

fn tool(definition: Definition) -> wit::Tool {
    let Definition { name, title, description, hints, cache_ms, wants, input_schema, output_schema } =
        definition;
    wit::Tool {
        name,
        title,
        description,
        input_schema: convert::json(&input_schema),
        output_schema: output_schema.as_ref().map(convert::json),
        hints: wit::Hints {
            read_only: hints.read_only,
            destructive: hints.destructive,
            idempotent: hints.idempotent,
            open_world: hints.open_world,
        },
        icons: Vec::new(),
        meta: None,
        task: wit::TaskSupport::Forbidden,
        required_scopes: Vec::new(),
        cache_ms,
        wants,
    }
}

//! The macros of `cofferdam-sdk`: `#[tool]` and `plugin!`.
//!
//! Authors reach them through the SDK's prelude, never through this crate.
//! The macros only look at tokens and write calls into the SDK; everything that can be an ordinary function is one there.

use proc_macro::TokenStream;

mod docs;
mod expand;
mod options;
mod plugin;
mod signature;

/// Make a tool of a function.
///
/// The function stays as it is. Beside it comes a type of the same name, which `plugin!` and `mock::Host::call` take.
///
/// - The first parameter is the tool's arguments: a type that is `Deserialize` and `JsonSchema`. The others are handles.
/// - The doc comment is the description that a model reads, up to the first heading.
/// - The result is a value that is `Serialize` and `JsonSchema`, one of the SDK's content types, or a `Result` of those.
///
/// Options, all optional: `name = "..."`, `title = "..."`, `description = "..."`, and the hints `read_only`, `destructive`,
/// `idempotent`, `open_world`, each alone or with `= true` or `= false`. `cache = "10m"` says for how long a result may
/// be reused for the same arguments; it needs `read_only`. `db("label")` and `db("label", write)` say which shared database
/// the tool would use, and how far (`read`, `write`, `schema`): the operator sees it as the grant to add.
#[proc_macro_attribute]
pub fn tool(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::tool(options.into(), item.into()).into()
}

/// Export tools as the plugin: `plugin!(add, text::diff);`.
///
/// Exactly once per crate. In a native build it exports nothing, so that `cargo test` links.
#[proc_macro]
pub fn plugin(tools: TokenStream) -> TokenStream {
    plugin::expand(tools.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

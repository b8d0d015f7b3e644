//! Guests in WebAssembly text: a core module's parts, completed and wrapped into a component.
//!
//! A guest's text has the fields of a module without `(module …)` around them. What it doesn't export itself is
//! taken from `plain.wat`. Lines that start with `;;!` are for this module:
//!
//! - `;;! world LINE`: a line of the guest's WIT world, besides those of every plugin;
//! - `;;! beside N MODULE`: N core modules that are instantiated next to the plugin's own.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};

use super::{beside, wit::Wit};

const PLAIN: &str = include_str!("plain.wat");

/// The guest of this text as a component.
#[must_use]
pub fn component(text: &str) -> Vec<u8> {
    let wit = directives(text, "world").fold(Wit::current(), Wit::world);
    let plugin = component_with(text, &wit);
    directives(text, "beside").fold(plugin, |component, directive| {
        let (count, module) =
            directive.split_once(' ').expect("`beside` is followed by a count and a module");
        let count = count.parse().expect("`beside` is followed by a number");
        beside::instantiate(component, &binary(module), count)
    })
}

/// The guest of this text as a component, built against another WIT.
///
/// # Panics
/// If the text is wrong or doesn't fit the WIT.
#[must_use]
pub fn component_with(text: &str, wit: &Wit) -> Vec<u8> {
    let (resolve, world) = wit.resolve();
    let parts = format!("(module\n{text}\n{})", missing_parts(text));
    // The names of imports and exports carry the version.
    let mut module = binary(&parts.replace("@0.1.0", &format!("@{}", wit.version())));
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
        .expect("the WIT can be embedded");
    ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .and_then(|mut encoder| encoder.encode())
        .unwrap_or_else(|error| panic!("the guest is no component: {error:#}"))
}

/// WebAssembly text as binary.
///
/// # Panics
/// If the text is wrong.
#[must_use]
pub fn binary(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("the guest's text is wrong: {error}"))
}

fn directives<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    let lines = text.lines().filter_map(|line| line.strip_prefix(";;! "));
    lines.filter_map(move |line| line.strip_prefix(name)?.strip_prefix(' '))
}

/// The parts of a plain plugin that the text doesn't export itself.
fn missing_parts(text: &str) -> String {
    let parts = PLAIN.split(";; part ").skip(1).filter_map(|part| part.split_once('\n'));
    let missing = parts.filter(|(export, _)| !text.contains(&format!("(export \"{export}\")")));
    missing.map(|(_, part)| part).collect()
}

//! Core modules that are instantiated next to a plugin's own: what limits have to be summed over.

use wasm_encoder::{ComponentSection, InstanceSection, ModuleArg, RawSection};
use wasmparser::{Encoding, Parser, Payload};

/// `component` with `count` instances of `module` behind everything that it instantiates itself.
pub(super) fn instantiate(mut component: Vec<u8>, module: &[u8], count: u32) -> Vec<u8> {
    let index = core_modules(&component);
    let mut instances = InstanceSection::new();
    for _ in 0..count {
        instances.instantiate::<Vec<(&str, ModuleArg)>, &str>(index, Vec::new());
    }
    append(&mut component, &RawSection { id: CORE_MODULE, data: module });
    append(&mut component, &instances);
    component
}

const CORE_MODULE: u8 = 1;

fn append(component: &mut Vec<u8>, section: &impl ComponentSection) {
    component.push(section.id());
    section.encode(component);
}

/// How many core modules the component defines at its top level.
fn core_modules(component: &[u8]) -> u32 {
    let (mut depth, mut modules) = (0, 0);
    for payload in Parser::new(0).parse_all(component) {
        match payload.expect("it was just encoded") {
            Payload::ModuleSection { .. } if depth == 1 => {
                depth += 1;
                modules += 1;
            }
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::Version { encoding: Encoding::Component, .. } if depth == 0 => depth = 1,
            Payload::End(_) => depth -= 1,
            _ => {}
        }
    }
    modules
}

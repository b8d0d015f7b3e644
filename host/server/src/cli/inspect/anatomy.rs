//! What can be learnt of bytes that are no plugin: the names that a component imports and exports.
//!
//! Reads, never runs. Stops at the first thing that it can't read, and keeps what came before.

use cofferdam_runtime::{capabilities::sanitize, load};
use serde_json::{Value, json};
use wasmparser::{Encoding, Parser, Payload};

use crate::cli::plugin;

/// Names that are kept; a hostile file may have millions.
const NAMES: usize = 200;

/// What a file seems to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Anatomy {
    kind: &'static str,
    size: u64,
    digest: String,
    imports: Vec<String>,
    exports: Vec<String>,
}

impl Anatomy {
    /// Reads as far as it goes.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut anatomy = Self {
            kind: "not WebAssembly",
            size: bytes.len() as u64,
            digest: load::digest(bytes),
            imports: Vec::new(),
            exports: Vec::new(),
        };
        // A component holds others; only the names of the outermost one are its own.
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(bytes) {
            let Ok(payload) = payload else { break };
            match payload {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                payload if depth == 0 => anatomy.read(payload),
                _ => {}
            }
        }
        anatomy
    }

    fn read(&mut self, payload: Payload<'_>) {
        match payload {
            Payload::Version { encoding: Encoding::Component, .. } => self.kind = "component",
            Payload::Version { encoding: Encoding::Module, .. } => self.kind = "core module",
            Payload::ComponentImportSection(section) => {
                let names = section.into_iter().map_while(Result::ok).map(|import| import.name.name);
                keep(&mut self.imports, names);
            }
            Payload::ComponentExportSection(section) => {
                let names = section.into_iter().map_while(Result::ok).map(|export| export.name.name);
                keep(&mut self.exports, names);
            }
            _ => {}
        }
    }

    /// For people.
    pub(super) fn shown(&self) -> String {
        let list = |names: &[String]| match names {
            [] => "nothing".to_owned(),
            names => names.join("\n         "),
        };
        format!(
            "kind     {}\nsize     {} ({} bytes)\ndigest   sha256:{}\nimports  {}\nexports  {}",
            self.kind,
            plugin::size(self.size),
            plugin::thousands(self.size),
            self.digest,
            list(&self.imports),
            list(&self.exports),
        )
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        json!({
            "kind": self.kind,
            "size": self.size,
            "digest": format!("sha256:{}", self.digest),
            "imports": self.imports,
            "exports": self.exports,
        })
    }
}

fn keep<'a>(names: &mut Vec<String>, found: impl Iterator<Item = &'a str>) {
    let room = NAMES.saturating_sub(names.len());
    names.extend(found.take(room).map(|name| sanitize::line(name, 120)));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A component with one type, an instance without items, that imports such an instance as `a:b/c@1.0.0`.
    const COMPONENT: &[u8] = &[
        0, b'a', b's', b'm', 0x0d, 0, 1, 0, // header
        7, 3, 1, 0x42, 0, // type section
        10, 16, 1, 0, 11, b'a', b':', b'b', b'/', b'c', b'@', b'1', b'.', b'0', b'.', b'0', 5, 0,
    ];

    #[test]
    fn the_names_of_a_component_are_read_without_running_it() {
        let anatomy = Anatomy::of(COMPONENT);
        assert_eq!(
            (anatomy.kind, anatomy.imports.as_slice()),
            ("component", &["a:b/c@1.0.0".to_owned()][..])
        );
        assert_eq!(anatomy.size, COMPONENT.len() as u64);
    }

    #[test]
    fn what_is_cut_off_keeps_what_came_before() {
        let cut = [COMPONENT, &[11, 50, 1, 0, 3, b'a']].concat();
        assert_eq!(Anatomy::of(&cut).imports, ["a:b/c@1.0.0"]);
        assert_eq!(Anatomy::of(&COMPONENT[..10]).kind, "component");
    }

    #[test]
    fn a_module_and_a_text_are_told_apart() {
        assert_eq!(Anatomy::of(b"\0asm\x01\0\0\0").kind, "core module");
        for text in [&b""[..], b"(component)", b"\0as"] {
            assert_eq!(Anatomy::of(text).kind, "not WebAssembly");
        }
    }
}

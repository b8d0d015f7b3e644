//! The WIT of the plugin ABI, as it is or changed by a test.

use std::fs;

use wit_parser::{Resolve, WorldId};

use crate::cargo;

/// The WIT that a guest is built against.
#[derive(Debug, Clone)]
pub struct Wit {
    plugin: String,
    others: Vec<String>,
    world: String,
}

impl Wit {
    /// The WIT of this host: `wit/v0.1`, world `tool-plugin`.
    #[must_use]
    pub fn current() -> Self {
        let folder = cargo::workspace().join("wit/v0.1");
        let entries = fs::read_dir(&folder).expect("wit/v0.1 is a folder");
        let mut files: Vec<_> = entries
            .map(|entry| fs::read_to_string(entry.expect("it can be listed").path()).expect("it can be read"))
            .collect();
        // In one text the package's line comes first.
        files.sort_by_key(|text| !text.contains("\npackage "));
        Self { plugin: files.join("\n"), others: Vec::new(), world: String::new() }
    }

    /// With `from` replaced by `to` in the plugin ABI itself.
    ///
    /// # Panics
    /// If there is no `from` in it.
    #[must_use]
    pub fn changed(mut self, from: &str, to: &str) -> Self {
        assert!(self.plugin.contains(from), "`{from}` is not in the WIT");
        self.plugin = self.plugin.replace(from, to);
        self
    }

    /// With another package, for `world` to name.
    #[must_use]
    pub fn package(mut self, text: &str) -> Self {
        self.others.push(text.to_owned());
        self
    }

    /// With these lines in the guest's world, besides everything of `tool-plugin`.
    #[must_use]
    pub fn world(mut self, lines: &str) -> Self {
        self.world.push_str(lines);
        self.world.push('\n');
        self
    }

    /// The parsed WIT, and the guest's world in it.
    pub(super) fn resolve(&self) -> (Resolve, WorldId) {
        let mut resolve = Resolve::default();
        let mut push = |name: &str, text: &str| {
            resolve.push_str(name, text).unwrap_or_else(|error| panic!("the WIT {name} is wrong: {error:#}"))
        };
        push("plugin.wit", &self.plugin);
        for text in &self.others {
            push("other.wit", text);
        }
        let version = self.version();
        let guest = push(
            "guest.wit",
            &format!(
                "package test:guest;\nworld guest {{ include cofferdam:plugin/tool-plugin@{version};\n{} }}",
                self.world
            ),
        );
        let world = resolve.select_world(&[guest], Some("guest")).expect("it was just pushed");
        (resolve, world)
    }

    /// The version of the plugin ABI.
    pub(super) fn version(&self) -> &str {
        let (_, rest) = self.plugin.split_once("package cofferdam:plugin@").expect("a versioned package");
        rest.split_once(';').expect("a semicolon behind the version").0
    }
}

//! Guests that say of their tools whatever a test wants: the answer of `list-tools` as data in their memory.

use std::{collections::HashMap, fmt::Write};

use super::wat;

/// What a guest says of one tool.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the fields of the WIT's `tool`")]
pub struct Described {
    pub name: String,
    pub title: Option<String>,
    pub description: String,
    pub input_schema: String,
    pub output_schema: Option<String>,
    pub icon: Option<String>,
    pub meta: Option<String>,
}

impl Described {
    /// A tool of this name, with nothing wrong about it.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            title: None,
            description: "A test tool.".to_owned(),
            input_schema: r#"{"type":"object"}"#.to_owned(),
            output_schema: None,
            icon: None,
            meta: None,
        }
    }
}

/// A component whose `list-tools` answers with these tools. Calls give an empty result.
#[must_use]
pub fn component(tools: &[Described]) -> Vec<u8> {
    component_with(tools, "")
}

/// The same with more parts of a module, which find 512 KiB of memory.
pub(super) fn component_with(tools: &[Described], parts: &str) -> Vec<u8> {
    let mut data = Data { bytes: vec![0; 16 + tools.len() * RECORD], strings: HashMap::new() };
    // result<list<tool>, string>: ok, pointer, length
    data.number(4, BASE + 16);
    data.number(8, tools.len());
    for (index, tool) in tools.iter().enumerate() {
        data.tool(16 + index * RECORD, tool);
    }
    let pages = (BASE + data.bytes.len()).div_ceil(65_536).max(if parts.is_empty() { 0 } else { 8 });
    wat::component(&format!(
        "(memory (export \"memory\") {pages})
         {parts}
         (func (export \"cofferdam:plugin/tools@0.1.0#list-tools\") (type $list) (i32.const {BASE}))
         (data (i32.const {BASE}) \"{}\")",
        escaped(&data.bytes)
    ))
}

/// Where the data stands: behind the page in which a plain guest's allocator starts.
const BASE: usize = 65_536;
/// Size of the WIT's `tool`.
const RECORD: usize = 112;
/// Size of the WIT's `icon`.
const ICON: usize = 52;

struct Data {
    bytes: Vec<u8>,
    strings: HashMap<String, usize>,
}

impl Data {
    /// The offsets are those of the canonical ABI.
    fn tool(&mut self, at: usize, tool: &Described) {
        self.text(at, &tool.name);
        self.optional(at + 8, tool.title.as_deref());
        self.text(at + 20, &tool.description);
        self.text(at + 28, &tool.input_schema);
        self.optional(at + 36, tool.output_schema.as_deref());
        if let Some(src) = &tool.icon {
            let icon = self.room(ICON);
            self.text(icon, src);
            self.number(at + 56, BASE + icon);
            self.number(at + 60, 1);
        }
        self.optional(at + 64, tool.meta.as_deref());
    }

    fn optional(&mut self, at: usize, text: Option<&str>) {
        if let Some(text) = text {
            self.number(at, 1);
            self.text(at + 4, text);
        }
    }

    fn text(&mut self, at: usize, text: &str) {
        let place = match self.strings.get(text) {
            Some(place) => *place,
            None => {
                let place = self.room(text.len());
                self.put(place, text.as_bytes());
                self.strings.insert(text.to_owned(), place);
                place
            }
        };
        self.number(at, BASE + place);
        self.number(at + 4, text.len());
    }

    /// Room at the end, aligned for any record.
    fn room(&mut self, size: usize) -> usize {
        let place = self.bytes.len().next_multiple_of(8);
        self.bytes.resize(place + size, 0);
        place
    }

    fn number(&mut self, at: usize, number: usize) {
        let number = u32::try_from(number).expect("a test's data is small");
        self.put(at, &number.to_le_bytes());
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        self.bytes.get_mut(at..at + bytes.len()).expect("room was made for it").copy_from_slice(bytes);
    }
}

fn escaped(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 3), |mut text, byte| {
        write!(text, "\\{byte:02x}").expect("writing to a string doesn't fail");
        text
    })
}

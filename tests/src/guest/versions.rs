//! Versions of one plugin that can be told apart everywhere: by the tools, by what they say of themselves, and by
//! what they answer.
//!
//! Version 7 has the tools `version` and `odds`, version 8 has `version` and `even`. All are described as
//! "Version 0007.", and each answers it twice, from the two ends of the file: a mixture of two versions shows.

use std::fmt::Write as _;

use super::described::{Described, component_with};

/// Bytes between the two places that a version is written at.
const PADDING: usize = 96 * 1_024;
/// Where they are in memory: behind all that a guest has there.
const PADDING_AT: usize = 3 * 65_536;
const END_AT: usize = PADDING_AT + PADDING;

/// The names of a version's tools, in the order of a list, without a namespace; all odd and all even ones are alike.
#[must_use]
pub fn tools(version: u32) -> [&'static str; 2] {
    if version.is_multiple_of(2) { ["even", "version"] } else { ["odds", "version"] }
}

/// What a version says, of itself and in each of its answers.
#[must_use]
pub fn said(version: u32) -> String {
    format!("Version {version:04}.")
}

/// The version that says this. None: nobody does.
#[must_use]
pub fn said_by(said: &str) -> Option<u32> {
    said.strip_prefix("Version ")?.strip_suffix('.')?.parse().ok()
}

/// A version as a component. All of them are of the same length.
#[must_use]
pub fn component(version: u32) -> Vec<u8> {
    let said = said(version);
    let described =
        tools(version).map(|name| Described { description: said.clone(), ..Described::named(name) });
    component_with(&described, &answer(&said))
}

/// The parts of a module that answer with two blocks of text: one is in the file before the padding, one behind it.
///
/// The offsets are those of the canonical ABI: a result with a list of blocks, which are 152 bytes each.
fn answer(said: &str) -> String {
    let number = |number: usize| {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        number.to_le_bytes().map(|byte| format!("\\{byte:02x}")).concat()
    };
    let (first, length) = (1_200, number(said.len()));
    let mut padding = String::with_capacity(3 * PADDING);
    for index in 0..PADDING {
        // Anything but zeros, which the tools would leave out. Writing to a string doesn't fail.
        let _ = write!(padding, "\\{:02x}", index % 251 + 1);
    }
    format!(
        "(func (export \"cofferdam:plugin/tools@0.1.0#call-tool\") (type $call) (i32.const 608))
         (data (i32.const 616) \"{}{}\")
         (data (i32.const 712) \"{}{length}\")
         (data (i32.const 864) \"{}{length}\")
         (data (i32.const {first}) \"{said}\")
         (data (i32.const {PADDING_AT}) \"{padding}\")
         (data (i32.const {END_AT}) \"{said}\")",
        number(704),
        number(2),
        number(first),
        number(END_AT),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_of_one_length_and_differ_at_both_ends() {
        let (one, two, three) = (component(1), component(2), component(3));
        assert_eq!((one.len(), one.len()), (two.len(), three.len()));
        let differ: Vec<_> = (0..one.len()).filter(|at| one[*at] != three[*at]).collect();
        let (first, last) = (differ.first().unwrap(), differ.last().unwrap());
        assert!(last - first > PADDING, "{first} to {last}");
        assert_eq!(said_by(&said(37)), Some(37));
    }
}

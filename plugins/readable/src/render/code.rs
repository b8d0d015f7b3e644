//! Code: as it is, between as many backticks as it takes.

use super::Renderer;
use crate::clean::printable;
use crate::tree::{Element, Id};
use crate::write::Gap;

impl Renderer<'_> {
    /// Code within a line.
    pub(super) fn code(&mut self, id: Id) {
        let text = printable(&self.tree.text(id));
        let mut text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            return;
        }
        if self.out.is_in_table() {
            text = text.replace('|', "\\|");
        }
        let fence = "`".repeat(longest_run(&text) + 1);
        let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
        self.out.raw(&format!("{fence}{space}{text}{space}{fence}"));
    }

    /// Lines of code.
    pub(super) fn code_block(&mut self, id: Id, element: &Element) {
        let text = printable(&self.tree.text(id));
        let text = text.trim_end().trim_start_matches('\n');
        self.out.gap(Gap::Blank);
        if text.trim().is_empty() {
            return;
        }
        let fence = "`".repeat((longest_run(text) + 1).max(3));
        let language = self.language(element).unwrap_or_default();
        self.out.lines(&format!("{fence}{language}\n{text}\n{fence}"));
        self.out.gap(Gap::Blank);
    }

    /// The language that a highlighter noted in a class of the block or of the code in it.
    fn language(&self, element: &Element) -> Option<String> {
        let inner = self.tree.within(element).map(|(_, element)| element).take(1);
        std::iter::once(element)
            .chain(inner)
            .find_map(|element| {
                let classes = element.attributes.get("class").unwrap_or_default().split_ascii_whitespace();
                let named = |class: &str| {
                    let prefixes = ["language-", "lang-", "highlight-source-", "brush:"];
                    prefixes.iter().find_map(|prefix| class.strip_prefix(prefix)).map(str::to_owned)
                };
                // rustdoc says just this.
                let rust = |class: &str| (class == "rust").then(|| class.to_owned());
                classes.map(|class| named(class).or_else(|| rust(class))).find_map(|found| found)
            })
            .filter(|name| {
                name.len() <= 20 && name.chars().all(|c| c.is_ascii_alphanumeric() || "+-#_".contains(c))
            })
    }
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

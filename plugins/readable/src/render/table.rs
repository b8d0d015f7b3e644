//! Tables of data as Markdown's; tables that only arrange a page as what is in their cells.

use super::Renderer;
use crate::tree::{Element, Id, Node};
use crate::write::Gap;

/// Wider tables are none that a person reads.
const COLUMNS: usize = 40;

/// A longer text in a cell is no datum.
const CELL: usize = 2_000;

impl Renderer<'_> {
    pub(super) fn table(&mut self, table: &Element) {
        let rows = self.rows(table);
        self.out.gap(Gap::Blank);
        let layout = ["presentation", "none"].iter().any(|role| table.attributes.has("role", role));
        if layout || self.arranges(&rows) || self.has_strays(table) {
            return self.block(table, Gap::Blank);
        }
        for (_, caption) in self.tree.within(table).filter(|(_, element)| element.name == "caption") {
            self.marked_block(caption);
            self.out.gap(Gap::Blank);
        }
        self.data(&rows);
    }

    fn data(&mut self, rows: &[(bool, Vec<Id>)]) {
        let texts: Vec<(bool, Vec<String>)> = rows
            .iter()
            .map(|(heads, cells)| {
                (*heads, cells.iter().flat_map(|id| self.cell(*id)).take(COLUMNS).collect())
            })
            .collect();
        let width = texts.iter().map(|(_, row)| row.len()).max().unwrap_or_default();
        let row = |cells: &[String]| {
            let missing = std::iter::repeat_n("", width.saturating_sub(cells.len()));
            let all: Vec<_> = cells.iter().map(String::as_str).chain(missing).collect();
            format!("| {} |", all.join(" | "))
        };
        let mut lines = Vec::new();
        let mut body = texts.as_slice();
        match texts.split_first() {
            Some(((true, first), rest)) => {
                lines.push(row(first));
                body = rest;
            }
            _ => lines.push(row(&[])),
        }
        lines.push(format!("|{}", " --- |".repeat(width)));
        lines.extend(
            body.iter()
                .filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()))
                .map(|(_, cells)| row(cells)),
        );
        self.out.lines(&lines.join("\n"));
        self.out.gap(Gap::Blank);
    }

    /// A cell's text, and an empty one for each further column that it spans.
    fn cell(&mut self, id: Id) -> Vec<String> {
        let Some(cell) = self.tree.element(id) else { return Vec::new() };
        let span = cell.attributes.get("colspan").and_then(|span| span.parse().ok()).unwrap_or(1);
        let mut texts = vec![self.inline(true, cell)];
        texts.resize(COLUMNS.min(span).max(1), String::new());
        texts
    }

    /// The rows with their cells, and whether all of a row's are heads.
    fn rows(&self, table: &Element) -> Vec<(bool, Vec<Id>)> {
        let mut rows = Vec::new();
        for (_, part) in self.tree.within(table) {
            match part.name.as_str() {
                "tr" => rows.push(self.row(part, false)),
                "thead" => rows.extend(self.tree.within(part).map(|(_, row)| self.row(row, true))),
                "tbody" | "tfoot" => rows.extend(self.tree.within(part).map(|(_, row)| self.row(row, false))),
                _ => {}
            }
        }
        rows.retain(|(_, cells)| !cells.is_empty());
        rows
    }

    fn row(&self, row: &Element, in_head: bool) -> (bool, Vec<Id>) {
        let cells = || self.tree.within(row).filter(|(_, cell)| matches!(cell.name.as_str(), "td" | "th"));
        let heads = in_head || cells().all(|(_, cell)| cell.name == "th");
        (heads, cells().map(|(id, _)| id).collect())
    }

    /// Whether something stands in it that is in no cell.
    fn has_strays(&self, table: &Element) -> bool {
        let mut parts = vec![table];
        while let Some(part) = parts.pop() {
            for id in &part.children {
                match self.tree.node(*id) {
                    Some(Node::Text(text)) if !text.trim().is_empty() => return true,
                    Some(Node::Element(element)) => match element.name.as_str() {
                        "thead" | "tbody" | "tfoot" | "tr" => parts.push(element),
                        "td" | "th" | "caption" | "colgroup" | "col" | "script" | "style" | "template" => {}
                        _ => return true,
                    },
                    _ => {}
                }
            }
        }
        false
    }

    /// Whether it has one column, or cells with blocks that are no cell's content.
    fn arranges(&self, rows: &[(bool, Vec<Id>)]) -> bool {
        let one_column = rows.iter().all(|(_, cells)| cells.len() < 2);
        let holds_blocks = |id: &Id| {
            let mut left = vec![*id];
            while let Some(id) = left.pop() {
                let Some(element) = self.tree.element(id) else { continue };
                if matches!(element.name.as_str(), "table" | "pre" | "h1" | "h2" | "h3" | "article" | "form")
                {
                    return true;
                }
                left.extend(&element.children);
            }
            self.tree.text(*id).len() > CELL
        };
        one_column || rows.iter().flat_map(|(_, cells)| cells).any(holds_blocks)
    }
}

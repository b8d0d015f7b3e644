//! Components that are small and valid, and cost their compiler far more than they should.

use std::fmt::Write as _;

use super::wat;

/// The text of a bomb of a given size.
pub type Bomb = fn(usize) -> String;

/// All bombs, by name.
#[must_use]
pub fn all() -> [(&'static str, Bomb); 5] {
    [
        ("one huge function", huge_function),
        ("deep nesting", deep_nesting),
        ("many locals", many_locals),
        ("many functions", many_functions),
        ("one huge branch table", huge_table),
    ]
}

/// The component of a text that one of the bombs gave.
#[must_use]
pub fn component(text: &str) -> Vec<u8> {
    wat::component(text)
}

/// One function of very many instructions, each of which depends on the one before.
pub fn huge_function(size: usize) -> String {
    let body = "local.get 0 i32.const 7 i32.mul i32.const 3 i32.xor local.set 0\n".repeat(size);
    format!("(func (param i32) (result i32)\n{body}local.get 0)")
}

/// Blocks in blocks, each of which may be left for any outer one.
pub fn deep_nesting(size: usize) -> String {
    let open = "block local.get 0 br_if 0\n".repeat(size);
    let close = "end\n".repeat(size);
    format!("(func (param i32)\n{open}{close})")
}

/// Locals that all live across all of many diamonds in the control flow.
pub fn many_locals(size: usize) -> String {
    let mut body = String::new();
    for index in 0..size {
        let (this, next) = (index % 1_000, (index * 7 + 1) % 1_000);
        writeln!(
            body,
            "local.get {next} if local.get {this} i32.const 1 i32.add local.set {this} else local.get {next} local.set {this} end"
        )
        .expect("writing to a string doesn't fail");
    }
    format!("(func (local {})\n{body})", "i32 ".repeat(1_000))
}

/// Very many functions, each of which is nothing.
pub fn many_functions(size: usize) -> String {
    "(func)\n".repeat(size)
}

/// One branch with very many targets.
pub fn huge_table(size: usize) -> String {
    let targets = "0 1 ".repeat(size);
    format!("(func (param i32) block block local.get 0 br_table {targets} 0 end end)")
}

//! Where and when figures were taken: without that they mean nothing.

use std::{env, fs, process::Command, thread};

use crate::artefacts::workspace;

/// One line each: machine, kernel, date, compiler, commit.
#[must_use]
pub fn describe() -> String {
    let rows = [
        ("machine", cpu()),
        ("kernel", output("uname", &["-sr"])),
        ("date", output("date", &["-u", "+%Y-%m-%d %H:%M UTC"])),
        ("rustc", output(&env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned()), &["--version"])),
        ("commit", commit()),
    ];
    rows.map(|(name, value)| format!("{name:8} {value}\n")).concat()
}

fn cpu() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split(':').nth(1));
    let threads = thread::available_parallelism().map_or(0, usize::from);
    format!("{}, {threads} threads", model.unwrap_or("unknown processor").trim())
}

fn commit() -> String {
    let hash = output("git", &["rev-parse", "--short=12", "HEAD"]);
    let changed = output("git", &["status", "--porcelain", "--untracked-files=no"]);
    if changed.is_empty() { hash } else { format!("{hash}, with changes") }
}

/// What a program prints; nothing if it can't be run.
fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(workspace()).output();
    output.map_or_else(|_| String::new(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

//! What the kernel knows of a process, from `/proc`.

use std::fs;

/// Memory that the process has resident, in bytes.
///
/// # Panics
/// If it is gone.
#[must_use]
pub fn resident(id: u32) -> u64 {
    memory(id, "VmRSS:")
}

/// The most memory that the process ever had resident, in bytes.
///
/// # Panics
/// If it is gone.
#[must_use]
pub fn peak(id: u32) -> u64 {
    memory(id, "VmHWM:")
}

fn memory(id: u32, which: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).expect("the process runs");
    let line = status.lines().find_map(|line| line.strip_prefix(which)).expect("a process has memory");
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kib << 10
}

/// The processes that this one has started, and that haven't ended.
#[must_use]
pub fn children(id: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|child| stat(*child).is_some_and(|(state, parent)| parent == id && state != 'Z')).collect()
}

/// Whether a process with this id runs.
#[must_use]
pub fn is_there(id: u32) -> bool {
    stat(id).is_some_and(|(state, _)| state != 'Z')
}

/// State and parent. The name before them may hold spaces and parentheses.
fn stat(id: u32) -> Option<(char, u32)> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

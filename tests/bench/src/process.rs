//! What the kernel knows of a process: processor time and memory, from `/proc`.

use std::{fs, io, time::Duration};

/// The kernel's clock tick: 100 per second on every platform that has `/proc`.
const TICK: Duration = Duration::from_millis(10);

/// Processor time of the process so far, user and system, ended threads included.
///
/// # Errors
/// If the process is gone.
pub(crate) fn cpu(pid: u32) -> io::Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    ticks(&stat).map(|ticks| TICK * ticks).ok_or_else(|| odd("stat", &stat))
}

/// Fields 14 and 15; the name before them may hold spaces and parentheses.
fn ticks(stat: &str) -> Option<u32> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u32>().ok();
    Some(next()? + next()?)
}

/// Memory of a process, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Memory {
    /// Resident, pages of files included.
    pub(crate) rss: u64,
    /// Resident and the process's own: what would be free without it.
    pub(crate) private: u64,
}

/// Memory of the process now.
///
/// # Errors
/// If the process is gone.
pub(crate) fn memory(pid: u32) -> io::Result<Memory> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    let field = |name: &str| kib(&rollup, name).ok_or_else(|| odd("smaps_rollup", &rollup));
    let private = field("Private_Clean")? + field("Private_Dirty")?;
    Ok(Memory { rss: field("Rss")?, private })
}

fn kib(rollup: &str, name: &str) -> Option<u64> {
    let value = rollup.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    value.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kib| kib << 10)
}

fn odd(file: &str, text: &str) -> io::Error {
    io::Error::other(format!("/proc/PID/{file} is not what was expected: {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_process_may_look_like_fields() {
        let stat = "7 (a) 1 2 (b) S 1 7 7 0 -1 4194560 1 0 0 0 12 30 0 0 20 0 3 0 9";
        assert_eq!(ticks(stat), Some(42));
    }

    #[test]
    fn private_memory_is_the_sum_of_clean_and_dirty() {
        let rollup =
            "0-1 ---p 0 00:00 0 [rollup]\nRss:   120 kB\nPrivate_Clean:  8 kB\nPrivate_Dirty: 4 kB\n";
        assert_eq!(kib(rollup, "Private_Clean"), Some(8 << 10));
        assert_eq!(kib(rollup, "Rss"), Some(120 << 10));
        assert_eq!(kib(rollup, "Pss"), None);
    }

    #[test]
    fn this_process_has_memory() {
        let memory = memory(std::process::id()).unwrap();
        assert!(memory.rss >= memory.private && memory.private > 0);
        assert!(cpu(std::process::id()).is_ok());
    }
}

//! What is printed: tables in Markdown, ready to be pasted, and at the end how the figures stand to their targets.

use std::{
    fmt::Write as _,
    io::{self, Write as _, stdout},
};

use crate::{
    measure::{Figure, Pairs},
    process::Memory,
};

/// A bound on how the first of two servers stands to the second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    what: &'static str,
    of: fn(&Pairs) -> f64,
    bound: Bound,
    unit: &'static str,
}

#[derive(Debug, Clone, Copy)]
enum Bound {
    Least(f64),
    Most(f64),
}

impl Bound {
    fn holds(self, found: f64) -> bool {
        match self {
            Self::Least(least) => found >= least,
            Self::Most(most) => found <= most,
        }
    }
}

impl Target {
    /// Over HTTP, with many connections.
    pub(crate) const HTTP: [Self; 3] = [
        Self {
            what: "CPU per call over native's",
            of: |pairs| pairs.difference(|round| round.cpu),
            bound: Bound::Most(12.0),
            unit: "µs",
        },
        Self {
            what: "throughput to native's",
            of: |pairs| pairs.ratio(|round| round.throughput),
            bound: Bound::Least(0.8),
            unit: "",
        },
        Self {
            what: "p99 to native's",
            of: |pairs| pairs.ratio(|round| round.p99),
            bound: Bound::Most(1.3),
            unit: "",
        },
    ];
    /// While the tool is swapped, and while it isn't.
    pub(crate) const SWAP: [Self; 1] = [Self {
        what: "p99 to that without swaps",
        of: |pairs| pairs.ratio(|round| round.p99),
        bound: Bound::Most(1.5),
        unit: "",
    }];
    /// Over stdio, one call at a time.
    pub(crate) const STDIO: [Self; 1] = [Self {
        what: "p50 to native's",
        of: |pairs| pairs.ratio(|round| round.p50),
        bound: Bound::Most(1.2),
        unit: "",
    }];
}

/// A bound on a single figure.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// What it bounds.
    pub what: &'static str,
    /// The most that it may be.
    pub most: f64,
    /// Of the figure.
    pub unit: &'static str,
}

/// What was measured so far, printed as it comes.
pub struct Report {
    targets: String,
    in_memory: bool,
}

const FIGURES: [(&str, Figure); 5] = [
    ("calls/s", |round| round.throughput),
    ("p50 µs", |round| round.p50),
    ("p99 µs", |round| round.p99),
    ("CPU/call µs", |round| round.cpu),
    ("client's CPU/call µs", |round| round.client),
];

impl Report {
    /// Prints the head: the machine, and what is measured.
    ///
    /// # Errors
    /// If stdout is closed.
    pub fn start(head: &str) -> io::Result<Self> {
        print(head)?;
        Ok(Self { targets: String::new(), in_memory: false })
    }

    /// Prints one comparison.
    pub(crate) fn compared(
        &mut self,
        title: &str,
        names: [&str; 2],
        pairs: &Pairs,
        targets: &[Target],
    ) -> io::Result<()> {
        for target in targets {
            self.note(&format!("{title}: {}", target.what), (target.of)(pairs), target.bound, target.unit);
        }
        print(&comparison(title, names, pairs))
    }

    /// Prints a table.
    ///
    /// # Errors
    /// If stdout is closed.
    pub fn table(&mut self, title: &str, head: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let head: Vec<_> = head.iter().map(|&cell| cell.to_owned()).collect();
        let rows: String = rows.iter().map(|row| line(row)).collect();
        print(&format!("\n### {title}\n\n{}|{}\n{rows}", line(&head), "---|".repeat(head.len())))
    }

    /// Prints one row of the table of memory.
    pub(crate) fn memory(&mut self, what: &str, memory: Memory) -> io::Result<()> {
        if !std::mem::replace(&mut self.in_memory, true) {
            print("\n### Memory\n\n| | RSS KiB | private KiB |\n|---|---|---|\n")?;
        }
        print(&format!("| {what} | {} | {} |\n", memory.rss >> 10, memory.private >> 10))
    }

    /// Notes a single figure with its bound.
    ///
    /// # Errors
    /// None, today.
    pub fn limit(&mut self, limit: Limit, found: f64) -> io::Result<()> {
        self.note(limit.what, found, Bound::Most(limit.most), limit.unit);
        Ok(())
    }

    fn note(&mut self, what: &str, found: f64, bound: Bound, unit: &str) {
        let verdict = if bound.holds(found) { "met" } else { "**missed**" };
        let target = match bound {
            Bound::Least(least) => format!("≥ {least}"),
            Bound::Most(most) => format!("≤ {most}"),
        };
        let found = if unit == "bytes" { format!("{found:.0}") } else { format!("{found:.2}") };
        // Writing to a string can't fail.
        let _ = writeln!(self.targets, "| {what} | {found} {unit} | {target} {unit} | {verdict} |");
    }

    /// Prints how the figures stand to their targets.
    ///
    /// # Errors
    /// If stdout is closed.
    pub fn targets(&self) -> io::Result<()> {
        print(&format!("\n### Targets\n\n| | found | target | |\n|---|---|---|---|\n{}", self.targets))
    }
}

fn comparison(title: &str, names: [&str; 2], pairs: &Pairs) -> String {
    let [first, second] = names;
    let mut table =
        format!("\n### {title}\n\n| | {first} | {second} | ratio | difference |\n|---|---|---|---|---|\n");
    for (name, figure) in FIGURES {
        let _ = writeln!(
            table,
            "| {name} | {:.1} | {:.1} | {:.2} | {:+.1} |",
            pairs.first(figure),
            pairs.second(figure),
            pairs.ratio(figure),
            pairs.difference(figure),
        );
    }
    table
}

fn print(text: &str) -> io::Result<()> {
    let mut out = stdout();
    out.write_all(text.as_bytes())?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Round;

    #[test]
    fn a_target_that_is_missed_says_so() {
        let round = |throughput, cpu| Round { throughput, p50: 1.0, p99: 1.0, cpu, client: 1.0 };
        let pairs = Pairs(vec![(round(700.0, 40.0), round(1000.0, 30.0))]);
        let mut report = Report { targets: String::new(), in_memory: false };
        report.compared("here", ["ours", "native"], &pairs, &Target::HTTP).unwrap();
        let verdicts: Vec<_> = report.targets.lines().map(|line| line.split('|').nth(4).unwrap()).collect();
        assert_eq!(verdicts, [" met ", " **missed** ", " met "]);
        assert!(
            comparison("here", ["ours", "native"], &pairs)
                .contains("| calls/s | 700.0 | 1000.0 | 0.70 | -300.0 |")
        );
    }
}

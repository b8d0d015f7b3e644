//! Rounds of ours and of the plain library, one right after the other.

use std::{
    io,
    time::{Duration, Instant},
};

use cofferdam_bench::{Report, median};
use serde_json::{Value, json};

use crate::host::Host;

/// What the rounds of one comparison took for each operation, in microseconds: ours, and plain.
#[derive(Default)]
pub(crate) struct Pairs(Vec<(f64, f64)>);

impl Pairs {
    /// The tool with these arguments and `times`, and `plain`, which does the same as often and gives the same result.
    pub(crate) async fn take<F: Future<Output = Value> + Send + 'static>(
        rounds: usize,
        times: u64,
        host: &Host,
        (tool, arguments): (&str, Value),
        plain: impl Fn(u64) -> F,
    ) -> Self {
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        let with = |times: u64| {
            let mut arguments = arguments.clone();
            arguments.insert("times".to_owned(), json!(times));
            Value::Object(arguments)
        };
        let plain = async |times| {
            let work = plain(times);
            // In a task, as ours.
            let timed = async move {
                let start = Instant::now();
                let result = work.await;
                (start.elapsed(), result)
            };
            tokio::spawn(timed).await.expect("the library doesn't panic")
        };
        let mut pairs = Vec::new();
        // The first one opens connections and fills caches, and doesn't count.
        for round in 0..=rounds {
            // Which comes first takes turns too.
            let (ours, theirs) = if round % 2 == 0 {
                let ours = host.call(tool, with(times)).await;
                (ours, plain(times).await)
            } else {
                let theirs = plain(times).await;
                (host.call(tool, with(times)).await, theirs)
            };
            let (empty, _) = host.call(tool, with(0)).await;
            assert_eq!(ours.1, theirs.1, "both did the same");
            if round > 0 {
                let each = |took: Duration| took.as_secs_f64() * 1e6 / times as f64;
                pairs.push((each(ours.0.saturating_sub(empty)), each(theirs.0)));
            }
        }
        Self(pairs)
    }

    /// The median of the pairs' ratios.
    pub(crate) fn ratio(&self) -> f64 {
        median(self.0.iter().map(|(ours, plain)| ours / plain).collect())
    }

    /// The median of the pairs' differences.
    pub(crate) fn difference(&self) -> f64 {
        median(self.0.iter().map(|(ours, plain)| ours - plain).collect())
    }

    /// The fastest round of ours to the fastest plain one: without what the machine did meanwhile.
    fn fastest(&self) -> f64 {
        let least = |each: fn(&(f64, f64)) -> f64| self.0.iter().map(each).fold(f64::INFINITY, f64::min);
        least(|(ours, _)| *ours) / least(|(_, plain)| *plain)
    }

    /// As a row of a table.
    pub(crate) fn row(&self, what: &str) -> Vec<String> {
        let ours = median(self.0.iter().map(|(ours, _)| *ours).collect());
        let plain = median(self.0.iter().map(|(_, plain)| *plain).collect());
        vec![
            what.to_owned(),
            format!("{ours:.2}"),
            format!("{plain:.2}"),
            format!("{:.2}", self.ratio()),
            format!("{:+.2}", self.difference()),
            format!("{:.2}", self.fastest()),
        ]
    }
}

/// Prints rows of comparisons.
pub(crate) fn table(report: &mut Report, title: &str, rows: &[Vec<String>]) -> io::Result<()> {
    report.table(title, &["", "ours µs", "plain µs", "ratio", "difference µs", "ratio of the fastest"], rows)
}

//! Results that may be reused: of tools that change nothing, and say for how long theirs hold.
//!
//! Who asks for the same thing at the same time shares one run; who asks again within the time gets what is kept.
//! The same thing is the same plugin as it is loaded (a new version or policy is another one), the same tool, on
//! behalf of the same principal, with the same arguments in whatever order. Only what succeeded is kept.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use cofferdam_capabilities::CallContext;
use moka::{Expiry, future::Cache};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{CallReport, Usage, catalog::Entry, content::Outcome, plugin::Tool, size};

/// Bytes of results that are kept, of all plugins together; what wasn't used for longest goes first.
const KEPT: u64 = 64 << 20;
/// No result holds for longer.
const LONGEST: Duration = Duration::from_secs(24 * 3_600);

/// What tells one thing that is asked for from another.
pub(crate) type Key = [u8; 32];

/// What is kept.
pub(crate) struct Results(Cache<Key, Arc<Kept>>);

struct Kept {
    outcome: Outcome,
    holds: Duration,
}

struct AsLongAsItHolds;

impl Expiry<Key, Arc<Kept>> for AsLongAsItHolds {
    fn expire_after_create(&self, _: &Key, kept: &Arc<Kept>, _: Instant) -> Option<Duration> {
        Some(kept.holds)
    }
}

impl Default for Results {
    fn default() -> Self {
        let weigh =
            |_: &Key, kept: &Arc<Kept>| u32::try_from(size::outcome(&kept.outcome)).unwrap_or(u32::MAX);
        Self(Cache::builder().max_capacity(KEPT).weigher(weigh).expire_after(AsLongAsItHolds).build())
    }
}

impl Results {
    /// What is kept under `key`, or what comes of `run`: of one of those who run it at the same time. If that one
    /// is dropped, another one runs.
    pub(crate) async fn shared(
        &self,
        key: Key,
        holds: Duration,
        run: impl Future<Output = CallReport>,
    ) -> CallReport {
        let mut used = Usage::default();
        let run = async {
            let report = run.await;
            used = report.usage;
            match &report.result {
                Ok(outcome @ Outcome::Complete(result)) if !result.is_error => {
                    Ok(Arc::new(Kept { outcome: outcome.clone(), holds }))
                }
                _ => Err(report),
            }
        };
        let result = match self.0.try_get_with(key, run).await {
            Ok(kept) => Ok(kept.outcome.clone()),
            Err(report) => report.result.clone(),
        };
        CallReport { usage: used, result }
    }
}

/// How long a result of this tool holds, if it may be reused at all.
pub(crate) fn holds(tool: &Tool) -> Option<Duration> {
    let holds = tool.cache_ms.filter(|ms| *ms > 0 && tool.hints.read_only == Some(true))?;
    Some(Duration::from_millis(holds).min(LONGEST))
}

/// What is asked for.
pub(crate) fn key(entry: &Entry, arguments: &Value, context: &CallContext) -> Key {
    let principal = context.caller.as_ref().and_then(|caller| caller.principal());
    let mut hash = Sha256::new();
    hash.update(entry.plugin.serial.to_le_bytes());
    // Neither holds a zero byte: the one is a name, the other is written with every character escaped that isn't shown.
    hash.update(entry.tool.name.text());
    hash.update([0]);
    hash.update(format!("{principal:?}"));
    hash.update([0]);
    feed(&mut hash, arguments);
    hash.finalize().into()
}

/// The value as JSON with sorted keys.
fn feed(hash: &mut Sha256, value: &Value) {
    match value {
        Value::Object(object) => {
            let mut members: Vec<_> = object.iter().collect();
            members.sort_by_key(|(key, _)| *key);
            hash.update("{");
            for (key, value) in members {
                hash.update(Value::from(key.as_str()).to_string());
                hash.update(":");
                feed(hash, value);
                hash.update(",");
            }
            hash.update("}");
        }
        Value::Array(items) => {
            hash.update("[");
            for item in items {
                feed(hash, item);
                hash.update(",");
            }
            hash.update("]");
        }
        plain => hash.update(plain.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use serde_json::json;

    use super::*;
    use crate::{CallError, content::ToolResult};

    const HOUR: Duration = Duration::from_secs(3_600);

    fn complete(number: u32, is_error: bool) -> CallReport {
        let result =
            ToolResult { content: Vec::new(), structured: Some(json!(number)), is_error, meta: None };
        let usage = Usage { fuel: u64::from(number), ..Usage::default() };
        CallReport { usage, result: Ok(Outcome::Complete(result)) }
    }

    #[tokio::test]
    async fn those_who_ask_at_the_same_time_share_one_run() {
        let (results, runs) = (Results::default(), AtomicU32::new(0));
        let ask = || {
            results.shared([1; 32], HOUR, async {
                tokio::task::yield_now().await;
                complete(runs.fetch_add(1, Ordering::Relaxed) + 1, false)
            })
        };
        let reports = futures::future::join_all((0..32).map(|_| ask())).await;
        assert_eq!(runs.load(Ordering::Relaxed), 1);
        assert!(reports.iter().all(|report| report.result == complete(1, false).result));
        // Only the one that ran used anything.
        assert_eq!(reports.iter().map(|report| report.usage.fuel).sum::<u64>(), 1);
        assert_eq!(ask().await, CallReport { usage: Usage::default(), ..complete(1, false) });
    }

    #[tokio::test]
    async fn what_failed_is_not_kept() {
        let results = Results::default();
        let failed = CallReport::from(CallError::Exit(1));
        for report in [failed, complete(1, true)] {
            let again = results.shared([1; 32], HOUR, async { report.clone() }).await;
            assert_eq!(again, report);
        }
        let good = results.shared([1; 32], HOUR, async { complete(2, false) }).await;
        assert_eq!(good, complete(2, false));
    }

    /// Lets it go until it waits.
    async fn begin(asking: &mut (impl Future<Output = CallReport> + Unpin)) {
        tokio::select! {
            biased;
            report = asking => panic!("it has ended: {report:?}"),
            () = std::future::ready(()) => {}
        }
    }

    #[tokio::test]
    async fn if_the_one_that_runs_is_dropped_another_one_runs() {
        let results = Results::default();
        let mut stuck = Box::pin(results.shared([1; 32], HOUR, std::future::pending()));
        begin(&mut stuck).await;
        let mut waiting = Box::pin(results.shared([1; 32], HOUR, async { complete(7, false) }));
        begin(&mut waiting).await;
        drop(stuck);
        assert_eq!(waiting.await, complete(7, false));
    }

    #[test]
    fn the_order_of_members_is_no_difference_and_everything_else_is() {
        let hashed = |value: Value| {
            let mut hash = Sha256::new();
            feed(&mut hash, &value);
            hash.finalize()
        };
        let one = serde_json::from_str(r#"{"a":1,"b":[1,{"c":2,"d":3}]}"#).unwrap();
        let two = serde_json::from_str(r#"{"b":[1,{"d":3,"c":2}],"a":1}"#).unwrap();
        assert_eq!(hashed(one), hashed(two));
        let different = [
            json!({}),
            json!([]),
            json!(null),
            json!("null"),
            json!(1),
            json!("1"),
            json!([1]),
            json!([[1]]),
            json!([1, 2]),
            json!([2, 1]),
            json!([12]),
            json!({ "a": 1 }),
            json!({ "a": "1" }),
            json!({ "b": 1 }),
            json!({ "a": { "b": 1 } }),
            json!({ "a": 1, "b": 1 }),
            json!("a\":1"),
            json!({ "a\":1,\"b": 1 }),
        ];
        let hashes: std::collections::HashSet<_> =
            different.iter().map(|value| hashed(value.clone())).collect();
        assert_eq!(hashes.len(), different.len());
    }
}

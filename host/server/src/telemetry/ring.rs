//! The last log events in memory: bounded in number and in bytes, whoever reads them and however slowly.
//!
//! A reader holds a position and no events. One that falls behind loses the oldest, and is told how many.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use serde_json::{Map, Value};
use tokio::sync::watch;
use tracing::Level;

/// Events that are kept.
const EVENTS: usize = 2_000;
/// Bytes of text that are kept.
const BYTES: usize = 4 << 20;

/// One log event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    /// When it was logged.
    pub(crate) at: SystemTime,
    /// How severe it is.
    pub(crate) level: Level,
    /// Which part of the program logged it.
    pub(crate) target: &'static str,
    /// What happened.
    pub(crate) message: String,
    /// What is known of it.
    pub(crate) fields: Map<String, Value>,
}

impl Event {
    /// Whether it is about this plugin: named in the field `plugin`, or by the file `PLUGIN.wasm` in `file`.
    pub(crate) fn concerns(&self, plugin: &str) -> bool {
        let text = |field: &str| self.fields.get(field).and_then(Value::as_str);
        let stem = |file| std::path::Path::new(file).file_stem().and_then(|stem| stem.to_str());
        text("plugin") == Some(plugin) || text("file").and_then(stem) == Some(plugin)
    }

    /// About what it takes in memory.
    fn size(&self) -> usize {
        let of = |(name, value): (&String, &Value)| name.len() + value.as_str().map_or(16, str::len);
        128 + self.message.len() + self.fields.iter().map(of).sum::<usize>()
    }
}

/// The last events. Clones are the same ring.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ring(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    kept: Mutex<Kept>,
    /// The number of the next event.
    next: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Kept {
    /// Numbered without gaps; the last one is `next - 1`.
    events: VecDeque<Arc<Event>>,
    bytes: usize,
    next: u64,
}

impl Kept {
    /// The number of the oldest event.
    fn oldest(&self) -> u64 {
        self.next - self.events.len() as u64
    }

    fn push(&mut self, event: Event) {
        self.bytes += event.size();
        self.events.push_back(Arc::new(event));
        self.next += 1;
        while self.events.len() > EVENTS || (self.bytes > BYTES && self.events.len() > 1) {
            if let Some(event) = self.events.pop_front() {
                self.bytes -= event.size();
            }
        }
    }
}

impl Ring {
    /// Adds an event. Waits for nobody who reads.
    pub(crate) fn push(&self, event: Event) {
        let next = {
            let mut kept = self.kept();
            kept.push(event);
            kept.next
        };
        // Two writers may come here in the other order.
        self.0.next.send_if_modified(|known| {
            let newer = next > *known;
            *known = (*known).max(next);
            newer
        });
    }

    /// Reads from the last `lines` events on that are about `plugin`; none: about anything.
    pub(crate) fn read(&self, plugin: Option<String>, lines: usize) -> Reader {
        let news = self.0.next.subscribe();
        let kept = self.kept();
        let wanted = |event: &Event| plugin.as_deref().is_none_or(|plugin| event.concerns(plugin));
        let newest_first = kept.events.iter().rev().enumerate().filter(|(_, event)| wanted(event));
        let back = newest_first.take(lines).last().map_or(0, |(back, _)| back as u64 + 1);
        let position = kept.next - back;
        drop(kept);
        Reader { ring: self.clone(), news, plugin, position }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // A panic while the lock is held can leave a count that is off, and events that are whole.
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads a ring, from a position on.
#[derive(Debug)]
pub(crate) struct Reader {
    ring: Ring,
    news: watch::Receiver<u64>,
    plugin: Option<String>,
    /// The number of the event that comes next.
    position: u64,
}

/// Some events, in the order in which they were logged.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Batch {
    /// How many are missing before them.
    pub(crate) skipped: u64,
    /// Those that were asked for.
    pub(crate) events: Vec<Arc<Event>>,
}

impl Reader {
    /// What comes next of what is there, from at most `most` events. None: nothing is there.
    pub(crate) fn take(&mut self, most: usize) -> Option<Batch> {
        let kept = self.ring.kept();
        let (oldest, next) = (kept.oldest(), kept.next);
        if self.position == next {
            return None;
        }
        let skipped = oldest.saturating_sub(self.position);
        let from = self.position.max(oldest);
        let seen: Vec<_> = kept.events.iter().skip(index(from - oldest)).take(most).map(Arc::clone).collect();
        drop(kept);
        self.position = from + seen.len() as u64;
        let plugin = self.plugin.as_deref();
        let wanted = |event: &Arc<Event>| plugin.is_none_or(|plugin| event.concerns(plugin));
        Some(Batch { skipped, events: seen.into_iter().filter(wanted).collect() })
    }

    /// Waits until there may be something to take.
    pub(crate) async fn news(&mut self) {
        let position = self.position;
        // Fails only if the ring is gone, and this reader holds it.
        let _ = self.news.wait_for(|next| *next > position).await;
    }
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(message: &str, fields: Value) -> Event {
        let Value::Object(fields) = fields else { panic!("fields are an object") };
        let (at, message) = (SystemTime::UNIX_EPOCH, message.to_owned());
        Event { at, level: Level::INFO, target: "test", message, fields }
    }

    fn of(plugin: &str) -> Event {
        event(plugin, json!({ "plugin": plugin }))
    }

    fn messages(batch: Option<Batch>) -> (u64, Vec<String>) {
        let batch = batch.unwrap_or_default();
        (batch.skipped, batch.events.iter().map(|event| event.message.clone()).collect())
    }

    #[test]
    fn the_last_lines_about_a_plugin_are_found_behind_those_about_others() {
        let ring = Ring::default();
        for plugin in ["a", "b", "a", "b", "b"] {
            ring.push(of(plugin));
        }
        ring.push(event("refused", json!({ "file": "/plugins/a.wasm" })));
        let read =
            |plugin: Option<&str>, lines| messages(ring.read(plugin.map(str::to_owned), lines).take(99));
        assert_eq!(read(Some("a"), 2), (0, vec!["a".into(), "refused".into()]));
        assert_eq!(read(Some("b"), 9), (0, vec!["b".into(), "b".into(), "b".into()]));
        assert_eq!(read(Some("c"), 9), (0, vec![]));
        assert_eq!(read(None, 3), (0, vec!["b".into(), "b".into(), "refused".into()]));
        assert_eq!(read(None, 0), (0, vec![]));
        assert_eq!(read(None, 99).1.len(), 6);
    }

    #[test]
    fn what_a_slow_reader_missed_is_counted() {
        let ring = Ring::default();
        ring.push(of("first"));
        let mut reader = ring.read(None, 9);
        for _ in 0..EVENTS + 5 {
            ring.push(of("a"));
        }
        let batch = reader.take(10).unwrap();
        assert_eq!((batch.skipped, batch.events.len()), (6, 10));
        let batch = reader.take(usize::MAX).unwrap();
        assert_eq!((batch.skipped, batch.events.len()), (0, EVENTS - 10));
        assert_eq!(reader.take(10), None);
    }

    #[test]
    fn large_events_push_out_more_than_one() {
        let ring = Ring::default();
        let large = "x".repeat(BYTES / 4);
        for _ in 0..9 {
            ring.push(event(&large, json!({})));
        }
        assert_eq!(ring.kept().events.len(), 3);
        ring.push(event(&"x".repeat(2 * BYTES), json!({})));
        let kept = ring.kept();
        assert_eq!((kept.events.len(), kept.bytes), (1, 2 * BYTES + 128));
    }

    #[tokio::test]
    async fn a_reader_that_waits_hears_of_the_next_event() {
        let ring = Ring::default();
        let mut reader = ring.read(None, 9);
        let (waited, ()) = tokio::join!(
            async {
                reader.news().await;
                messages(reader.take(9))
            },
            async { ring.push(of("a")) }
        );
        assert_eq!(waited, (0, vec!["a".into()]));
        // What is there already is no reason to wait.
        let mut late = ring.read(None, 9);
        late.news().await;
        assert_eq!(messages(late.take(9)), (0, vec!["a".into()]));
    }
}

//! What happened to each plugin since the host started: its last changes, its generations, its figures.
//!
//! Bounded: the last changes of each plugin, and the plugins that were seen last.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::SystemTime,
};

use cofferdam_policy::PluginId;

use super::control::{Change, Event};
use crate::stats::Stats;

/// Changes that are kept of each plugin.
const CHANGES: usize = 64;
/// Plugins that are remembered when they are gone.
const PLUGINS: usize = 20_000;

/// All of it.
#[derive(Default)]
pub(super) struct History(BTreeMap<PluginId, Record>);

#[derive(Default)]
struct Record {
    generation: u64,
    changes: VecDeque<Change>,
    stats: Arc<Stats>,
}

impl History {
    /// Notes what happened now.
    pub(super) fn note(&mut self, id: &PluginId, event: Event) {
        let changes = &mut self.record(id).changes;
        if changes.back().is_some_and(|last| says_the_same(&last.event, &event)) {
            return;
        }
        if changes.len() == CHANGES {
            changes.pop_front();
        }
        changes.push_back(Change { at: SystemTime::now(), event });
    }

    /// What happened, oldest first; none: it was never seen.
    pub(super) fn of(&self, id: &PluginId) -> Option<Vec<Change>> {
        self.0.get(id).map(|record| record.changes.iter().cloned().collect())
    }

    /// The generation of the version that is put to serve: the next one, if its code is new.
    pub(super) fn generation(&mut self, id: &PluginId, new_code: bool) -> u64 {
        let generation = &mut self.record(id).generation;
        *generation += u64::from(new_code);
        *generation
    }

    /// Where its calls are counted.
    pub(super) fn stats(&mut self, id: &PluginId) -> Arc<Stats> {
        Arc::clone(&self.record(id).stats)
    }

    fn record(&mut self, id: &PluginId) -> &mut Record {
        if self.0.len() >= PLUGINS && !self.0.contains_key(id) {
            // Who still serves holds its figures; of the others any may go.
            self.0.retain(|_, record| Arc::strong_count(&record.stats) > 1);
        }
        self.0.entry(id.clone()).or_default()
    }
}

/// Whether the same bytes were refused again for the same reason: that is no news.
fn says_the_same(last: &Event, event: &Event) -> bool {
    match (last, event) {
        (Event::Refused { digest: a, reason: last }, Event::Refused { digest: b, reason }) => {
            a == b && last.to_string() == reason.to_string()
        }
        _ => false,
    }
}

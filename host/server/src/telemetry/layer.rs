//! From tracing's events to those of the ring. What one event may hold is bounded while it is formatted.

use std::{
    fmt::{self, Write as _},
    time::SystemTime,
};

use serde_json::{Map, Value};
use tracing::{
    Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::layer::{Context, Layer};

use super::ring::{Event, Ring};

/// Bytes of one message, or of one field's text.
const TEXT: usize = 8 << 10;

impl<S: Subscriber> Layer<S> for Ring {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut said = Said::default();
        event.record(&mut said);
        let metadata = event.metadata();
        self.push(Event {
            at: SystemTime::now(),
            level: *metadata.level(),
            target: metadata.target(),
            message: said.message,
            fields: said.fields,
        });
    }
}

/// What an event says.
#[derive(Default)]
struct Said {
    message: String,
    fields: Map<String, Value>,
}

impl Said {
    fn text(&mut self, field: &Field, text: fmt::Arguments<'_>) {
        let mut bounded = Bounded(String::new());
        // An error means that it is full: what fits is kept.
        let _ = bounded.write_fmt(text);
        if field.name() == "message" {
            self.message = bounded.0;
        } else {
            self.value(field, bounded.0.into());
        }
    }

    fn value(&mut self, field: &Field, value: Value) {
        self.fields.insert(field.name().to_owned(), value);
    }
}

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, format_args!("{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.value(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.value(field, value.into());
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        match u64::try_from(value) {
            Ok(value) => self.record_u64(field, value),
            Err(_) => self.text(field, format_args!("{value}")),
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.value(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.value(field, value.into());
    }
}

/// A text that stops growing.
struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = TEXT.saturating_sub(self.0.len());
        if text.len() <= room {
            self.0.push_str(text);
            return Ok(());
        }
        self.0.push_str(text.get(..text.floor_char_boundary(room)).unwrap_or_default());
        self.0.push('…');
        Err(fmt::Error)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tracing_subscriber::prelude::*;

    use super::*;

    /// What the ring holds after `log`.
    fn kept(log: impl FnOnce()) -> Vec<Event> {
        let ring = Ring::default();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(ring.clone()), log);
        let batch = ring.read(None, 99).take(99).unwrap();
        batch.events.iter().map(|event| Event::clone(event)).collect()
    }

    #[test]
    fn an_event_keeps_its_level_target_message_and_fields() {
        let file = std::path::Path::new("/plugins/a.wasm");
        let events = kept(|| {
            tracing::warn!(
                target: "some::part", file = %file.display(), ms = 12_u128, huge = u128::MAX, tools = 3,
                ratio = 0.5, ok = true, reason = ?"quoted", "plugin {}", "refused"
            );
        });
        let [event] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((event.level, event.target), (tracing::Level::WARN, "some::part"));
        assert_eq!(event.message, "plugin refused");
        let expected = json!({
            "file": "/plugins/a.wasm", "ms": 12, "huge": u128::MAX.to_string(), "tools": 3,
            "ratio": 0.5, "ok": true, "reason": "\"quoted\"",
        });
        assert_eq!(Value::Object(event.fields.clone()), expected);
    }

    #[test]
    fn an_event_can_t_be_larger_than_its_bound() {
        let long = "é".repeat(TEXT);
        let events = kept(|| tracing::info!(field = %long, odd = %format!("a{long}"), "{long}"));
        for text in [&events[0].message, events[0].fields["field"].as_str().unwrap()] {
            assert_eq!(text.len(), TEXT + "…".len());
        }
        assert_eq!(events[0].fields["odd"].as_str().unwrap().len(), TEXT - 1 + "…".len());
    }
}

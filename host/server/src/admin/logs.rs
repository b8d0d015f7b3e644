//! `GET /logs`: the last lines of the log, one JSON object per line, and those that come if they are followed.
//!
//! A reader takes from the ring at its own pace: one that is too slow misses lines and is told how many, and
//! holds up nobody.

use axum::{
    body::Body,
    http::header::CONTENT_TYPE,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures::stream;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::{answer, wire};
use crate::telemetry::{Batch, Reader, Ring};

/// Events that are taken from the ring at once.
const AT_ONCE: usize = 64;

/// What a reader wants.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// Whether lines that come are wanted too.
    follow: bool,
    /// Only lines about this plugin.
    plugin: Option<String>,
    /// How many of the lines that are there; none: all.
    lines: Option<usize>,
}

impl Asked {
    /// From the query of the URL; the error says what it may be.
    pub(super) fn parse(query: &str) -> Result<Self, String> {
        let mut asked = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let bad = |expected: &str| format!("`{name}` is {value:?}, and {expected} was expected");
            match &*name {
                "follow" => asked.follow = value.parse().map_err(|_| bad("`true` or `false`"))?,
                "lines" => asked.lines = Some(value.parse().map_err(|_| bad("a number"))?),
                "plugin" => asked.plugin = Some(value.into_owned()),
                _ => return Err(format!("unknown parameter {name:?}; there are `follow`, `lines` and `plugin`")),
            }
        }
        Ok(asked)
    }
}

/// The lines, as they are read. Followed, they end when `stop` is cancelled.
pub(super) fn stream(ring: &Ring, asked: Asked, stop: CancellationToken) -> Response {
    let reader = ring.read(asked.plugin, asked.lines.unwrap_or(usize::MAX));
    let follow = asked.follow.then_some(stop);
    let chunks = stream::unfold((reader, follow), |(mut reader, follow)| async move {
        let chunk = next(&mut reader, follow.as_ref()).await?;
        Some((Ok::<_, std::convert::Infallible>(chunk), (reader, follow)))
    });
    ([(CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(chunks)).into_response()
}

/// The next lines. None: there are no more.
async fn next(reader: &mut Reader, follow: Option<&CancellationToken>) -> Option<Bytes> {
    loop {
        let Some(batch) = reader.take(AT_ONCE) else {
            let stop = follow.filter(|stop| !stop.is_cancelled())?;
            tokio::select! {
                () = reader.news() => {}
                // What was logged by then is taken on the next round.
                () = stop.cancelled() => {}
            }
            continue;
        };
        let lines = lines(&batch);
        if !lines.is_empty() {
            return Some(lines.into());
        }
    }
}

fn lines(batch: &Batch) -> Vec<u8> {
    let mut lines = Vec::new();
    if batch.skipped > 0 {
        line(&mut lines, &wire::LogLine::Skipped { skipped: batch.skipped });
    }
    for event in &batch.events {
        line(&mut lines, &answer::log_event(event));
    }
    lines
}

fn line(lines: &mut Vec<u8>, value: &impl Serialize) {
    // Writing to memory, of types whose keys are text, doesn't fail.
    if serde_json::to_writer(&mut *lines, value).is_ok() {
        lines.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_is_in_the_query() {
        let all = Asked { follow: true, plugin: Some("a b".into()), lines: Some(5) };
        for (query, asked) in [
            ("", Asked::default()),
            ("follow=false", Asked::default()),
            ("follow=true&plugin=a%20b&lines=5", all),
        ] {
            assert_eq!(Asked::parse(query), Ok(asked), "{query}");
        }
        for (query, said) in [
            ("follow=yes", "`follow` is \"yes\", and `true` or `false` was expected"),
            ("lines=-1", "`lines` is \"-1\", and a number was expected"),
            ("line=1", "unknown parameter \"line\"; there are `follow`, `lines` and `plugin`"),
        ] {
            assert_eq!(Asked::parse(query), Err(said.into()));
        }
    }

    #[test]
    fn missing_lines_are_remarked_on() {
        let batch = Batch { skipped: 7, events: Vec::new() };
        assert_eq!(String::from_utf8(lines(&batch)).unwrap(), "{\"skipped\":7}\n");
    }
}

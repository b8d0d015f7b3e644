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
                _ => {
                    return Err(format!(
                        "unknown parameter {name:?}; there are `follow`, `lines` and `plugin`"
                    ));
                }
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
    use crate::telemetry::Event;

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

    fn log(ring: &Ring, message: usize) {
        let (at, fields) = (std::time::SystemTime::UNIX_EPOCH, serde_json::Map::new());
        let message = message.to_string();
        ring.push(Event { at, level: tracing::Level::INFO, target: "t", message, fields });
    }

    /// The messages of all lines, and the number of those that were skipped.
    async fn read(response: Response) -> Vec<String> {
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let lines = String::from_utf8(body.to_vec()).unwrap();
        let shown = |line: &str| match serde_json::from_str(line).unwrap() {
            wire::LogLine::Event(event) => event.message,
            wire::LogLine::Skipped { skipped } => format!("{skipped} skipped"),
        };
        lines.lines().map(shown).collect()
    }

    fn followed() -> Asked {
        Asked { follow: true, ..Asked::default() }
    }

    #[tokio::test]
    async fn a_reader_that_doesn_t_read_holds_up_nobody_and_is_told_what_it_missed() {
        let (ring, stop) = (Ring::default(), CancellationToken::new());
        let response = stream(&ring, followed(), stop.clone());
        for message in 0..5_000 {
            log(&ring, message);
        }
        stop.cancel();
        let messages = read(response).await;
        assert_eq!(messages[..2], ["3000 skipped", "3000"]);
        assert_eq!((messages.len(), messages.last().map(String::as_str)), (2_001, Some("4999")));
    }

    #[tokio::test]
    async fn a_log_that_is_followed_ends_with_the_host_s_last_words() {
        let (ring, stop) = (Ring::default(), CancellationToken::new());
        log(&ring, 1);
        let reading = tokio::spawn(read(stream(&ring, followed(), stop.clone())));
        tokio::task::yield_now().await;
        log(&ring, 2);
        stop.cancel();
        assert_eq!(reading.await.unwrap(), ["1", "2"]);
        // One that isn't followed ends by itself.
        assert_eq!(read(stream(&ring, Asked::default(), CancellationToken::new())).await, ["1", "2"]);
    }
}

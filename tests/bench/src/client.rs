//! Clients that cost little themselves: a request is made once and sent over and over; answers are looked at,
//! not parsed. All of them run on one thread, so that a server has the rest of the machine.

mod http;
mod stdio;

use std::{
    io,
    time::{Duration, Instant},
};

pub(crate) use self::{http::Http, stdio::Stdio};

/// Latencies in nanoseconds of the calls that ended within a round.
pub(crate) type Latencies = Vec<u64>;

/// When a client stops: at a time, or after a number of calls.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Until {
    /// At that time.
    Time(Instant),
    /// After that many calls of each worker.
    Calls(u64),
}

impl Until {
    /// That long from now.
    pub(crate) fn after(time: Duration) -> Self {
        Self::Time(Instant::now() + time)
    }

    fn is_over(self, done: usize, now: Instant) -> bool {
        match self {
            Self::Time(end) => now >= end,
            Self::Calls(calls) => done as u64 >= calls,
        }
    }
}

/// A client of either transport.
pub(crate) enum Client {
    /// Over HTTP.
    Http(Http),
    /// Over pipes.
    Stdio(Stdio),
}

impl Client {
    /// One call; its answer in full.
    pub(crate) async fn call(&mut self) -> io::Result<Vec<u8>> {
        match self {
            Self::Http(client) => client.call().await,
            Self::Stdio(client) => client.call().await,
        }
    }

    /// Calls without a pause.
    pub(crate) async fn load(&mut self, until: Until) -> io::Result<Latencies> {
        match self {
            Self::Http(client) => client.load(until).await,
            Self::Stdio(client) => client.load(until).await,
        }
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn wrong(answer: &[u8]) -> io::Error {
    io::Error::other(format!(
        "expected a result without an error, found: {}",
        String::from_utf8_lossy(answer)
    ))
}

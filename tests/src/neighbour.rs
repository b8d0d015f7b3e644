//! A good plugin next to a hostile one: its calls go on, all of them, whatever happens beside it.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use cofferdam_runtime::CallReport;
use futures::future::join_all;
use serde_json::json;

use crate::{Setup, TestHost, guest::Good, host::text};

/// Hostile calls at the same time: more than there are threads for guests on a small machine.
const HOSTILE: usize = 4;
/// Calls of the neighbour that must get through.
const ENOUGH: usize = 20;
/// Time within which they must, however many rounds of hostile calls that are over at once.
const PATIENCE: Duration = Duration::from_secs(60);

/// The neighbour's plugin.
#[must_use]
pub fn setup() -> Setup {
    Setup::of(Good::Echo).id("neighbour")
}

/// How things went beside the neighbour.
#[derive(Debug)]
pub struct Beside {
    /// What came of the hostile calls.
    pub reports: Vec<CallReport>,
    /// Rounds of hostile calls that it took until the neighbour's calls had got through.
    pub rounds: usize,
}

/// Makes hostile calls, several at a time, until enough calls of the neighbour have got through.
///
/// # Panics
/// If one of the neighbour's calls goes wrong, or too few get through.
pub async fn beside<F: Future<Output = CallReport>>(host: &TestHost, hostile: impl Fn() -> F) -> Beside {
    let (calls, ended) = (AtomicUsize::new(0), AtomicBool::new(false));
    let attack = async {
        let started = Instant::now();
        let mut beside = Beside { reports: Vec::new(), rounds: 0 };
        while beside.rounds == 0 || calls.load(Ordering::Relaxed) < ENOUGH {
            assert!(started.elapsed() < PATIENCE, "the neighbour's calls don't get through");
            beside.reports.extend(join_all((0..HOSTILE).map(|_| hostile())).await);
            beside.rounds += 1;
            // Quick calls end where they start, and both sides here are one task.
            tokio::task::yield_now().await;
        }
        ended.store(true, Ordering::Relaxed);
        beside
    };
    let neighbour = async {
        while !ended.load(Ordering::Relaxed) {
            let said = format!("call {}", calls.load(Ordering::Relaxed));
            let result = host.result("neighbour_echo", json!({ "text": said })).await;
            assert_eq!(text(&result), said);
            calls.fetch_add(1, Ordering::Relaxed);
        }
    };
    tokio::join!(attack, neighbour).0
}

/// Calls the neighbour without a pause while `work` goes on. How many of its calls got through.
///
/// # Panics
/// If one of the neighbour's calls goes wrong.
pub async fn during<T>(host: &TestHost, work: impl Future<Output = T>) -> (T, usize) {
    let mut calls = 0;
    let neighbour = async {
        loop {
            let said = format!("call {calls}");
            let result = host.result("neighbour_echo", json!({ "text": said })).await;
            assert_eq!(text(&result), said);
            calls += 1;
            // Quick calls end where they start, and both sides here are one task.
            tokio::task::yield_now().await;
        }
    };
    let done = tokio::select! {
        done = work => done,
        () = neighbour => unreachable!("it goes on for ever"),
    };
    (done, calls)
}

//! Clients that call and list at a steady pace while something happens, and what each of them saw, in order.
//!
//! They speak to one plugin, of [`versions`]. What is wrong whenever it is seen (a failed call, a mixture of two
//! versions, a list that contradicts itself) ends the test; what is right or wrong depending on what happened is
//! for the test to judge, from [`Seen`].

use std::time::Duration;

use serde_json::{Value, json};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

use crate::{
    Http,
    guest::versions,
    messages::{call, modern},
};

/// Clients, each with a connection of its own.
const CLIENTS: usize = 4;
/// Between two calls of a client: all together call 200 times per second.
const PACE: Duration = Duration::from_millis(20);
/// Every so many calls a client lists, and calls what is on the list.
const LIST: usize = 8;

/// What a client saw, once for all that saw the same in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// This version.
    Version(u32),
    /// No tool of that name.
    Nothing,
}

/// The clients while they call.
#[derive(Debug)]
pub struct Load {
    stop: watch::Sender<bool>,
    clients: JoinSet<()>,
    seen: Vec<watch::Receiver<Sight>>,
}

/// What one client saw so far.
#[derive(Debug, Default, Clone)]
pub struct Sight {
    /// In order.
    pub seen: Vec<Seen>,
    /// How many calls it made.
    pub calls: usize,
    /// How many lists it got.
    pub lists: usize,
}

impl Load {
    /// Starts the clients of the host at `url`, which has a plugin of [`versions`] under this id.
    #[must_use]
    pub fn start(url: &str, plugin: &'static str) -> Self {
        let (stop, stopped) = watch::channel(false);
        let (mut clients, mut seen) = (JoinSet::new(), Vec::new());
        for _ in 0..CLIENTS {
            let (sight, sights) = watch::channel(Sight::default());
            let client = Client { http: Http::new(url), plugin, sight };
            clients.spawn(client.run(stopped.clone()));
            seen.push(sights);
        }
        Self { stop, clients, seen }
    }

    /// Waits until every client's last answer was this.
    ///
    /// # Panics
    /// If a client saw what is always wrong.
    pub async fn until(&mut self, wanted: Seen) {
        for seen in &mut self.seen {
            if seen.wait_for(|sight| sight.seen.last() == Some(&wanted)).await.is_err() {
                break;
            }
        }
        self.fail().await;
    }

    /// Stops, and returns what each client saw.
    ///
    /// # Panics
    /// If a client saw what is always wrong.
    pub async fn stop(mut self) -> Vec<Sight> {
        self.stop.send_replace(true);
        while let Some(ended) = self.clients.join_next().await {
            ended.expect("a client saw nothing that is always wrong");
        }
        self.seen.iter().map(|seen| seen.borrow().clone()).collect()
    }

    /// A client ends before it is told to only if something was wrong.
    async fn fail(&mut self) {
        if let Some(ended) = self.clients.try_join_next() {
            ended.expect("a client saw nothing that is always wrong");
        }
    }
}

struct Client {
    http: Http,
    plugin: &'static str,
    sight: watch::Sender<Sight>,
}

impl Client {
    async fn run(self, stopped: watch::Receiver<bool>) {
        let mut pace = interval(PACE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for number in 0.. {
            if *stopped.borrow() {
                return;
            }
            pace.tick().await;
            if number % LIST == LIST - 1 {
                self.list_and_call().await;
            } else {
                self.call("version").await;
            }
        }
    }

    fn note(&self, seen: Seen, calls: usize, lists: usize) {
        self.sight.send_modify(|sight| {
            (sight.calls, sight.lists) = (sight.calls + calls, sight.lists + lists);
            if sight.seen.last() != Some(&seen) {
                sight.seen.push(seen);
            }
        });
    }

    /// Calls a tool. None: there is no such tool.
    async fn call(&self, tool: &str) -> Option<u32> {
        let answer = self.answer(tool).await;
        self.note(answer.map_or(Seen::Nothing, Seen::Version), 1, 0);
        answer
    }

    async fn answer(&self, tool: &str) -> Option<u32> {
        let name = format!("{}_{tool}", self.plugin);
        let answer = self.http.modern(&modern(1, "tools/call", call(&name, json!({})))).await.answer();
        if answer["error"]["message"].as_str().is_some_and(|said| said.starts_with("unknown tool")) {
            return None;
        }
        assert_eq!(answer["result"]["isError"], false, "{answer}");
        let said = answer["result"]["content"].as_array().expect("content");
        let both: Vec<_> = said.iter().map(|block| versions::said_by(block["text"].as_str()?)).collect();
        match both.as_slice() {
            [Some(first), Some(second)] if first == second => Some(*first),
            _ => panic!("an answer of no single version: {answer}"),
        }
    }

    /// The version that is on the list. None: no tool of the plugin is.
    async fn list(&self) -> Option<u32> {
        let answer = self.http.modern(&modern(1, "tools/list", json!({}))).await.answer();
        let tools = answer["result"]["tools"].as_array().unwrap_or_else(|| panic!("no list: {answer}"));
        let prefix = format!("{}_", self.plugin);
        let names = |tool: &Value| tool["name"].as_str()?.strip_prefix(&prefix).map(str::to_owned);
        let listed: Vec<_> = tools.iter().filter_map(|tool| Some((names(tool)?, tool))).collect();
        let version = listed.first().map(|(_, tool)| {
            let said = tool["description"].as_str().and_then(versions::said_by);
            said.unwrap_or_else(|| panic!("a list of no version: {answer}"))
        });
        if let Some(version) = version {
            let names: Vec<_> = listed.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names, versions::tools(version), "{answer}");
            let said = versions::said(version);
            assert!(listed.iter().all(|(_, tool)| tool["description"] == said), "{answer}");
        }
        self.note(version.map_or(Seen::Nothing, Seen::Version), 0, 1);
        version
    }

    /// What is on the list can be called, unless it has changed meanwhile.
    async fn list_and_call(&self) {
        let Some(listed) = self.list().await else { return };
        for tool in versions::tools(listed) {
            match self.answer(tool).await {
                // Other versions may lack this one tool: that says nothing of the plugin.
                None => {
                    let now = self.list().await;
                    assert_ne!(now, Some(listed), "{tool} of version {listed} is listed and unknown");
                }
                Some(version) => self.note(Seen::Version(version), 1, 0),
            }
        }
    }
}

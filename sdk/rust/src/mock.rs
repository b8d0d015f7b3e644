//! A host for native tests: it runs tools as the real one does, without WebAssembly.
//!
//! Arguments go through the same JSON text and the same reader as in a component. What it does not do: validate arguments
//! against their schema (that is the host's work) and enforce limits. `cofferdam call` does both, with the real component.
//!
//! ```
//! use cofferdam_sdk::mock::Host;
//! use cofferdam_sdk::prelude::*;
//!
//! #[derive(Deserialize, JsonSchema)]
//! struct Add {
//!     a: i64,
//!     b: i64,
//! }
//!
//! /// Add two numbers.
//! #[tool]
//! fn add(x: Add) -> Result<i64> {
//!     Ok(x.a + x.b)
//! }
//!
//! # fn main() {
//! let host = Host::new();
//! assert_eq!(host.call::<add>(json!({"a": 1, "b": 2})), Ok(3));
//! assert_eq!(
//!     host.call::<add>(json!({"a": 1})),
//!     Err(ToolError::invalid("missing field `b`"))
//! );
//! assert_eq!(host.reply::<add>(json!({"a": 1, "b": 2})).unwrap().all_text(), "3");
//! # }
//! ```

use std::time::Duration;

use serde_json::Value;

use crate::entry::Entry;
use crate::{
    Arguments, Client, Definition, Handle, JsonObject, Level, Principal, Reply, Result, Tool, ToolError,
};

mod cache;
#[cfg(feature = "sqlite")]
mod db;
mod http;
#[cfg(not(feature = "sqlite"))]
#[allow(dead_code, reason = "what comes after opening a database is never reached without one")]
mod no_db;
mod scope;

pub(crate) use cache::Lease;
#[cfg(feature = "sqlite")]
pub(crate) use db::{Connection, Cursor, OpenTransaction};
pub use http::Sent;
#[cfg(not(feature = "sqlite"))]
pub(crate) use no_db::{Connection, Cursor, OpenTransaction};
pub use scope::Scope;

/// A host for native tests.
///
/// It is set up with the methods that take `self`, and keeps what tools say to it.
#[derive(Debug, Clone, Default)]
pub struct Host {
    scope: Scope,
}

impl Host {
    /// A host with no settings, whose clients say nothing about themselves.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Set a key of the plugin's settings.
    #[must_use]
    pub fn config(self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.scope.edit(|state| drop(state.config.insert(key.into(), value.into())));
        self
    }

    /// Set the id of every call.
    #[must_use]
    pub fn id(self, id: impl Into<String>) -> Self {
        self.scope.edit(|state| state.id = id.into());
        self
    }

    /// Set the program that calls.
    #[must_use]
    pub fn client(self, client: Client) -> Self {
        self.scope.edit(|state| state.client = Some(client));
        self
    }

    /// Set on whose behalf calls are made.
    #[must_use]
    pub fn principal(self, principal: Principal) -> Self {
        self.scope.edit(|state| state.principal = Some(principal));
        self
    }

    /// Set a key of every request's `_meta`.
    #[must_use]
    pub fn meta(self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.scope.edit(|state| drop(state.meta.insert(key.into(), value.into())));
        self
    }

    /// Set the time left that every call sees.
    #[must_use]
    pub fn remaining(self, remaining: Duration) -> Self {
        self.scope.edit(|state| state.remaining = remaining);
        self
    }

    /// From now on, the client has cancelled.
    pub fn cancel(&self) {
        self.scope.edit(|state| state.cancel_after = Some(0));
    }

    /// The client cancels once the tool has reported progress that many times.
    #[must_use]
    pub fn cancel_after(self, reports: usize) -> Self {
        self.scope.edit(|state| state.cancel_after = Some(reports));
        self
    }

    /// The cache doesn't answer, from now on.
    #[must_use]
    pub fn without_cache(self) -> Self {
        self.scope.edit(|state| state.cache.down());
        self
    }

    /// Let time pass for the cache: nothing else does.
    pub fn advance(&self, time: Duration) {
        self.scope.edit(|state| state.cache.advance(time));
    }

    /// Call a tool; its result as the Rust value that it is.
    pub fn call<T: Tool>(&self, arguments: Value) -> Result<T::Output> {
        self.definition::<T>()?;
        T::run(T::Arguments::read(&arguments.to_string())?, &self.scope)
    }

    /// Call a tool; its result as the host gets it: content, structured value, whether it is an error.
    pub fn reply<T: Tool>(&self, arguments: Value) -> Result<Reply> {
        self.definition::<T>()?;
        Entry::of::<T>().run(&arguments.to_string(), &self.scope)
    }

    /// A tool as clients see it, with its schemas.
    pub fn definition<T: Tool>(&self) -> Result<Definition> {
        Entry::of::<T>().define().map_err(ToolError::Failed)
    }

    /// A handle, to call a tool's function itself: `orders(query, host.handle())`.
    #[must_use]
    pub fn handle<H: Handle>(&self) -> H {
        H::open(&self.scope)
    }

    /// All progress that was reported so far.
    #[must_use]
    pub fn progress(&self) -> Vec<Progress> {
        self.scope.read(|state| state.progress.clone())
    }

    /// All that was logged so far.
    #[must_use]
    pub fn logs(&self) -> Vec<Log> {
        self.scope.read(|state| state.logs.clone())
    }
}

/// Progress that a tool reported.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// How much is done.
    pub done: f64,
    /// How much there is to do.
    pub total: Option<f64>,
    /// Words for the person who waits.
    pub message: Option<String>,
}

/// A message that a tool logged.
#[derive(Debug, Clone, PartialEq)]
pub struct Log {
    /// Its severity.
    pub level: Level,
    /// The part of the plugin that logged it.
    pub logger: Option<String>,
    /// The message: a string, or whatever was given.
    pub value: Value,
}

/// What the host knows, and what it was told.
#[derive(Debug)]
struct State {
    id: String,
    config: JsonObject,
    cache: cache::Entries,
    http: http::Stubs,
    #[cfg(feature = "sqlite")]
    databases: db::Databases,
    client: Option<Client>,
    principal: Option<Principal>,
    meta: JsonObject,
    remaining: Duration,
    cancel_after: Option<usize>,
    progress: Vec<Progress>,
    logs: Vec<Log>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            id: "mock-call".to_owned(),
            config: JsonObject::new(),
            cache: cache::Entries::default(),
            http: http::Stubs::default(),
            #[cfg(feature = "sqlite")]
            databases: db::Databases::default(),
            client: None,
            principal: None,
            meta: JsonObject::new(),
            remaining: Duration::from_secs(30),
            cancel_after: None,
            progress: Vec::new(),
            logs: Vec::new(),
        }
    }
}

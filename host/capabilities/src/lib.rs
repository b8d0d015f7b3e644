//! Floor 1: what a plugin can ask of the host, in plain Rust types.
//!
//! Each capability is a small service that knows neither the engine nor the WIT: the runtime borrows it for
//! one call and converts. Today these are the running request ([`request`]), the plugin's own settings
//! ([`settings`]), its private cache ([`cache`]), databases ([`database`]) and HTTP ([`http`]); every service draws on
//! the call's [`budget`].

pub mod budget;
pub mod cache;
pub mod database;
pub mod http;
pub mod request;
pub mod sanitize;
pub mod secret;
pub mod settings;

pub use budget::{Budget, Exhausted};
pub use cache::{CacheError, CacheService};
pub use database::{DatabaseError, DatabaseSpec, PluginDatabases};
pub use http::{HttpBudget, HttpError, HttpRequest, HttpResponse, HttpService, PluginHttp};
pub use request::{CallContext, Caller, Client, Event, LogLevel, Principal, Request};
pub use secret::Secret;
pub use settings::Settings;

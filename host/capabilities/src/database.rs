//! Databases for plugins: each plugin's own, and those of the operator, by label.
//!
//! A plugin opens a label, and gets what its grant says of it; each statement is judged again before it runs. One
//! statement per call, with values beside it and never in it. What a query finds is read whole, within the operator's
//! bounds, before the guest sees any of it: no guest ever holds a connection, a lock or a cursor while it thinks, but for
//! a transaction, which has a deadline.
//! Backends ([`backend`]) know one kind of database each; nothing above them does.

pub mod backend;
mod error;
mod holder;
pub mod postgres;
mod rows;
mod service;
pub mod sqlite;
mod url;
mod value;

pub use self::{
    error::DatabaseError,
    holder::Holder,
    rows::Rows,
    service::{Database, DatabaseSpec, OpenTransaction, PluginDatabases, own_file},
    url::{DatabaseUrl, UrlError},
    value::{Column, Table, Value},
};

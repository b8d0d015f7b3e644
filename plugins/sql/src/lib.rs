//! The plugin `sql`: explore and query the shared databases that the operator granted, SQLite and Postgres.
//!
//! What a statement may do is the host's to decide, by the grant; here only reading and changing are kept apart, so that
//! a client can let one pass and ask a person about the other.

use cofferdam_sdk::prelude::*;

mod bounds;
mod cell;
mod databases;
mod execute;
mod explain;
mod grid;
mod params;
mod query;
mod schema;
mod statement;
mod target;

plugin!(databases::databases, execute::execute, explain::explain, query::query, schema::schema);

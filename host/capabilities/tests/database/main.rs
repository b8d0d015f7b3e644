//! Databases as a plugin's calls use them, on real files of SQLite.

mod faults;
mod hostile;
mod limits;
mod migrations;
mod support;
mod transactions;
mod values;

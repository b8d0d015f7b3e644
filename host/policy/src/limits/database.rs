//! Ceilings of what a plugin does with databases.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{GIB, KIB, LimitError, MIB, within};
use crate::units::{Bytes, Count, Millis, Quantity};

limits! {
    /// What one plugin may use of each database.
    DatabaseLimits;
    /// What the operator may write of [`DatabaseLimits`].
    DatabaseLimitsConfig;

    /// Rows that one query gives. Default 10_000.
    rows: Count = 10_000, 1 => 1_000_000;
    /// The result of one query, all rows together. Default 4 MiB.
    result: Bytes = 4 * MIB, KIB => 64 * MIB;
    /// One value in SQLite, and one row of a table. Default 1 MiB.
    value: Bytes = MIB, KIB => 64 * MIB;
    /// The text of one statement, or of one step of a migration. Default 100 KiB.
    sql: Bytes = 100 * KIB, 256 => MIB;
    /// Values beside one statement. Default 1_000.
    parameters: Count = 1_000, 1 => 32_766;
    /// Lists of values for one statement that is run with many. Default 10_000.
    batch: Count = 10_000, 1 => 1_000_000;
    /// Wall-clock time of one statement, waiting for others included. Default 5s.
    statement: Millis = 5_000, 1 => 600_000;
    /// Wall-clock time of one transaction, from its beginning to its end; of one migration too. Default 10s.
    transaction: Millis = 10_000, 1 => 600_000;
    /// Connections of one plugin to one database at the same time; further statements wait. Default 4.
    connections: Count = 4, 1 => 64;
    /// The file of the plugin's own database. Default 64 MiB.
    size: Bytes = 64 * MIB, 256 * KIB => 256 * GIB;
}

/// Steps of one migration. Not for the operator to change.
pub const MIGRATION_STEPS: usize = 1_000;
/// Memory that SQLite takes in this process, for all plugins together. Not for the operator to change.
pub const SQLITE_HEAP: u64 = 512 * MIB;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_within_its_own_bounds() {
        let limits = DatabaseLimits::default();
        assert_eq!(limits.clone().with(&DatabaseLimitsConfig::from(&limits)).unwrap(), limits);
    }
}

//! Rows that are too large stay in the server: the driver reads a row whole before anyone can look at its size, and one
//! value may have a gigabyte.
//!
//! So a query with columns of no fixed size is sent within another one, which fails on such a row. The text around it is
//! the host's own; what is in it was judged to be one statement, and stands on lines of its own.

use std::fmt::Write as _;

use sqlx::{
    Column as _,
    postgres::{PgColumn, PgTypeInfo, PgTypeKind},
};

use super::{
    codec,
    gate::{Judged, Shape},
};

/// How the server's complaint about a row ends.
const MARK: &str = " bytes in a row";

/// The statement to send: itself, or the query around it.
pub(super) fn guarded(judged: &Judged, columns: &[PgColumn], bytes: u64) -> Option<String> {
    let large: Vec<usize> = columns
        .iter()
        .enumerate()
        .filter(|(_, column)| !is_bounded(column.type_info()))
        .map(|(at, _)| at)
        .collect();
    if large.is_empty() || judged.shape == Shape::Plain {
        return None;
    }
    let names = (0..columns.len()).map(|at| format!("c{at}")).collect::<Vec<_>>().join(", ");
    let sizes = large.iter().filter_map(|at| columns.get(*at).map(|column| size(*at, column.type_info())));
    let size = sizes.collect::<Vec<_>>().join(" + ");
    // A power of two: what is left of a call's bytes differs each time, and would make each statement a new one.
    let most = bytes.max(1).checked_next_power_of_two().unwrap_or(u64::MAX).min(1 << 40);
    let sql = &judged.sql;
    let mut text = String::with_capacity(sql.len() + size.len() * 2 + names.len() + 200);
    // Writing to a string doesn't fail. `OFFSET 0` keeps the planner from computing columns twice.
    let _ = match judged.shape {
        Shape::Returning => write!(text, "WITH r ({names}) AS (\n{sql}\n) SELECT * FROM r"),
        _ => write!(text, "SELECT * FROM (SELECT * FROM (\n{sql}\n) AS q OFFSET 0) AS r ({names})"),
    };
    let _ = write!(
        text,
        " WHERE CASE WHEN {size} > {most} THEN (({size})::text || '{MARK}')::int ELSE 1 END = 1"
    );
    Some(text)
}

/// Whether the words say that the query within has other columns than it had.
pub(super) fn is_out_of_date(message: &str) -> bool {
    message.starts_with("table \"r\" has ")
}

/// Whether the words are the complaint.
pub(super) fn is_hit(message: &str) -> bool {
    message.trim_end_matches('"').ends_with(MARK)
}

/// How large the row is, in the words of the complaint.
pub(super) fn found(message: &str) -> &str {
    message.rsplit_once(": \"").map_or("", |(_, found)| found.trim_end_matches('"'))
}

fn is_bounded(type_info: &PgTypeInfo) -> bool {
    match type_info.kind() {
        PgTypeKind::Simple | PgTypeKind::Pseudo => {
            type_info.oid().is_some_and(|oid| codec::is_bounded(oid.0))
        }
        PgTypeKind::Enum(_) => true,
        PgTypeKind::Domain(base) => is_bounded(base),
        PgTypeKind::Array(_) | PgTypeKind::Composite(_) | PgTypeKind::Range(_) => false,
    }
}

/// For text and bytes the server knows the size without looking at them.
fn size(at: usize, type_info: &PgTypeInfo) -> String {
    let plain = type_info.oid().is_some_and(|oid| codec::is_plain(oid.0));
    let text = if plain { "" } else { "::text" };
    format!("coalesce(octet_length(c{at}{text}), 0)::bigint")
}

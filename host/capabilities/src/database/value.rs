//! What goes into a database and comes out of it, in types of our own.

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// True or false. SQLite gives it back as [`Value::Int64`].
    Boolean(bool),
    /// A whole number.
    Int64(i64),
    /// A number.
    Float64(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A number with all its digits, as text. Postgres only, as those that follow.
    Decimal(String),
    /// A date, a time, or both, as in ISO 8601.
    Timestamp(String),
    /// A UUID.
    Uuid(String),
    /// JSON text.
    Json(String),
}

impl Value {
    /// What it counts as, where bytes are bounded: its own size, and a little for its place in a row.
    #[must_use]
    pub fn size(&self) -> usize {
        const PLACE: usize = 16;
        PLACE
            + match self {
                Self::Null | Self::Boolean(_) | Self::Int64(_) | Self::Float64(_) => 0,
                Self::Bytes(bytes) => bytes.len(),
                Self::Text(text)
                | Self::Decimal(text)
                | Self::Timestamp(text)
                | Self::Uuid(text)
                | Self::Json(text) => text.len(),
            }
    }
}

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name, or what the database makes up for one.
    pub name: String,
    /// Its type in the words of the database; empty where it has none.
    pub type_name: String,
}

/// All that a query found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each with a value per column.
    pub rows: Vec<Vec<Value>>,
}

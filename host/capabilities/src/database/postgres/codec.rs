//! Values to and from the server's binary forms.
//!
//! Types that have no form here are refused with what helps: a cast to text in the statement.

mod array;
mod decode;
mod encode;
mod interval;
mod numeric;
#[cfg(test)]
mod tests;
mod time;

pub(super) use decode::{column, value};
pub(super) use encode::Encoded;

/// The numbers of the server's own types.
mod oid {
    pub(super) const BOOL: u32 = 16;
    pub(super) const BYTEA: u32 = 17;
    pub(super) const CHAR: u32 = 18;
    pub(super) const NAME: u32 = 19;
    pub(super) const INT8: u32 = 20;
    pub(super) const INT2: u32 = 21;
    pub(super) const INT4: u32 = 23;
    pub(super) const TEXT: u32 = 25;
    pub(super) const OID: u32 = 26;
    pub(super) const JSON: u32 = 114;
    pub(super) const XML: u32 = 142;
    pub(super) const CIDR: u32 = 650;
    pub(super) const FLOAT4: u32 = 700;
    pub(super) const FLOAT8: u32 = 701;
    pub(super) const UNKNOWN: u32 = 705;
    pub(super) const INET: u32 = 869;
    pub(super) const BPCHAR: u32 = 1042;
    pub(super) const VARCHAR: u32 = 1043;
    pub(super) const DATE: u32 = 1082;
    pub(super) const TIME: u32 = 1083;
    pub(super) const TIMESTAMP: u32 = 1114;
    pub(super) const TIMESTAMPTZ: u32 = 1184;
    pub(super) const INTERVAL: u32 = 1186;
    pub(super) const TIMETZ: u32 = 1266;
    pub(super) const NUMERIC: u32 = 1700;
    pub(super) const UUID: u32 = 2950;
    pub(super) const JSONB: u32 = 3802;
    pub(super) const VOID: u32 = 2278;
}

/// Types whose values are short, whatever is in them.
pub(super) fn is_bounded(oid: u32) -> bool {
    use oid::{
        BOOL, CHAR, CIDR, DATE, FLOAT4, FLOAT8, INET, INT2, INT4, INT8, INTERVAL, NAME, NUMERIC, OID, TIME,
        TIMESTAMP, TIMESTAMPTZ, TIMETZ, UUID, VOID,
    };
    matches!(
        oid,
        BOOL | CHAR
            | CIDR
            | DATE
            | FLOAT4
            | FLOAT8
            | INET
            | INT2
            | INT4
            | INT8
            | INTERVAL
            | NAME
            | NUMERIC
            | OID
            | TIME
            | TIMESTAMP
            | TIMESTAMPTZ
            | TIMETZ
            | UUID
            | VOID
    )
}

/// Types that are bytes or text as they stand.
pub(super) fn is_plain(oid: u32) -> bool {
    matches!(oid, oid::TEXT | oid::VARCHAR | oid::BPCHAR | oid::BYTEA)
}

/// Takes big-endian numbers off the front.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    fn i16(&mut self) -> Option<i16> {
        self.array().map(i16::from_be_bytes)
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    fn i32(&mut self) -> Option<i32> {
        self.array().map(i32::from_be_bytes)
    }

    fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_be_bytes)
    }
}

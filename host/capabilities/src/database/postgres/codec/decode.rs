//! What the server sends, as values.

use sqlx::{
    TypeInfo as _, ValueRef as _,
    postgres::{PgTypeInfo, PgTypeKind, PgValueRef},
};

use super::{
    super::super::{Column, DatabaseError, Value},
    Reader, array,
    interval::Interval,
    numeric, oid, time,
};

/// A column, by its name and the server's word for its type.
pub(in super::super) fn column(name: &str, type_info: &PgTypeInfo) -> Column {
    Column { name: name.to_owned(), type_name: type_info.name().to_lowercase() }
}

/// The value of a field.
pub(in super::super) fn value(column: &str, raw: &PgValueRef<'_>) -> Result<Value, DatabaseError> {
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let type_info = raw.type_info();
    let decoded = raw.as_bytes().ok().and_then(|bytes| decode(&type_info, bytes));
    decoded.ok_or_else(|| {
        let type_name = type_info.name().to_lowercase();
        DatabaseError::Invalid(format!(
            "the column `{column}` is of the type {type_name}, which has no form here: cast it, as in `{column}::text`"
        ))
    })
}

fn decode(type_info: &PgTypeInfo, bytes: &[u8]) -> Option<Value> {
    match type_info.kind() {
        PgTypeKind::Simple => simple(type_info.oid()?.0, bytes),
        PgTypeKind::Enum(_) => text(bytes).map(Value::Text),
        PgTypeKind::Domain(base) => decode(base, bytes),
        PgTypeKind::Array(element) => {
            array::text(bytes, &|bytes| decode(element, bytes).as_ref().and_then(as_text)).map(Value::Text)
        }
        PgTypeKind::Pseudo if type_info.oid()?.0 == oid::VOID => Some(Value::Null),
        PgTypeKind::Pseudo | PgTypeKind::Composite(_) | PgTypeKind::Range(_) => None,
    }
}

fn simple(oid: u32, bytes: &[u8]) -> Option<Value> {
    let mut reader = Reader(bytes);
    let value = match oid {
        oid::BOOL => Value::Boolean(*bytes.first()? != 0),
        oid::INT2 => Value::Int64(reader.i16()?.into()),
        oid::INT4 => Value::Int64(reader.i32()?.into()),
        oid::INT8 => Value::Int64(reader.i64()?),
        oid::OID => Value::Int64(reader.array().map(u32::from_be_bytes)?.into()),
        oid::FLOAT4 => Value::Float64(reader.array().map(f32::from_be_bytes)?.into()),
        oid::FLOAT8 => Value::Float64(reader.array().map(f64::from_be_bytes)?),
        oid::NUMERIC => Value::Decimal(numeric::text(bytes)?),
        oid::BYTEA => Value::Bytes(bytes.to_vec()),
        oid::TEXT | oid::VARCHAR | oid::BPCHAR | oid::NAME | oid::CHAR | oid::XML | oid::UNKNOWN => {
            Value::Text(text(bytes)?)
        }
        oid::JSON => Value::Json(text(bytes)?),
        oid::JSONB => Value::Json(text(bytes.strip_prefix(&[1])?)?),
        oid::UUID => Value::Uuid(uuid(bytes.try_into().ok()?)),
        oid::INET | oid::CIDR => Value::Text(address(bytes, oid == oid::CIDR)?),
        oid::VOID => Value::Null,
        other => Value::Timestamp(moment(other, reader)?),
    };
    Some(value)
}

fn moment(oid: u32, mut reader: Reader<'_>) -> Option<String> {
    Some(match oid {
        oid::DATE => time::date(reader.i32()?),
        oid::TIME => time::time(reader.i64()?),
        oid::TIMETZ => format!("{}{}", time::time(reader.i64()?), time::zone(reader.i32()?)),
        oid::TIMESTAMP => time::timestamp(reader.i64()?, ""),
        oid::TIMESTAMPTZ => time::timestamp(reader.i64()?, "Z"),
        oid::INTERVAL => {
            let (micros, days, months) = (reader.i64()?, reader.i32()?, reader.i32()?);
            Interval { months, days, micros }.text()
        }
        _ => return None,
    })
}

fn text(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn uuid(bytes: [u8; 16]) -> String {
    let number = u128::from_be_bytes(bytes);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        number >> 96,
        (number >> 80) & 0xFFFF,
        (number >> 64) & 0xFFFF,
        (number >> 48) & 0xFFFF,
        number & 0xFFFF_FFFF_FFFF
    )
}

fn address(bytes: &[u8], network: bool) -> Option<String> {
    let mut reader = Reader(bytes);
    let [_, bits, _, length] = reader.array::<4>()?;
    let (address, full) = match length {
        4 => (std::net::IpAddr::from(reader.array::<4>()?), 32),
        16 => (std::net::IpAddr::from(reader.array::<16>()?), 128),
        _ => return None,
    };
    Some(if bits == full && !network { address.to_string() } else { format!("{address}/{bits}") })
}

/// An element of an array, as the server writes it.
fn as_text(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Boolean(value) => if *value { "t" } else { "f" }.to_owned(),
        Value::Int64(value) => value.to_string(),
        Value::Float64(value) if value.is_infinite() => {
            if *value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
        }
        Value::Float64(value) => value.to_string(),
        Value::Bytes(bytes) => format!("\\x{}", hex(bytes)),
        Value::Text(text)
        | Value::Decimal(text)
        | Value::Timestamp(text)
        | Value::Uuid(text)
        | Value::Json(text) => text.clone(),
    })
}

//! A plugin's values in the form of what the statement expects there: the server says which type each one has.

use std::error::Error as StdError;

use sqlx::{
    Encode, Postgres, Type, TypeInfo as _,
    encode::IsNull,
    postgres::{PgArgumentBuffer, PgTypeInfo, PgTypeKind},
};

use super::{
    super::super::{DatabaseError, Value},
    array,
    interval::Interval,
    numeric, oid,
    time::{self, Moment},
};

/// A value in the server's form, or none.
#[derive(Debug)]
pub(in super::super) struct Encoded {
    bytes: Option<Vec<u8>>,
    type_info: PgTypeInfo,
}

impl Encoded {
    /// The value in the form of a type; `number` is that of the value, from 1 on.
    pub(in super::super) fn new(
        value: &Value,
        type_info: &PgTypeInfo,
        number: usize,
    ) -> Result<Self, DatabaseError> {
        let bytes = match value {
            Value::Null => None,
            value => {
                Some(encode(value, type_info).map_err(|wrong| wrong.into_error(value, type_info, number))?)
            }
        };
        Ok(Self { bytes, type_info: type_info.clone() })
    }
}

impl Type<Postgres> for Encoded {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("text")
    }

    fn compatible(_: &PgTypeInfo) -> bool {
        true
    }
}

impl Encode<'_, Postgres> for Encoded {
    fn encode_by_ref(
        &self,
        buffer: &mut PgArgumentBuffer,
    ) -> Result<IsNull, Box<dyn StdError + Send + Sync>> {
        match &self.bytes {
            None => Ok(IsNull::Yes),
            Some(bytes) => {
                buffer.extend_from_slice(bytes);
                Ok(IsNull::No)
            }
        }
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(self.type_info.clone())
    }
}

/// Why a value has no form of a type.
enum Wrong {
    /// The type has none here.
    Type,
    /// This value is none of that type.
    Value(&'static str),
    /// NUL, which no text of the server's has.
    Nul,
}

impl Wrong {
    fn into_error(self, value: &Value, type_info: &PgTypeInfo, number: usize) -> DatabaseError {
        let type_name = type_info.name().to_lowercase();
        DatabaseError::Invalid(match self {
            Self::Nul => format!("the value ${number} has a NUL, which text in Postgres can't have"),
            Self::Value(expected) => {
                format!(
                    "the value ${number} is {}, and the statement expects {type_name} there: {expected}",
                    kind(value)
                )
            }
            Self::Type => format!(
                "the statement expects {type_name} for ${number}, which has no form here: write `${number}::text::{type_name}` \
                 and send text"
            ),
        })
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Boolean(_) => "a boolean",
        Value::Int64(_) => "a whole number",
        Value::Float64(_) => "a number",
        Value::Text(_) => "text",
        Value::Bytes(_) => "bytes",
        Value::Decimal(_) => "a decimal",
        Value::Timestamp(_) => "a timestamp",
        Value::Uuid(_) => "a UUID",
        Value::Json(_) => "JSON",
    }
}

fn encode(value: &Value, type_info: &PgTypeInfo) -> Result<Vec<u8>, Wrong> {
    match type_info.kind() {
        PgTypeKind::Simple => simple(value, type_info.oid().ok_or(Wrong::Type)?.0),
        PgTypeKind::Enum(_) => words(value),
        PgTypeKind::Domain(base) => encode(value, base),
        PgTypeKind::Array(element) => list(value, element),
        PgTypeKind::Pseudo | PgTypeKind::Composite(_) | PgTypeKind::Range(_) => Err(Wrong::Type),
    }
}

fn simple(value: &Value, oid: u32) -> Result<Vec<u8>, Wrong> {
    match oid {
        oid::BOOL => boolean(value),
        oid::INT2 => {
            integer(value).and_then(|n| i16::try_from(n).map_err(|_| RANGE)).map(|n| n.to_be_bytes().into())
        }
        oid::INT4 => {
            integer(value).and_then(|n| i32::try_from(n).map_err(|_| RANGE)).map(|n| n.to_be_bytes().into())
        }
        oid::INT8 => integer(value).map(|n| n.to_be_bytes().into()),
        oid::OID => {
            integer(value).and_then(|n| u32::try_from(n).map_err(|_| RANGE)).map(|n| n.to_be_bytes().into())
        }
        oid::FLOAT4 => float(value).and_then(narrow).map(|n| n.to_be_bytes().into()),
        oid::FLOAT8 => float(value).map(|n| n.to_be_bytes().into()),
        oid::NUMERIC => decimal(value),
        oid::BYTEA => match value {
            Value::Bytes(bytes) => Ok(bytes.clone()),
            _ => Err(Wrong::Value("send bytes")),
        },
        oid::TEXT | oid::VARCHAR | oid::BPCHAR | oid::NAME | oid::XML | oid::UNKNOWN => words(value),
        oid::JSON => json(value),
        oid::JSONB => json(value).map(|json| [1].into_iter().chain(json).collect()),
        oid::UUID => uuid(value),
        oid::DATE | oid::TIME | oid::TIMETZ | oid::TIMESTAMP | oid::TIMESTAMPTZ | oid::INTERVAL => {
            moment(value, oid)
        }
        _ => Err(Wrong::Type),
    }
}

const RANGE: Wrong = Wrong::Value("it is out of range");

fn boolean(value: &Value) -> Result<Vec<u8>, Wrong> {
    let value = match value {
        Value::Boolean(value) => *value,
        Value::Text(text) => match text.as_str() {
            "t" | "true" => true,
            "f" | "false" => false,
            _ => return Err(Wrong::Value("send a boolean")),
        },
        _ => return Err(Wrong::Value("send a boolean")),
    };
    Ok(vec![value.into()])
}

fn integer(value: &Value) -> Result<i64, Wrong> {
    match value {
        Value::Int64(number) => Ok(*number),
        Value::Text(text) | Value::Decimal(text) => {
            text.trim().parse().map_err(|_| Wrong::Value("expected the digits of a whole number in range"))
        }
        _ => Err(Wrong::Value("send a whole number")),
    }
}

fn float(value: &Value) -> Result<f64, Wrong> {
    const EXPECTED: Wrong = Wrong::Value("expected a number");
    match value {
        Value::Float64(number) => Ok(*number),
        Value::Int64(number) => {
            // Beyond 2^53 not every whole number has a double of its own.
            #[expect(clippy::cast_precision_loss, reason = "checked on the way back")]
            let float = *number as f64;
            #[expect(clippy::cast_possible_truncation, reason = "compared with what it was made of")]
            let same = float as i128 == i128::from(*number);
            if same { Ok(float) } else { Err(Wrong::Value("it has more digits than such a number keeps")) }
        }
        Value::Text(text) | Value::Decimal(text) => text.trim().parse().map_err(|_| EXPECTED),
        _ => Err(EXPECTED),
    }
}

fn narrow(number: f64) -> Result<f32, Wrong> {
    #[expect(clippy::cast_possible_truncation, reason = "it is rounded, as the server would")]
    let narrow = number as f32;
    if narrow.is_infinite() && number.is_finite() { Err(RANGE) } else { Ok(narrow) }
}

fn decimal(value: &Value) -> Result<Vec<u8>, Wrong> {
    let text = match value {
        Value::Int64(number) => number.to_string(),
        Value::Float64(number) => number.to_string(),
        Value::Text(text) | Value::Decimal(text) => text.trim().to_owned(),
        _ => return Err(Wrong::Value("expected a number")),
    };
    numeric::bytes(&text)
        .ok_or(Wrong::Value("expected a number, with at most 131072 digits before and 16383 after the point"))
}

fn words(value: &Value) -> Result<Vec<u8>, Wrong> {
    let text = match value {
        Value::Text(text)
        | Value::Decimal(text)
        | Value::Timestamp(text)
        | Value::Uuid(text)
        | Value::Json(text) => text.clone(),
        Value::Int64(number) => number.to_string(),
        Value::Boolean(value) => value.to_string(),
        Value::Float64(number) => number.to_string(),
        Value::Null | Value::Bytes(_) => return Err(Wrong::Value("send text")),
    };
    if text.contains('\0') { Err(Wrong::Nul) } else { Ok(text.into_bytes()) }
}

fn json(value: &Value) -> Result<Vec<u8>, Wrong> {
    match value {
        Value::Boolean(_) | Value::Int64(_) | Value::Text(_) | Value::Json(_) => words(value),
        Value::Float64(number) if number.is_finite() => words(value),
        _ => Err(Wrong::Value("send JSON")),
    }
}

fn uuid(value: &Value) -> Result<Vec<u8>, Wrong> {
    const EXPECTED: Wrong = Wrong::Value("expected 32 hexadecimal digits, with or without hyphens");
    let (Value::Uuid(text) | Value::Text(text)) = value else { return Err(EXPECTED) };
    let digits: String = text.trim_matches(['{', '}']).chars().filter(|c| *c != '-').collect();
    if digits.len() != 32 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(EXPECTED);
    }
    u128::from_str_radix(&digits, 16).map(|number| number.to_be_bytes().into()).map_err(|_| EXPECTED)
}

fn moment(value: &Value, oid: u32) -> Result<Vec<u8>, Wrong> {
    let (Value::Timestamp(text) | Value::Text(text)) = value else {
        return Err(Wrong::Value("send a timestamp"));
    };
    let text = text.trim();
    if oid == oid::INTERVAL {
        let interval = Interval::parse(text)
            .ok_or(Wrong::Value("expected a span such as P1DT2H, `1 day 02:00` or `3 months`"))?;
        let parts = [interval.days, interval.months].map(i32::to_be_bytes);
        return Ok(interval.micros.to_be_bytes().into_iter().chain(parts.concat()).collect());
    }
    let infinite = match text {
        "infinity" => Some((i32::MAX, i64::MAX)),
        "-infinity" => Some((i32::MIN, i64::MIN)),
        _ => None,
    };
    match (oid, infinite) {
        (oid::DATE, Some((days, _))) => return Ok(days.to_be_bytes().into()),
        (oid::TIMESTAMP | oid::TIMESTAMPTZ, Some((_, micros))) => return Ok(micros.to_be_bytes().into()),
        _ => {}
    }
    Moment::parse(text)
        .and_then(|moment| of_moment(moment, oid))
        .ok_or(Wrong::Value("expected ISO 8601, such as 2024-05-01, 12:30:00 or 2024-05-01T12:30:00+02:00"))
}

fn of_moment(moment: Moment, oid: u32) -> Option<Vec<u8>> {
    Some(match oid {
        oid::DATE => i32::try_from(moment.days?).ok()?.to_be_bytes().into(),
        oid::TIME => moment.micros?.to_be_bytes().into(),
        oid::TIMETZ => {
            let west = i32::try_from(-moment.east.unwrap_or(0)).ok()?;
            moment.micros?.to_be_bytes().into_iter().chain(west.to_be_bytes()).collect()
        }
        // As the server does, a zone that is given where none is kept is left out.
        oid::TIMESTAMP => moment.instant()?.to_be_bytes().into(),
        // The session's own zone is UTC.
        oid::TIMESTAMPTZ => moment
            .instant()?
            .checked_sub(moment.east.unwrap_or(0) * (time::DAY / 86_400))?
            .to_be_bytes()
            .into(),
        _ => return None,
    })
}

fn list(value: &Value, element: &PgTypeInfo) -> Result<Vec<u8>, Wrong> {
    const EXPECTED: Wrong = Wrong::Value("expected a list as in {1,2,3} or [1,2,3]");
    let (Value::Text(text) | Value::Json(text)) = value else { return Err(EXPECTED) };
    let oid = element.oid().ok_or(Wrong::Type)?.0;
    let encode_one = |one: Option<String>| one.map(|text| encode(&Value::Text(text), element)).transpose();
    let elements = array::elements(text).ok_or(EXPECTED)?;
    let elements = elements.into_iter().map(encode_one).collect::<Result<Vec<_>, _>>()?;
    array::bytes(oid, &elements).ok_or(EXPECTED)
}

//! One value of a result: as JSON for programs, as text for people and models.

use cofferdam_sdk::db::Value;

use crate::bounds::{MAX_CELL, MAX_SHOWN, clip};

/// As JSON. Numbers keep all their digits, bytes are in hexadecimal, and long texts are cut.
pub(crate) fn json(value: Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Boolean(value) => value.into(),
        Value::Int64(number) => number.into(),
        Value::Float64(number) if number.is_finite() => number.into(),
        Value::Float64(number) => number.to_string().into(),
        Value::Bytes(bytes) => hex(&bytes).into(),
        Value::Json(text) if text.len() <= MAX_CELL => {
            serde_json::from_str(&text).unwrap_or_else(|_| text.into())
        }
        Value::Json(text)
        | Value::Text(text)
        | Value::Decimal(text)
        | Value::Timestamp(text)
        | Value::Uuid(text) => clip(&text, MAX_CELL).into(),
    }
}

/// As text in a cell of a Markdown table.
pub(crate) fn shown(value: &serde_json::Value) -> String {
    let text = match value {
        serde_json::Value::Null => return String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    clip(&text, MAX_SHOWN)
        .replace('\\', "\\\\")
        .replace('|', "\\|")
        .replace("\r\n", "⏎")
        .replace(['\n', '\r'], "⏎")
}

fn hex(bytes: &[u8]) -> String {
    let shown = bytes.iter().take(MAX_CELL / 2);
    let digits: String = shown.map(|byte| format!("{byte:02x}")).collect();
    let rest = bytes.len().saturating_sub(MAX_CELL / 2);
    if rest == 0 { format!("0x{digits}") } else { format!("0x{digits}… (+{rest} bytes)") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cofferdam_sdk::prelude::*;

    #[test]
    fn values_are_readable_json() {
        for (value, expected) in [
            (Value::Null, json!(null)),
            (Value::Int64(i64::MAX), json!(i64::MAX)),
            (Value::Float64(f64::NAN), json!("NaN")),
            (Value::Bytes(vec![0, 255]), json!("0x00ff")),
            (Value::Decimal("1.10".to_owned()), json!("1.10")),
            (Value::Json("{\"a\":[1]}".to_owned()), json!({"a": [1]})),
            (Value::Json("{".to_owned()), json!("{")),
        ] {
            assert_eq!(json(value), expected);
        }
        let long = json(Value::Text("ü".repeat(MAX_CELL + 1)));
        assert_eq!(long, json!(format!("{}… (+1 characters)", "ü".repeat(MAX_CELL))));
        let bytes = json(Value::Bytes(vec![1; MAX_CELL])).to_string();
        assert!(bytes.ends_with("01… (+10000 bytes)\""), "{}", bytes.len());
    }

    #[test]
    fn a_cell_stays_in_its_row() {
        assert_eq!(shown(&json!("a|b\\\r\nc\n")), "a\\|b\\\\⏎c⏎");
        assert_eq!(shown(&json!(null)), "");
        assert_eq!(shown(&json!([1, "x"])), "[1,\"x\"]");
    }
}

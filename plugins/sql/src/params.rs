//! The values of a statement, from JSON.

use cofferdam_sdk::db::Value;
use cofferdam_sdk::prelude::*;

/// A list of values for a statement.
pub(crate) fn values(params: Vec<serde_json::Value>) -> Result<Vec<Value>> {
    params.into_iter().enumerate().map(|(index, param)| value(index, param)).collect()
}

fn value(index: usize, param: serde_json::Value) -> Result<Value> {
    Ok(match param {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Boolean(value),
        serde_json::Value::String(text) => Value::Text(text),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::Int64(whole),
            (None, Some(float)) if !number.is_u64() => Value::Float64(float),
            _ => {
                return Err(ToolError::invalid(format!(
                    "`params[{index}]` is {number}, which is more than 64 bits with a sign: give it as text"
                )));
            }
        },
        json => Value::from(json),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_values_become_the_databases() {
        let params = json!([null, true, -7, 0.5, "text", [1], {"a": 1}]);
        let expected = vec![
            Value::Null,
            Value::Boolean(true),
            Value::Int64(-7),
            Value::Float64(0.5),
            Value::Text("text".to_owned()),
            Value::Json("[1]".to_owned()),
            Value::Json("{\"a\":1}".to_owned()),
        ];
        assert_eq!(values(params.as_array().unwrap().clone()), Ok(expected));
        let large =
            "`params[0]` is 18446744073709551615, which is more than 64 bits with a sign: give it as text";
        assert_eq!(values(vec![json!(u64::MAX)]), Err(ToolError::invalid(large)));
    }
}

//! A value made small enough, with its shape kept: lists, objects and texts say how much of them is missing.

use serde_json::{Map, Value};

/// How much is kept of each: entries of a list, keys of an object, characters of a text, levels.
#[derive(Clone, Copy)]
struct Keep {
    items: usize,
    keys: usize,
    chars: usize,
    depth: usize,
}

/// From the most to the least.
const STEPS: &[Keep] = &[
    Keep { items: 1_000, keys: 1_000, chars: 4_000, depth: 100 },
    Keep { items: 200, keys: 500, chars: 2_000, depth: 100 },
    Keep { items: 100, keys: 200, chars: 1_000, depth: 100 },
    Keep { items: 50, keys: 100, chars: 500, depth: 20 },
    Keep { items: 20, keys: 60, chars: 300, depth: 10 },
    Keep { items: 10, keys: 40, chars: 200, depth: 8 },
    Keep { items: 5, keys: 30, chars: 120, depth: 6 },
    Keep { items: 3, keys: 20, chars: 80, depth: 5 },
    Keep { items: 2, keys: 15, chars: 60, depth: 4 },
    Keep { items: 1, keys: 10, chars: 40, depth: 3 },
    Keep { items: 1, keys: 8, chars: 20, depth: 2 },
];

/// The value, or what of it has about `max` characters as JSON. Whether something is missing.
pub(super) fn fit(value: Value, max: usize) -> (Value, bool) {
    if size(&value) <= max {
        return (value, false);
    }
    let smaller = STEPS.iter().map(|keep| cut(&value, *keep, 0)).find(|smaller| size(smaller) <= max);
    let least = Keep { items: 1, keys: 3, chars: 20, depth: 1 };
    (smaller.unwrap_or_else(|| cut(&value, least, 0)), true)
}

fn size(value: &Value) -> usize {
    value.to_string().chars().count()
}

fn cut(value: &Value, keep: Keep, depth: usize) -> Value {
    match value {
        Value::Array(list) if depth >= keep.depth && !list.is_empty() => {
            Value::String(format!("… a list of {}", list.len()))
        }
        Value::Object(map) if depth >= keep.depth && !map.is_empty() => {
            Value::String(format!("… an object of {}", map.len()))
        }
        Value::Array(list) => {
            let shown = list.iter().take(keep.items).map(|item| cut(item, keep, depth + 1));
            let missing = list.len().saturating_sub(keep.items);
            shown.chain((missing > 0).then(|| Value::String(format!("… {missing} more")))).collect()
        }
        Value::Object(map) => {
            let mut shown: Map<_, _> = map
                .iter()
                .take(keep.keys)
                .map(|(key, value)| (short(key, keep.chars), cut(value, keep, depth + 1)))
                .collect();
            let missing = map.len().saturating_sub(keep.keys);
            if missing > 0 {
                shown.insert("…".to_owned(), Value::String(format!("{missing} more keys")));
            }
            Value::Object(shown)
        }
        Value::String(text) => Value::String(short(text, keep.chars)),
        other => other.clone(),
    }
}

fn short(text: &str, chars: usize) -> String {
    let total = text.chars().count();
    if total <= chars {
        return text.to_owned();
    }
    let shown: String = text.chars().take(chars).collect();
    format!("{shown}… ({} more characters)", total - chars)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_fits_stays_as_it_is() {
        let value = json!({"a": [1, 2, {"b": "x".repeat(100)}]});
        assert_eq!(fit(value.clone(), 200), (value, false));
    }

    #[test]
    fn what_is_large_keeps_its_shape_and_fits() {
        let item = json!({"name": "x".repeat(50), "tags": ["a", "b"], "inner": {"deep": [1, 2, 3]}});
        let value = json!({"items": vec![item; 1_000], "count": 1_000});
        for max in [300, 1_000, 5_000, 20_000] {
            let (smaller, is_cut) = fit(value.clone(), max);
            assert!(is_cut && size(&smaller) <= max, "{smaller}");
            assert_eq!(smaller["count"], 1_000);
            assert_eq!(
                smaller["items"][0]["name"].as_str().map(|name| name.starts_with("xxxxx")),
                Some(true)
            );
        }
    }

    #[test]
    fn wide_and_long_values_are_cut_too() {
        let wide: Map<_, _> = (0..10_000).map(|n| (format!("{n}{}", "k".repeat(500)), json!(n))).collect();
        for value in [
            Value::Object(wide),
            json!("x".repeat(1_000_000)),
            json!(vec![vec![vec!["x".repeat(99); 99]; 99]; 9]),
        ] {
            let (smaller, is_cut) = fit(value, 400);
            assert!(is_cut && size(&smaller) <= 400, "{smaller}");
        }
    }
}

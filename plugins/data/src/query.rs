//! The tool `query`: JSONPath (RFC 9535).
//!
//! The library evaluates the path on values whose numbers have 64 bits; what it points at is then taken from
//! the exact values.

use cofferdam_sdk::prelude::*;
use serde_json_path::{JsonPath, NormalizedPath, PathElement};

use crate::input::Input;
use crate::json::Json;
use crate::page::Paging;

mod functions;

/// The data, and the path into it.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    #[serde(flatten)]
    input: Input,
    /// A JSONPath (RFC 9535), e.g. `$.orders[?@.total > 100].id`, `$..price`, `$.items[0:3]`,
    /// `$[?match(@.name, 'A.*')]`. CSV and JSON Lines are queried as an array: `$[*].column`.
    #[schemars(length(min = 1, max = 2000))]
    path: String,
    #[serde(flatten)]
    paging: Paging,
}

/// The values of one page.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Found {
    /// How many values the path selects.
    pub(crate) total: usize,
    /// The values, in the order of the data.
    pub(crate) results: Vec<Node>,
    /// Whether values are missing after these.
    pub(crate) truncated: bool,
    /// The `offset` that returns the next values; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_offset: Option<usize>,
}

/// One selected value.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Node {
    /// Where it is, as a normalized path, e.g. `$['orders'][0]['id']`.
    pub(crate) path: String,
    /// The value.
    pub(crate) value: Json,
}

/// Take values out of JSON with a JSONPath (RFC 9535): members, slices, wildcards, descendants, filters with
/// comparisons and functions. Use it to get at parts of nested JSON; every value comes with its place.
#[tool(title = "Query JSON", read_only, idempotent, open_world = false)]
pub(crate) fn query(args: Args) -> Result<Found> {
    let path = JsonPath::parse(args.path.trim()).map_err(|error| refused(&args.path, &error))?;
    let json = args.input.json()?;
    let value = json.to_value();
    let selected = path.query_located(&value);
    let nodes: Vec<_> =
        selected.locations().filter_map(|place| Some((place.to_string(), at(&json, place)?))).collect();
    let total = nodes.len();
    let page = args.paging.cut(nodes, |(path, value)| path.len() + value.to_json().len() + 20);
    let results = page.items.into_iter().map(|(path, value)| Node { path, value: value.clone() }).collect();
    Ok(Found { total, results, truncated: page.truncated, next_offset: page.next_offset })
}

fn at<'a>(json: &'a Json, place: &NormalizedPath<'_>) -> Option<&'a Json> {
    place.iter().try_fold(json, |json, element| child(json, element))
}

fn child<'a>(json: &'a Json, element: &PathElement<'_>) -> Option<&'a Json> {
    match (json, element) {
        (Json::Object(members), PathElement::Name(name)) => members.get(*name),
        (Json::Array(elements), PathElement::Index(index)) => elements.get(*index),
        _ => None,
    }
}

fn refused(path: &str, error: &serde_json_path::ParseError) -> ToolError {
    let hint = if path.trim_start().starts_with('$') {
        "strings are quoted as 'text', filters are written [?@.key == 'value']"
    } else {
        "a path begins with `$`, e.g. `$.key[0]`"
    };
    ToolError::invalid(format!(
        "`path` is not a JSONPath: {} at character {}; {hint}",
        error.message(),
        error.position()
    ))
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock;

    use super::*;

    const STORE: &str = r#"{"books":[
        {"title":"Sayings","price":8.950,"isbn":12345678901234567890123},
        {"title":"Moby Dick","price":8.99,"tags":["sea","whale"]},
        {"title":"Rings","price":22.99}],"owner":{"name":"Ann"}}"#;

    fn values(data: &str, path: &str) -> String {
        let found = mock::Host::new().call::<query>(json!({"data": data, "path": path})).unwrap();
        Json::Array(found.results.into_iter().map(|node| node.value).collect()).to_json()
    }

    #[test]
    fn paths_select_values_with_all_their_digits() {
        for (path, expected) in [
            ("$.books[0].price", "[8.950]"),
            ("$.books[0].isbn", "[12345678901234567890123]"),
            ("$..title", r#"["Sayings","Moby Dick","Rings"]"#),
            ("$.books[?@.price < 10].title", r#"["Sayings","Moby Dick"]"#),
            ("$.books[-1:].title", r#"["Rings"]"#),
            ("$.books[?length(@.tags) == 2].tags[1]", r#"["whale"]"#),
            ("$.books[?match(@.title, 'R.*')].price", "[22.99]"),
            ("$.books[?search(@.title, 'o')].title", r#"["Moby Dick"]"#),
            ("$.nothing", "[]"),
            ("$.owner", r#"[{"name":"Ann"}]"#),
        ] {
            assert_eq!(values(STORE, path), expected, "{path}");
        }
    }

    #[test]
    fn tables_are_queried_as_arrays() {
        assert_eq!(values("a,b\n1,x\n2,y", "$[?@.a > 1].b"), r#"["y"]"#);
        assert_eq!(values("{\"a\":1}\n{\"a\":2}", "$[*].a"), "[1,2]");
    }

    #[test]
    fn every_value_has_its_place_and_pages_follow() {
        let args = json!({"data": STORE, "path": "$..price", "limit": 1, "offset": 1});
        let found = mock::Host::new().call::<query>(args).unwrap();
        assert_eq!((found.total, found.truncated, found.next_offset), (3, true, Some(2)));
        assert_eq!(found.results[0].path, "$['books'][1]['price']");
    }

    #[test]
    fn a_wrong_path_is_refused_with_the_place() {
        for (path, expected) in
            [("books[0]", "a path begins with `$`"), ("$.books[?(@.x = 1)]", "filters are written")]
        {
            let error = mock::Host::new()
                .call::<query>(json!({"data": STORE, "path": path}))
                .unwrap_err()
                .to_string();
            assert!(error.starts_with("`path` is not a JSONPath: ") && error.contains(expected), "{error}");
        }
    }
}

//! The cache as authors use it, in the mock host.

use std::cell::Cell;

use cofferdam_sdk::mock::Host;
use cofferdam_sdk::prelude::*;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Page {
    title: String,
    length: u32,
}

fn page(title: &str) -> Page {
    Page { title: title.to_owned(), length: 3 }
}

/// Count visits.
#[tool]
fn visits(_: NoArgs, cache: Cache) -> Result<i64> {
    cache.increment("visits", 1, hours(1))
}

#[test]
fn a_value_outlives_the_call_and_goes_at_its_time() {
    let host = Host::new();
    assert_eq!(host.call::<visits>(json!({})), Ok(1));
    host.advance(minutes(59));
    assert_eq!(host.call::<visits>(json!({})), Ok(2));
    host.advance(seconds(59));
    assert_eq!(host.call::<visits>(json!({})), Ok(3));
    // The counter's time is that of its start.
    host.advance(seconds(1));
    assert_eq!(host.call::<visits>(json!({})), Ok(1));
    assert_eq!(Host::new().call::<visits>(json!({})), Ok(1));
}

#[test]
fn values_are_json_and_bytes_are_bytes() {
    let cache: Cache = Host::new().handle();
    cache.set("page", &page("a"), None).unwrap();
    assert_eq!(cache.get("page"), Ok(Some(page("a"))));
    assert_eq!(cache.get_bytes("page").unwrap().unwrap(), br#"{"title":"a","length":3}"#);
    cache.set_bytes("bytes", [0xff, 0], minutes(1)).unwrap();
    assert_eq!(cache.get_bytes("bytes"), Ok(Some(vec![0xff, 0])));
    assert_eq!(
        cache.get_many(&["none", "page", "bytes"]),
        Ok(vec![None, Some(page("a")), None]),
        "what is no page is as if it weren't there"
    );
    assert_eq!(cache.get_many_bytes(&["bytes", "none"]), Ok(vec![Some(vec![0xff, 0]), None]));
    cache.delete("page").unwrap();
    assert_eq!(cache.get::<Page>("page"), Ok(None));
}

#[test]
fn only_the_first_one_is_kept_where_nothing_may_be_replaced() {
    let cache: Cache = Host::new().handle();
    assert_eq!(cache.set_if_absent("key", "first", minutes(1)), Ok(true));
    assert_eq!(cache.set_if_absent("key", "second", minutes(1)), Ok(false));
    assert_eq!(cache.set_bytes_if_absent("key", "third", minutes(1)), Ok(false));
    assert_eq!(cache.get("key"), Ok(Some("first".to_owned())));
}

#[test]
fn a_value_is_computed_once_in_its_time() {
    let host = Host::new();
    let cache: Cache = host.handle();
    let computed = Cell::new(0);
    let get = || {
        cache.get_or_insert("key", minutes(10), || {
            computed.set(computed.get() + 1);
            Ok(page(&computed.get().to_string()))
        })
    };
    assert_eq!((get(), get()), (Ok(page("1")), Ok(page("1"))));
    host.advance(minutes(10));
    assert_eq!((get(), get()), (Ok(page("2")), Ok(page("2"))));
    // An earlier version of the plugin kept something else.
    cache.set("key", &7, None).unwrap();
    assert_eq!((get(), get()), (Ok(page("3")), Ok(page("3"))));
    let bytes = || cache.get_or_insert_bytes("bytes", None, || Ok(vec![computed.replace(0)]));
    assert_eq!((bytes(), bytes()), (Ok(vec![3]), Ok(vec![3])));
}

#[test]
fn a_computation_that_fails_keeps_nothing() {
    let cache: Cache = Host::new().handle();
    let failed: Result<Page> =
        cache.get_or_insert("key", minutes(10), || Err(ToolError::not_found("no such page")));
    assert_eq!(failed, Err(ToolError::not_found("no such page")));
    assert_eq!(cache.get_or_insert("key", minutes(10), || Ok(page("a"))), Ok(page("a")));
}

#[test]
fn a_tool_works_without_the_cache_where_it_only_saves_work() {
    let host = Host::new().without_cache();
    let cache: Cache = host.handle();
    assert_eq!(cache.get_or_insert("key", None, || Ok(page("a"))), Ok(page("a")));
    assert_eq!(cache.get_or_insert_bytes("key", None, || Ok(vec![1])), Ok(vec![1]));
    assert_eq!(host.call::<visits>(json!({})), Err(ToolError::unavailable("the cache doesn't answer")));
}

#[test]
fn what_is_wrong_is_told_as_in_a_component() {
    let cache: Cache = Host::new().handle();
    let long = "the key has 513 bytes, and a key of the cache has 1 to 512";
    assert_eq!(cache.get::<Page>("k".repeat(513)), Err(ToolError::failed(long)));
    assert_eq!(cache.get_or_insert("k".repeat(513), None, || Ok(1)), Err(ToolError::failed(long)));
    cache.set("key", "text", None).unwrap();
    let text = "what is under this key is no whole number, so nothing can be added to it";
    assert_eq!(cache.increment("key", 1, None), Err(ToolError::failed(text)));
    cache.set("key", &i64::MAX, None).unwrap();
    let large = "9223372036854775807 and 1 are more than a number of the cache can be: it has 64 bits";
    assert_eq!(cache.increment("key", 1, None), Err(ToolError::failed(large)));
    assert_eq!(cache.get("key"), Ok(Some(i64::MAX)));
}

//! What several hosts have in common, and what stays a plugin's own.

use cofferdam_capabilities::{
    CacheError,
    cache::{Claimed, Holder},
};
use cofferdam_policy::{
    CacheLimits,
    units::{Bytes, Count, Quantity as _},
};

use super::{HOUR, cache, config, plain, server::Redis};

#[tokio::test]
async fn what_one_host_keeps_the_others_have() {
    let redis = Redis::start();
    let (one, other) = (plain(&redis.url(), "a"), plain(&redis.url(), "a"));
    one.set("key", "value", None).await.unwrap();
    assert_eq!(other.get("key").await.unwrap().as_deref(), Some(&b"value"[..]));
    let keys = ["none".to_owned(), "key".to_owned()];
    let many = other.get_many(&keys, |_| Ok::<_, ()>(())).await.unwrap().unwrap();
    assert_eq!(many, [None, Some("value".into())]);
    other.delete("key").await.unwrap();
    assert_eq!(one.get("key").await.unwrap(), None);
    drop((one, other));
    let later = plain(&redis.url(), "a");
    later.set("bytes", vec![0, 255, 13, 10], None).await.unwrap();
    assert_eq!(plain(&redis.url(), "a").get("bytes").await.unwrap().as_deref(), Some(&[0, 255, 13, 10][..]));
}

#[tokio::test]
async fn memory_is_behind_for_as_long_as_it_may_be_and_no_longer() {
    let redis = Redis::start();
    let lazy =
        cache(super::RemoteConfig { stale: HOUR, ..config(&redis.url()) }, "a", CacheLimits::default());
    let (eager, other) = (plain(&redis.url(), "a"), plain(&redis.url(), "a"));
    other.set("key", "old", None).await.unwrap();
    assert_eq!(lazy.get("key").await.unwrap().as_deref(), Some(&b"old"[..]));
    assert_eq!(eager.get("key").await.unwrap().as_deref(), Some(&b"old"[..]));
    other.set("key", "new", None).await.unwrap();
    assert_eq!(lazy.get("key").await.unwrap().as_deref(), Some(&b"old"[..]));
    assert_eq!(eager.get("key").await.unwrap().as_deref(), Some(&b"new"[..]));
    lazy.set("key", "newest", None).await.unwrap();
    assert_eq!(lazy.get("key").await.unwrap().as_deref(), Some(&b"newest"[..]));
    assert_eq!(eager.get("key").await.unwrap().as_deref(), Some(&b"newest"[..]));
}

#[tokio::test]
async fn counters_of_all_hosts_are_one() {
    let redis = Redis::start();
    let hosts = [plain(&redis.url(), "a"), plain(&redis.url(), "a")];
    let adding = (0..200).map(|index| hosts[index % 2].increment("count", 3, None));
    futures::future::try_join_all(adding).await.unwrap();
    assert_eq!(hosts[0].increment("count", 0, None).await.unwrap(), 600);
    assert_eq!(hosts[1].get("count").await.unwrap().as_deref(), Some(&b"600"[..]));
    // More digits than a script's own numbers have.
    let large = (1 << 62) + 1;
    assert_eq!(hosts[0].increment("large", large, None).await.unwrap(), large);
    assert_eq!(hosts[1].increment("large", 1, None).await.unwrap(), large + 1);
    assert!(matches!(hosts[1].increment("large", large, None).await, Err(CacheError::Invalid(_))));
    hosts[0].set("text", "x", None).await.unwrap();
    assert!(matches!(hosts[1].increment("text", 1, None).await, Err(CacheError::Invalid(_))));
    assert_eq!(hosts[1].get("text").await.unwrap().as_deref(), Some(&b"x"[..]));
}

#[tokio::test]
async fn among_all_hosts_one_is_first() {
    let redis = Redis::start();
    let hosts: Vec<_> = (0..8).map(|_| plain(&redis.url(), "a")).collect();
    let kept = futures::future::try_join_all(hosts.iter().map(|host| host.set_if_absent("key", "v", None)));
    assert_eq!(kept.await.unwrap().into_iter().filter(|kept| *kept).count(), 1);
}

#[tokio::test]
async fn a_claim_finds_what_another_host_computed() {
    let redis = Redis::start();
    let (one, other) = (plain(&redis.url(), "a"), plain(&redis.url(), "a"));
    let Claimed::Lease(lease) = one.claim("key", &Holder::default()).await.unwrap() else { panic!() };
    lease.fulfil("value", None).await.unwrap();
    let Claimed::Value(value) = other.claim("key", &Holder::default()).await.unwrap() else { panic!() };
    assert_eq!(value.as_ref(), b"value");
}

#[tokio::test]
async fn no_key_reaches_what_another_plugin_keeps() {
    let redis = Redis::start();
    redis.ask(&["SET", "canary", "untouched"]);
    let plugins = ["a", "a-b", "b", "v"];
    let keys = [
        "x",
        "a",
        ":x",
        "v:x",
        "}:v:x",
        "{b}:v:x",
        "cofferdam:{b}:v:x",
        "../x",
        "*",
        "\0",
        "x\r\nFLUSHALL\r\n",
        "\r\n*1\r\n$8\r\nFLUSHALL\r\n",
        "order",
        "sizes",
        "é",
        "e\u{301}",
    ];
    let caches: Vec<_> = plugins.iter().map(|plugin| plain(&redis.url(), plugin)).collect();
    for (cache, plugin) in caches.iter().zip(plugins) {
        for key in keys {
            cache.set(key, format!("{plugin}/{key}"), None).await.unwrap();
        }
    }
    for (cache, plugin) in caches.iter().zip(plugins) {
        for key in keys {
            let value = cache.get(key).await.unwrap().unwrap();
            assert_eq!(value.as_ref(), format!("{plugin}/{key}").as_bytes());
        }
        for key in keys {
            cache.delete(key).await.unwrap();
        }
    }
    assert!(redis.ask(&["GET", "canary"]).contains("untouched"));
}

#[tokio::test]
async fn what_a_plugin_keeps_there_is_bounded() {
    let redis = Redis::start();
    let limits =
        CacheLimits { entries: Count::of(50), bytes: Bytes::of(128 << 10), ..CacheLimits::default() };
    let cache = cache(config(&redis.url()), "a", limits);
    let other = plain(&redis.url(), "b");
    other.set("key", "stays", None).await.unwrap();
    for index in 0..500 {
        cache.set(&format!("key {index}"), vec![b'x'; 1 << 10], None).await.unwrap();
    }
    let kept = |redis: &Redis| {
        let answer = redis.ask(&["DBSIZE"]);
        answer.trim().trim_start_matches(':').parse::<u64>().unwrap()
    };
    // Of this plugin its values and their two lists, of the other one a value and two lists.
    let weight = 1024 + 512 + 640;
    assert!(kept(&redis) <= 50 + 5 && (kept(&redis) - 5) * weight <= 128 << 10, "{}", kept(&redis));
    assert!(kept(&redis) > 20 + 5, "{}", kept(&redis));
    assert!(cache.get("key 499").await.unwrap().is_some() && cache.get("key 0").await.unwrap().is_none());
    assert!(other.get("key").await.unwrap().is_some());
    for index in 0..500 {
        cache.delete(&format!("key {index}")).await.unwrap();
    }
    let total = redis.ask(&["HGET", "cofferdam:{a}:sizes", ""]);
    assert_eq!(total, "$1\r\n0\r\n");
    assert_eq!(redis.ask(&["ZCARD", "cofferdam:{a}:order"]), ":0\r\n");
}

#[tokio::test]
async fn everything_that_is_there_has_an_end() {
    let redis = Redis::start();
    let cache = plain(&redis.url(), "a");
    cache.set("value", "v", None).await.unwrap();
    cache.set_if_absent("absent", "v", None).await.unwrap();
    cache.increment("count", 1, None).await.unwrap();
    for key in ["v:value", "v:absent", "v:count", "order", "sizes"] {
        let left = redis.ask(&["PTTL", &format!("cofferdam:{{a}}:{key}")]);
        let left: i64 = left.trim().trim_start_matches(':').parse().unwrap();
        assert!((1..=86_400_000).contains(&left), "{key}: {left}");
    }
}

#[tokio::test]
async fn a_user_with_the_rights_that_are_documented_is_enough() {
    let redis = Redis::start();
    let documented = include_str!("../../../../docs/capabilities.md");
    let rights: Vec<&str> = documented.split('`').filter(|quoted| quoted.starts_with('+')).collect();
    let rights = rights.iter().flat_map(|rights| rights.split(' '));
    let user: Vec<&str> =
        ["ACL", "SETUSER", "host", "on", ">secret", "~cofferdam:*"].into_iter().chain(rights).collect();
    assert_eq!(redis.ask(&user), "+OK\r\n");
    let cache = plain(&redis.url().replace("//", "//host:secret@"), "a");
    for key in ["key", "x\r\nFLUSHALL\r\n"] {
        cache.set(key, "v", None).await.unwrap();
        cache.set_if_absent(key, "v", None).await.unwrap();
        cache.get(key).await.unwrap();
        cache.delete(key).await.unwrap();
        cache.increment(key, 1, None).await.unwrap();
    }
    let few = CacheLimits { entries: Count::of(1), ..CacheLimits::default() };
    let small = super::cache(config(&redis.url().replace("//", "//host:secret@")), "b", few);
    small.set("one", "v", None).await.unwrap();
    small.set("two", "v", None).await.unwrap();
    assert_eq!(redis.ask(&["ACL", "LOG"]), "*0\r\n");
    assert_eq!(redis.ask(&["EXISTS", "cofferdam:{b}:v:two"]), ":1\r\n");
}

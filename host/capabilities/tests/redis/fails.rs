//! A Redis that is down, hangs, flaps, or holds what is none of ours.

use std::{
    net::{Ipv4Addr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use cofferdam_capabilities::{
    CacheError, CacheService,
    cache::remote::{Remote, RemoteConfig},
};
use cofferdam_policy::CacheLimits;

use super::{
    cache, config, plain,
    server::{Redis, free_port},
};

/// What a plugin can rely on without Redis.
async fn goes_on_in_memory(cache: &CacheService) {
    cache.set("key", "value", None).await.unwrap();
    assert_eq!(cache.get("key").await.unwrap().as_deref(), Some(&b"value"[..]));
    assert_eq!(cache.get("none").await.unwrap(), None);
    let unavailable = |error: &CacheError| matches!(error, CacheError::Unavailable(_));
    assert!(cache.increment("count", 1, None).await.is_err_and(|error| unavailable(&error)));
    assert!(cache.set_if_absent("first", "v", None).await.is_err_and(|error| unavailable(&error)));
    assert!(cache.delete("key").await.is_err_and(|error| unavailable(&error)));
}

/// Asks until Redis has an answer again.
async fn comes_back(cache: &CacheService) {
    let asking = async {
        while cache.increment("probe", 1, None).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), asking).await.expect("it doesn't come back");
}

#[tokio::test]
async fn a_redis_that_is_not_there_at_the_start_is_used_once_it_is() {
    let port = free_port();
    let cache = plain(&format!("redis://127.0.0.1:{port}"), "a");
    goes_on_in_memory(&cache).await;
    let redis = Redis::at(port);
    comes_back(&cache).await;
    cache.set("key", "later", None).await.unwrap();
    assert_eq!(plain(&redis.url(), "a").get("key").await.unwrap().as_deref(), Some(&b"later"[..]));
}

#[tokio::test]
async fn a_redis_that_is_killed_takes_nothing_along_that_is_in_memory() {
    let mut redis = Redis::start();
    let cache = plain(&redis.url(), "a");
    for round in 0..3 {
        cache.set("before", format!("{round}"), None).await.unwrap();
        redis.signal("KILL");
        assert_eq!(cache.get("before").await.unwrap().as_deref(), Some(round.to_string().as_bytes()));
        goes_on_in_memory(&cache).await;
        redis.restart();
        comes_back(&cache).await;
    }
}

#[tokio::test]
async fn a_redis_that_hangs_is_given_up_and_taken_up_again() {
    let redis = Redis::start();
    let impatient = RemoteConfig { timeout: Duration::from_millis(100), ..config(&redis.url()) };
    let cache = cache(impatient, "a", CacheLimits::default());
    comes_back(&cache).await;
    redis.signal("STOP");
    goes_on_in_memory(&cache).await;
    redis.signal("CONT");
    comes_back(&cache).await;
}

#[tokio::test]
async fn one_that_does_not_answer_is_not_asked_by_every_call() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for stream in listener.incoming() {
            count.fetch_add(1, Ordering::SeqCst);
            open.push(stream);
        }
    });
    let impatient = RemoteConfig { timeout: Duration::from_millis(50), ..config(&url) };
    let cache = cache(impatient, "a", CacheLimits::default());
    for index in 0..1_000 {
        cache.set(&format!("key {index}"), "v", None).await.unwrap();
    }
    // One for each second, at most, that this has taken.
    let tried = asked.load(Ordering::SeqCst);
    assert!((1..100).contains(&tried), "{tried}");
}

#[tokio::test]
async fn what_others_have_put_there_harms_one_key_alone() {
    let redis = Redis::start();
    redis.ask(&["RPUSH", "cofferdam:{a}:v:list", "x"]);
    let cache = plain(&redis.url(), "a");
    assert_eq!(cache.get("list").await.unwrap(), None);
    cache.set("other", "v", None).await.unwrap();
    assert_eq!(plain(&redis.url(), "a").get("other").await.unwrap().as_deref(), Some(&b"v"[..]));
    cache.set("list", "mine", None).await.unwrap();
    assert_eq!(plain(&redis.url(), "a").get("list").await.unwrap().as_deref(), Some(&b"mine"[..]));
}

#[tokio::test]
async fn what_is_no_address_is_refused_without_its_password() {
    for url in ["", "http://a", "redis://", "127.0.0.1:6379", "redis://user:hunter2@a:99999"] {
        let refused = Remote::new(config(url)).map(drop).unwrap_err().to_string();
        assert!(
            !refused.contains("hunter2") && refused.contains("redis://127.0.0.1:6379"),
            "{url}: {refused}"
        );
    }
    let shown = format!("{:?}", config("redis://user:hunter2@127.0.0.1"));
    assert!(!shown.contains("hunter2"), "{shown}");
}

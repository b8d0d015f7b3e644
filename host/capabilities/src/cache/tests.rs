//! The cache alone: quotas, times, counters, and who computes.

use std::sync::atomic::{AtomicUsize, Ordering};

use cofferdam_policy::units::{Bytes as Size, Count, Millis, Quantity};
use tokio::{
    sync::Barrier,
    task::JoinSet,
    time::{advance, timeout},
};

use super::*;

fn cache() -> CacheService {
    CacheService::new(CacheLimits::default())
}

fn small(bytes: u64, entries: u64) -> CacheService {
    CacheService::new(CacheLimits {
        bytes: Size::of(bytes),
        entries: Count::of(entries),
        ..CacheLimits::default()
    })
}

async fn text(cache: &CacheService, key: &str) -> Option<String> {
    cache.get(key).await.unwrap().map(|value| String::from_utf8(value.to_vec()).unwrap())
}

const SECOND: Option<Duration> = Some(Duration::from_secs(1));

#[tokio::test]
async fn a_value_is_kept_replaced_and_removed() {
    let cache = cache();
    assert_eq!(text(&cache, "a").await, None);
    cache.set("a", "1", None).await.unwrap();
    cache.set("a", "2", None).await.unwrap();
    assert_eq!(text(&cache, "a").await.as_deref(), Some("2"));
    assert!(!cache.set_if_absent("a", "3", None).await.unwrap());
    cache.delete("a").await.unwrap();
    cache.delete("a").await.unwrap();
    assert!(cache.set_if_absent("a", "4", None).await.unwrap());
    assert_eq!(text(&cache, "a").await.as_deref(), Some("4"));
}

#[tokio::test(start_paused = true)]
async fn an_entry_goes_at_its_time_and_not_before() {
    let cache = cache();
    cache.set("a", "1", SECOND).await.unwrap();
    cache.set("none", "1", Some(Duration::ZERO)).await.unwrap();
    assert_eq!(text(&cache, "none").await, None);
    advance(Duration::from_millis(999)).await;
    assert_eq!(text(&cache, "a").await.as_deref(), Some("1"));
    advance(Duration::from_millis(1)).await;
    assert_eq!(text(&cache, "a").await, None);
    assert!(cache.set_if_absent("a", "2", None).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn no_entry_outlives_the_ceiling() {
    let limits = CacheLimits { ttl: Millis::of(5_000), ..CacheLimits::default() };
    let cache = CacheService::new(limits);
    cache.set("unsaid", "1", None).await.unwrap();
    cache.set("too long", "1", Some(Duration::MAX)).await.unwrap();
    advance(Duration::from_millis(4_999)).await;
    for key in ["unsaid", "too long"] {
        assert_eq!(text(&cache, key).await.as_deref(), Some("1"));
    }
    advance(Duration::from_millis(1)).await;
    for key in ["unsaid", "too long"] {
        assert_eq!(text(&cache, key).await, None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_counter_keeps_the_time_that_it_started_with() {
    let cache = cache();
    assert_eq!(cache.increment("n", 5, SECOND).await, Ok(5));
    advance(Duration::from_millis(600)).await;
    assert_eq!(cache.increment("n", -7, SECOND).await, Ok(-2));
    assert_eq!(text(&cache, "n").await.as_deref(), Some("-2"));
    advance(Duration::from_millis(400)).await;
    assert_eq!(cache.increment("n", 1, SECOND).await, Ok(1));
}

#[tokio::test]
async fn a_counter_that_is_no_number_or_would_overflow_stays_as_it_was() {
    let cache = cache();
    for (value, by) in [("x", 1), ("", 1), ("1.5", 1), ("9223372036854775807", 1), ("-2", i64::MIN)] {
        cache.set("n", value, None).await.unwrap();
        let error = cache.increment("n", by, None).await.unwrap_err();
        assert!(matches!(error, CacheError::Invalid(_)), "{value}: {error:?}");
        assert_eq!(text(&cache, "n").await.as_deref(), Some(value));
    }
    cache.set("n", "41", None).await.unwrap();
    assert_eq!(cache.increment("n", 1, None).await, Ok(42));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_increment_is_lost_among_many() {
    let cache = cache();
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let cache = cache.clone();
        tasks.spawn(async move {
            for _ in 0..100 {
                cache.increment("n", 1, None).await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(text(&cache, "n").await.as_deref(), Some("2000"));
}

#[tokio::test]
async fn keys_and_values_have_sizes() {
    let cache = cache();
    let limit = |text: &str| Err(CacheError::Limit(text.to_owned()));
    let long = "k".repeat(512);
    cache.set(&long, "1", None).await.unwrap();
    assert_eq!(text(&cache, &long).await.as_deref(), Some("1"));
    let longer = "k".repeat(513);
    let expected = limit("the key has 513 bytes, and a key of the cache has 1 to 512");
    assert_eq!(cache.set(&longer, "1", None).await, expected);
    assert_eq!(cache.get(&longer).await.map(drop), expected);
    assert_eq!(
        cache.set("", "1", None).await,
        limit("the key has 0 bytes, and a key of the cache has 1 to 512")
    );
    cache.set("a", vec![0; 256 << 10], None).await.unwrap();
    assert_eq!(
        cache.set("a", vec![0; (256 << 10) + 1], None).await,
        limit("the value has 262145 bytes, and the cache takes values of up to 256 KiB")
    );
    assert_eq!(
        small(64 << 10, 10).set("a", vec![0; 50_000], None).await,
        limit("the value has 50000 bytes, too many for a cache of 64 KiB")
    );
}

#[tokio::test]
async fn as_many_entries_fit_as_the_quota_says_and_the_oldest_goes_first() {
    let cache = small(1 << 20, 100);
    for n in 0..100 {
        cache.set(&n.to_string(), "x", None).await.unwrap();
    }
    assert_eq!(cache.tiers().memory().held().await.0, 100);
    for n in 0..100 {
        assert!(text(&cache, &n.to_string()).await.is_some(), "{n}");
    }
    cache.tiers().memory().held().await;
    for n in 100..150 {
        cache.set(&n.to_string(), "x", None).await.unwrap();
    }
    assert_eq!(cache.tiers().memory().held().await.0, 100);
    for n in [0, 49] {
        assert_eq!(text(&cache, &n.to_string()).await, None, "{n}");
    }
    for n in [50, 149] {
        assert!(text(&cache, &n.to_string()).await.is_some(), "{n}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_bomb_of_values_stays_within_the_bytes() {
    let cache = small(4 << 20, 1_000);
    let mut tasks = JoinSet::new();
    for task in 0..4 {
        let cache = cache.clone();
        tasks.spawn(async move {
            for n in 0..2_000 {
                cache.set(&format!("{task} {n}"), vec![1; 64 << 10], None).await.unwrap();
            }
        });
    }
    tasks.join_all().await;
    let (entries, bytes) = cache.tiers().memory().held().await;
    assert!(entries > 35 && bytes <= (4 << 20) * 2 / 3, "{entries} entries of {bytes} bytes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_who_miss_at_once_compute_once() {
    let cache = cache();
    let (computed, barrier) = (Arc::new(AtomicUsize::new(0)), Arc::new(Barrier::new(200)));
    let mut tasks = JoinSet::new();
    for _ in 0..200 {
        let (cache, computed, barrier) = (cache.clone(), Arc::clone(&computed), Arc::clone(&barrier));
        tasks.spawn(async move {
            barrier.wait().await;
            match cache.claim("a", &Holder::default()).await.unwrap() {
                Claimed::Value(value) => value,
                Claimed::Lease(lease) => {
                    computed.fetch_add(1, Ordering::Relaxed);
                    tokio::task::yield_now().await;
                    lease.fulfil("v", None).await.unwrap();
                    "v".into()
                }
            }
        });
    }
    assert!(tasks.join_all().await.iter().all(|value| &**value == b"v"));
    assert_eq!(computed.load(Ordering::Relaxed), 1);
    assert!(cache.flights().is_empty());
}

#[tokio::test]
async fn a_lease_that_is_dropped_lets_the_next_one_compute_and_only_one() {
    let cache = cache();
    let Claimed::Lease(first) = cache.claim("a", &Holder::default()).await.unwrap() else { panic!() };
    let mut waiting = JoinSet::new();
    for _ in 0..10 {
        let cache = cache.clone();
        waiting.spawn(async move { cache.claim("a", &Holder::default()).await.unwrap() });
    }
    tokio::task::yield_now().await;
    drop(first);
    let Claimed::Lease(second) = waiting.join_next().await.unwrap().unwrap() else { panic!() };
    // What can't be kept is computed by the next one, too.
    second.fulfil(vec![0; 1 << 20], None).await.unwrap_err();
    let Claimed::Lease(third) = waiting.join_next().await.unwrap().unwrap() else { panic!() };
    third.fulfil("v", None).await.unwrap();
    for claimed in waiting.join_all().await {
        assert!(matches!(claimed, Claimed::Value(value) if value == "v"));
    }
    assert!(cache.flights().is_empty());
}

#[tokio::test]
async fn a_value_reaches_those_who_wait_even_if_it_is_not_kept() {
    let cache = cache();
    let Claimed::Lease(lease) = cache.claim("a", &Holder::default()).await.unwrap() else { panic!() };
    let waiting = tokio::spawn({
        let cache = cache.clone();
        async move { cache.claim("a", &Holder::default()).await.unwrap() }
    });
    tokio::task::yield_now().await;
    lease.fulfil("v", Some(Duration::ZERO)).await.unwrap();
    assert!(matches!(waiting.await.unwrap(), Claimed::Value(value) if value == "v"));
    assert_eq!(text(&cache, "a").await, None);
}

#[tokio::test(start_paused = true)]
async fn who_holds_a_lease_never_waits() {
    let cache = cache();
    let (one, two) = (Holder::default(), Holder::default());
    // The clock moves only when all wait.
    let second = Duration::from_secs(1);
    let claim = async |key, holder| match timeout(second, cache.claim(key, holder)).await.unwrap().unwrap() {
        Claimed::Lease(lease) => lease,
        Claimed::Value(value) => panic!("{value:?}"),
    };
    let (a, b) = (claim("a", &one).await, claim("b", &two).await);
    // Each wants what the other computes, and the first also what it computes itself.
    let (other, again, across) = (claim("b", &one).await, claim("a", &one).await, claim("a", &two).await);
    again.fulfil("inner", None).await.unwrap();
    a.fulfil("outer", None).await.unwrap();
    assert_eq!(text(&cache, "a").await.as_deref(), Some("outer"));
    drop((b, other, across));
    assert_eq!((one.count(), two.count()), (0, 0));
    assert!(cache.flights().is_empty());
}

#[tokio::test]
async fn a_call_has_a_bounded_number_of_leases() {
    let (cache, holder) = (cache(), Holder::default());
    let mut held = Vec::new();
    for n in 0..64 {
        held.push(cache.claim(&n.to_string(), &holder).await.unwrap());
    }
    let expected = "this call has 64 leases of the cache, and that is the most that it can have";
    let error = cache.claim("one more", &holder).await.unwrap_err();
    assert_eq!(error, CacheError::Limit(expected.to_owned()));
    held.pop();
    cache.claim("one more", &holder).await.unwrap();
}

#[tokio::test]
async fn many_values_come_in_the_order_of_their_keys_and_are_paid_for() {
    let cache = cache();
    cache.set("a", "123", None).await.unwrap();
    cache.set("b", "45", None).await.unwrap();
    let keys = ["b", "none", "a", "a"].map(str::to_owned);
    let mut paid = 0;
    let pay = |bytes| {
        paid += bytes;
        if paid > 8 { Err(()) } else { Ok(()) }
    };
    let values = cache.get_many(&keys, pay).await.unwrap().unwrap();
    assert_eq!(values, [Some("45".into()), None, Some("123".into()), Some("123".into())]);
    assert_eq!(cache.get_many(&keys, |bytes| if bytes > 2 { Err("no") } else { Ok(()) }).await, Err("no"));
}

//! Does to its cache whatever a test asks, and too much of it.

use std::time::Duration;

use cofferdam_sdk::prelude::*;

#[derive(Deserialize, JsonSchema)]
struct Keys {
    keys: Vec<String>,
}

#[derive(Deserialize, JsonSchema)]
struct Entry {
    key: String,
    value: String,
    ttl_ms: Option<u64>,
}

/// Keep one text.
#[tool]
fn set(entry: Entry, cache: Cache) -> Result<()> {
    cache.set(&entry.key, &entry.value, entry.ttl_ms.map(Duration::from_millis))
}

/// The texts under some keys.
#[tool]
fn get(keys: Keys, cache: Cache) -> Result<Vec<Option<String>>> {
    cache.get_many(&keys.keys)
}

/// Remove some keys.
#[tool]
fn delete(keys: Keys, cache: Cache) -> Result<()> {
    keys.keys.iter().try_for_each(|key| cache.delete(key))
}

#[derive(Deserialize, JsonSchema)]
struct Bomb {
    sets: u32,
    bytes: usize,
    prefix: String,
}

/// Keep as much as it takes.
#[tool]
fn bomb(bomb: Bomb, cache: Cache) -> Result<()> {
    let value = vec![b'x'; bomb.bytes];
    (0..bomb.sets).try_for_each(|n| cache.set_bytes(format!("{}{n}", bomb.prefix), &value, None))
}

/// How many of what a bomb kept are there.
#[tool]
fn survivors(bomb: Bomb, cache: Cache) -> Result<usize> {
    let is_there = |n| cache.get_bytes(format!("{}{n}", bomb.prefix)).map(|value| value.is_some());
    (0..bomb.sets).map(is_there).try_fold(0, |sum, found| Ok(sum + usize::from(found?)))
}

/// The same value many times, in one answer.
#[tool]
fn many(bomb: Bomb, cache: Cache) -> Result<usize> {
    cache.set_bytes("value", vec![b'x'; bomb.bytes], None)?;
    let keys: Vec<_> = (0..bomb.sets).map(|_| "value").collect();
    Ok(cache.get_many_bytes(&keys)?.len())
}

#[derive(Deserialize, JsonSchema)]
struct Count {
    by: i64,
    times: u32,
}

/// Add to a counter, and say what it is then.
#[tool]
fn count(count: Count, cache: Cache) -> Result<Option<i64>> {
    (0..count.times).try_for_each(|_| cache.increment("count", count.by, None).map(drop))?;
    cache.get("count")
}

#[derive(Deserialize, JsonSchema)]
struct Once {
    /// How many computations go wrong before one succeeds.
    failures: i64,
    how: How,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum How {
    /// Return an error.
    Fail,
    /// Panic.
    Panic,
    /// Run until a limit ends it.
    Spin,
}

/// Compute a value, unless another call does: the number of computations. Waits for the key `go`.
#[expect(clippy::panic, reason = "that is what it is for")]
#[tool]
fn once(once: Once, cache: Cache) -> Result<i64> {
    cache.get_or_insert("once", None, || {
        while cache.get_bytes("go")?.is_none() {
            std::thread::sleep(Duration::from_millis(2));
        }
        let computed = cache.increment("computed", 1, None)?;
        match once.how {
            _ if computed > once.failures => Ok(computed),
            How::Fail => Err(ToolError::failed("the first one fails")),
            How::Panic => panic!("the first one panics"),
            How::Spin => loop {
                std::hint::spin_loop();
            },
        }
    })
}

#[derive(Deserialize, JsonSchema)]
struct Nest {
    depth: u32,
    /// Whether all of them want the same key.
    same: bool,
}

/// Compute a value while another one is being computed, so many deep.
#[tool]
fn nest(nest: Nest, cache: Cache) -> Result<u32> {
    nested(&cache, &nest, 1)
}

fn nested(cache: &Cache, nest: &Nest, depth: u32) -> Result<u32> {
    let key = if nest.same { "same".to_owned() } else { depth.to_string() };
    cache.get_or_insert(key, None, || {
        if depth == nest.depth { Ok(depth) } else { nested(cache, nest, depth + 1) }
    })
}

plugin!(set, get, delete, bomb, survivors, many, count, once, nest);

//! Copies in the cache: what was said of a body, and the body in pieces that fit.

use std::hash::{DefaultHasher, Hasher};
use std::time::Duration;

use cofferdam_sdk::prelude::*;

use crate::bounds;
use crate::freshness::Freshness;

/// Bytes of one piece: the cache takes values of 256 KiB at most, unless the operator says otherwise.
const PIECE: usize = 200 * 1024;

/// Keys of the cache have at most 512 bytes; what is put before the address is among them.
const MAX_KEY: usize = 440;

/// How long a copy is kept, to be asked about.
const KEEP: Duration = hours(24);

/// A copy of what an address gave.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Copy {
    pub(crate) about: About,
    pub(crate) body: Vec<u8>,
}

/// What was said of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct About {
    /// Where it came from, after redirects.
    pub(crate) url: String,
    pub(crate) content_type: Option<String>,
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
}

/// A copy's entry, which its pieces must fit: another call may be replacing them.
#[derive(Serialize, Deserialize)]
struct Entry {
    about: About,
    length: usize,
    mark: u64,
}

/// The place of an address in the cache.
pub(crate) struct Place<'a> {
    cache: &'a Cache,
    /// None for an address that is too long to be a key.
    key: Option<String>,
}

/// What the cache can't do is no reason not to answer, so nothing here fails.
impl<'a> Place<'a> {
    /// `kind` tells apart what is asked for in different ways.
    pub(crate) fn new(cache: &'a Cache, kind: &str, url: &str) -> Self {
        let key = format!("{kind} {url}");
        Self { cache, key: (key.len() <= MAX_KEY).then_some(key) }
    }

    pub(crate) fn get(&self) -> Option<Copy> {
        let key = self.key.as_deref()?;
        let Entry { about, length, mark } = self.cache.get(format!("about {key}")).ok()??;
        let keys: Vec<_> = (0..length.min(bounds::MAX_KEPT).div_ceil(PIECE))
            .map(|piece| format!("body {piece} {key}"))
            .collect();
        let pieces: Option<Vec<Vec<u8>>> = self.cache.get_many_bytes(&keys).ok()?.into_iter().collect();
        let body = pieces?.concat();
        (body.len() == length && fingerprint(&body) == mark).then_some(Copy { about, body })
    }

    pub(crate) fn is_fresh(&self) -> bool {
        let fresh = self.key.as_ref().map(|key| self.cache.get_bytes(format!("fresh {key}")));
        matches!(fresh, Some(Ok(Some(_))))
    }

    pub(crate) fn set(&self, copy: &Copy, freshness: Freshness) {
        let Some(key) = &self.key else { return };
        if freshness == Freshness::Never || copy.body.len() > bounds::MAX_KEPT {
            drop(self.cache.delete(format!("about {key}")));
            return;
        }
        let entry =
            Entry { about: copy.about.clone(), length: copy.body.len(), mark: fingerprint(&copy.body) };
        for (piece, bytes) in copy.body.chunks(PIECE).enumerate() {
            drop(self.cache.set_bytes(format!("body {piece} {key}"), bytes, KEEP));
        }
        drop(self.cache.set(format!("about {key}"), &entry, KEEP));
        self.set_fresh(freshness);
    }

    pub(crate) fn set_fresh(&self, freshness: Freshness) {
        let Some(key) = &self.key else { return };
        let key = format!("fresh {key}");
        match freshness {
            Freshness::For(time) => drop(self.cache.set_bytes(key, [1], time)),
            Freshness::Stale | Freshness::Never => drop(self.cache.delete(key)),
        }
    }
}

fn fingerprint(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use cofferdam_sdk::mock::Host;

    use super::*;

    fn copy(body: Vec<u8>) -> Copy {
        let about = About {
            url: "https://a.example/".into(),
            content_type: None,
            etag: Some("e".into()),
            last_modified: None,
        };
        Copy { about, body }
    }

    #[test]
    fn a_large_body_comes_back_whole_or_not_at_all() {
        let host = Host::new();
        let cache: Cache = host.handle();
        let place = Place::new(&cache, "page", "https://a.example/");
        let large = copy((0..PIECE * 2 + 7).map(|i| (i % 251) as u8).collect());
        place.set(&large, Freshness::Stale);
        assert_eq!(place.get(), Some(large.clone()));
        assert!(!place.is_fresh());
        cache.set_bytes("body 1 page https://a.example/", vec![0; PIECE], None).unwrap();
        assert_eq!(place.get(), None);
        place.set(&large, Freshness::Stale);
        cache.delete("body 2 page https://a.example/").unwrap();
        assert_eq!(place.get(), None);
    }

    #[test]
    fn what_may_not_or_can_not_be_kept_is_not() {
        let host = Host::new();
        let cache: Cache = host.handle();
        let place = Place::new(&cache, "page", "https://a.example/");
        place.set(&copy(vec![1]), Freshness::For(minutes(1)));
        assert!(place.is_fresh() && place.get().is_some());
        place.set(&copy(vec![1]), Freshness::Never);
        assert_eq!(place.get(), None);
        place.set(&copy(vec![0; bounds::MAX_KEPT + 1]), Freshness::Stale);
        assert_eq!(place.get(), None);
        let long = Place::new(&cache, "page", &format!("https://a.example/{}", "x".repeat(600)));
        long.set(&copy(vec![1]), Freshness::Stale);
        assert_eq!(long.get(), None);
    }
}

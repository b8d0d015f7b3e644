//! One page of a list of results: as many as were asked for, and as fit.

use cofferdam_sdk::prelude::*;

use crate::bounds::PAGE_BYTES;

/// Which results to return.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Paging {
    /// Return at most this many results.
    #[schemars(range(min = 1, max = 1000))]
    #[serde(default = "hundred")]
    limit: usize,
    /// Skip this many results first: for the next page, pass `next_offset` of the last answer.
    #[schemars(range(max = 1_000_000))]
    #[serde(default)]
    offset: usize,
}

fn hundred() -> usize {
    100
}

/// The results of a page.
#[derive(Debug, PartialEq)]
pub(crate) struct Page<T> {
    /// The results.
    pub(crate) items: Vec<T>,
    /// Whether there are more after these.
    pub(crate) truncated: bool,
    /// The offset of the next page, if there is one.
    pub(crate) next_offset: Option<usize>,
}

impl Paging {
    /// The page of `items`; a page ends early when it is full.
    pub(crate) fn cut<T>(&self, items: Vec<T>, size: impl Fn(&T) -> usize) -> Page<T> {
        let total = items.len();
        let mut room = PAGE_BYTES;
        let mut page = Vec::new();
        for item in items.into_iter().skip(self.offset).take(self.limit) {
            let size = size(&item);
            // One result always fits, or a page could be empty for ever.
            if size > room && !page.is_empty() {
                break;
            }
            room = room.saturating_sub(size);
            page.push(item);
        }
        let end = self.offset.saturating_add(page.len());
        let truncated = end < total;
        Page { items: page, truncated, next_offset: truncated.then_some(end) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other() {
        let paging = |limit, offset| Paging { limit, offset };
        let page = |items, truncated, next_offset| Page { items, truncated, next_offset };
        for (limit, offset, expected) in [
            (2, 0, page(vec![1, 2], true, Some(2))),
            (2, 4, page(vec![5], false, None)),
            (5, 0, page(vec![1, 2, 3, 4, 5], false, None)),
            (5, 9, page(vec![], false, None)),
        ] {
            assert_eq!(paging(limit, offset).cut(vec![1, 2, 3, 4, 5], |_| 1), expected);
        }
    }

    #[test]
    fn a_full_page_ends_early_but_is_never_empty() {
        let paging = Paging { limit: 10, offset: 0 };
        let half = PAGE_BYTES / 2;
        assert_eq!(paging.cut(vec![half, half, 1], |size| *size).next_offset, Some(2));
        assert_eq!(paging.cut(vec![PAGE_BYTES * 2, 1], |size| *size).items, [PAGE_BYTES * 2]);
    }
}

//! From two lists of anything that can be told apart to the operations that lead from one to the other.
//!
//! The algorithm runs on numbers, one per different element: faster, and the library's code is in the component
//! once instead of once per element type and algorithm.

use std::collections::HashMap;
use std::hash::Hash;

use similar::DiffOp;
use similar::algorithms::{Capture, Compact, Replace, myers};

/// The operations that lead from `old` to `new`.
pub(super) fn operations<T: Eq + Hash>(old: &[T], new: &[T]) -> Vec<DiffOp> {
    let mut known = HashMap::new();
    let mut number = |element| {
        let next = known.len();
        *known.entry(element).or_insert(next)
    };
    let old: Vec<_> = old.iter().map(&mut number).collect();
    let new: Vec<_> = new.iter().map(&mut number).collect();
    numbered(&old, &new)
}

fn numbered(old: &[usize], new: &[usize]) -> Vec<DiffOp> {
    let mut hook = Compact::new(Replace::new(Capture::new()), old, new);
    let Ok(()) = myers::diff(&mut hook, old, 0..old.len(), new, 0..new.len());
    hook.into_inner().into_inner().into_ops()
}

#[cfg(test)]
mod tests {
    use similar::DiffTag;

    use super::operations;

    fn tags(old: &str, new: &str) -> Vec<(DiffTag, usize, usize)> {
        let letters = |text: &str| text.chars().collect::<Vec<_>>();
        let ops = operations(&letters(old), &letters(new));
        ops.iter().map(|op| (op.tag(), op.old_range().len(), op.new_range().len())).collect()
    }

    #[test]
    fn operations_lead_from_old_to_new() {
        use DiffTag::{Delete, Equal, Insert, Replace};
        for (old, new, expected) in [
            ("", "", vec![]),
            ("abc", "abc", vec![(Equal, 3, 3)]),
            ("abc", "axc", vec![(Equal, 1, 1), (Replace, 1, 1), (Equal, 1, 1)]),
            ("abc", "ac", vec![(Equal, 1, 1), (Delete, 1, 0), (Equal, 1, 1)]),
            ("", "xy", vec![(Insert, 0, 2)]),
        ] {
            assert_eq!(tags(old, new), expected, "{old:?} {new:?}");
        }
    }

    #[test]
    fn large_texts_with_little_in_common_end_soon() {
        let old: Vec<_> = (0..40_000).map(|n| n * 2).collect();
        let new: Vec<_> = (0..40_000).map(|n| n * 3).collect();
        assert!(!operations(&old, &new).is_empty());
    }
}

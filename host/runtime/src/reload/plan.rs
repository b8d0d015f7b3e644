//! What to do, decided from two looks and what is known. Pure: no file is touched.
//!
//! A change counts once two looks in a row agree on it. Until then somebody may still be writing, or putting a
//! new file where the old one was.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use super::look::{Found, Looked};
use crate::load::Stamp;

/// What to do.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Files to read, in order of their names.
    pub(crate) read: Vec<PathBuf>,
    /// Files that are gone.
    pub(crate) gone: Vec<PathBuf>,
    /// Something is changing: look again soon.
    pub(crate) unsettled: bool,
}

/// The plan for what `now` shows, after `before`. `known` holds the stamp of each file as it was last read.
pub(crate) fn plan(known: &BTreeMap<PathBuf, Stamp>, before: &Looked, now: &Looked) -> Plan {
    let mut plan = Plan::default();
    let paths: BTreeSet<_> = known.keys().chain(now.keys()).collect();
    for path in paths {
        let read = known.get(path);
        match (now.get(path), before.get(path)) {
            (Some(Found::File(stamp)), _) if read == Some(stamp) => {}
            (Some(Found::File(stamp)), Some(Found::File(earlier))) if stamp == earlier => {
                plan.read.push(path.clone());
            }
            (Some(Found::File(_)), _) => plan.unsettled = true,
            (None | Some(Found::Unfit(_)), None | Some(Found::Unfit(_))) => {
                plan.gone.extend(read.map(|_| path.clone()));
            }
            (None | Some(Found::Unfit(_)), Some(Found::File(_))) => plan.unsettled |= read.is_some(),
        }
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(directory: &std::path::Path, content: &str) -> Stamp {
        let path = directory.join("x");
        std::fs::write(&path, content).unwrap();
        Stamp::of(&path, &std::fs::metadata(&path).unwrap())
    }

    fn looked(stamp: Option<&Stamp>) -> Looked {
        stamp.map(|stamp| (PathBuf::from("a.wasm"), Found::File(stamp.clone()))).into_iter().collect()
    }

    #[test]
    fn two_looks_must_agree() {
        let directory = tempfile::tempdir().unwrap();
        let (one, two) = (stamp(directory.path(), "1"), stamp(directory.path(), "22"));
        let a = PathBuf::from("a.wasm");
        let known = |stamp: Option<&Stamp>| stamp.map(|s| (a.clone(), s.clone())).into_iter().collect();
        let read = Plan { read: vec![a.clone()], ..Plan::default() };
        let gone = Plan { gone: vec![a.clone()], ..Plan::default() };
        let wait = Plan { unsettled: true, ..Plan::default() };
        for (known_stamp, before, now, expected) in [
            (None, None, Some(&one), &wait),
            (None, Some(&one), Some(&one), &read),
            (None, Some(&one), Some(&two), &wait),
            (Some(&one), Some(&one), Some(&one), &Plan::default()),
            (Some(&one), Some(&one), Some(&two), &wait),
            (Some(&one), Some(&two), Some(&two), &read),
            (Some(&one), Some(&one), None, &wait),
            (Some(&one), None, None, &gone),
            (Some(&one), None, Some(&one), &Plan::default()),
            (None, Some(&one), None, &Plan::default()),
        ] {
            let plan = plan(&known(known_stamp), &looked(before), &looked(now));
            assert_eq!(&plan, expected, "{known_stamp:?} {before:?} {now:?}");
        }
    }
}

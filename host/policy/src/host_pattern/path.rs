//! Rules for paths, and what makes a path unclear.
//!
//! A folder rule is only as strong as the weakest reading of the path behind it: the upstream, or a proxy in
//! front of it, may decode the path once or twice before it resolves `..`, take a backslash for a slash, or
//! cut a segment at a semicolon. So what any of them could read as a way up is refused.

use std::{borrow::Cow, fmt};

/// Which paths a pattern covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PathRule {
    Exact(String),
    /// All that starts with this, which ends with a slash.
    Below(String),
}

impl PathRule {
    pub(super) fn matches(&self, path: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == path,
            Self::Below(folder) => path.starts_with(folder.as_str()),
        }
    }

    /// Whether a path that matches could be read as one that doesn't.
    pub(super) fn is_unclear(&self, path: &str) -> bool {
        match self {
            // What is written is what was granted; and the whole host has no outside.
            Self::Exact(_) => false,
            Self::Below(folder) => folder != "/" && may_climb(path),
        }
    }
}

impl fmt::Display for PathRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(path) => f.write_str(path),
            Self::Below(folder) => write!(f, "{folder}*"),
        }
    }
}

/// How often a path is decoded to see what becomes of it; one that still changes then is refused.
const ROUNDS: usize = 4;

/// Whether some reading of `path` has a segment that leads up.
pub(crate) fn may_climb(path: &str) -> bool {
    let mut bytes = path.as_bytes().to_vec();
    for _ in 0..ROUNDS {
        if has_dot_segment(&bytes) {
            return true;
        }
        match decoded(&bytes) {
            Cow::Borrowed(_) => return false,
            Cow::Owned(next) => bytes = next,
        }
    }
    true
}

fn has_dot_segment(bytes: &[u8]) -> bool {
    // A path that isn't text is read differently by everyone (overlong forms of `.` and `/` among them), and
    // control characters end it early for some.
    let Ok(text) = str::from_utf8(bytes) else { return true };
    if text.chars().any(char::is_control) {
        return true;
    }
    let name = |segment: &str| segment.split(';').next().map(str::trim).map(str::to_owned);
    text.split(['/', '\\']).filter_map(name).any(|name| name == "." || name == "..")
}

/// One round of percent-decoding; borrowed if there was nothing to decode.
fn decoded(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    let mut changed = false;
    while let Some((first, tail)) = rest.split_first() {
        match (first, tail) {
            (b'%', [high, low, after @ ..]) if hex(*high).is_some() && hex(*low).is_some() => {
                out.push(hex(*high).unwrap_or(0) << 4 | hex(*low).unwrap_or(0));
                rest = after;
                changed = true;
            }
            _ => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    if changed { Cow::Owned(out) } else { Cow::Borrowed(bytes) }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

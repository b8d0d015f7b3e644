//! How long a copy may be used without asking again, by what its server said.

use std::time::Duration;

use cofferdam_sdk::{Response, hours, minutes};

/// Where the server says nothing.
const UNSAID: Duration = minutes(5);

/// At most, whatever the server says: an operator who takes a grant back doesn't wait for longer.
const LONGEST: Duration = hours(1);

/// What may be done with a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// It isn't kept.
    Never,
    /// It is kept, and asked about each time.
    Stale,
    /// It is used for so long.
    For(Duration),
}

/// What the headers of a response allow.
pub(crate) fn of(response: &Response) -> Freshness {
    let said = values(response, "cache-control");
    let directives: Vec<_> = said.split(',').map(str::trim).collect();
    let has = |name: &str| directives.iter().any(|directive| directive.split('=').next() == Some(name));
    if has("no-store") || values(response, "vary").split(',').any(|name| name.trim() == "*") {
        return Freshness::Never;
    }
    let old_style = said.is_empty() && values(response, "pragma").contains("no-cache");
    if has("no-cache") || old_style {
        return Freshness::Stale;
    }
    let seconds = |text: &str| text.trim().trim_matches('"').parse::<u64>().ok();
    let max_age = directives.iter().find_map(|directive| directive.strip_prefix("max-age="));
    match max_age.map(|age| seconds(age).unwrap_or(0)) {
        Some(age) => {
            let spent = seconds(&values(response, "age")).unwrap_or(0);
            fresh(Duration::from_secs(age.saturating_sub(spent)))
        }
        // A date of the past, as servers write it.
        None if matches!(values(response, "expires").as_str(), "0" | "-1") => Freshness::Stale,
        None => fresh(UNSAID),
    }
}

fn fresh(time: Duration) -> Freshness {
    if time.is_zero() { Freshness::Stale } else { Freshness::For(time.min(LONGEST)) }
}

fn values(response: &Response, name: &str) -> String {
    let found = response.headers.iter().filter(|(known, _)| known == name);
    let texts: Vec<_> = found.map(|(_, value)| String::from_utf8_lossy(value).to_ascii_lowercase()).collect();
    texts.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_says_how_long() {
        use Freshness::{For, Never, Stale};
        let day = "max-age=86400";
        for (headers, expected) in [
            (&[][..], For(UNSAID)),
            (&[("cache-control", "public, Max-Age=60")], For(Duration::from_secs(60))),
            (&[("cache-control", "max-age=60"), ("age", "50")], For(Duration::from_secs(10))),
            (&[("cache-control", "max-age=60"), ("age", "99")], Stale),
            (&[("cache-control", day)], For(LONGEST)),
            (&[("cache-control", "max-age=99999999999999999999999")], Stale),
            (&[("cache-control", "no-cache"), ("cache-control", day)], Stale),
            (&[("cache-control", "private, no-store")], Never),
            (&[("vary", "accept, *")], Never),
            (&[("pragma", "no-cache")], Stale),
            (&[("expires", "0")], Stale),
        ] {
            let response =
                headers.iter().fold(Response::new(200, ""), |r, (name, value)| r.with_header(name, *value));
            assert_eq!(of(&response), expected, "{headers:?}");
        }
    }
}
